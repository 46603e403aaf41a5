//! Says of each resource that a saved plan changes whether it is still as the plan saw it.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::SealedPlan;
use super::compare::{follows_from_others, stale};
use super::stale::{BaselineChange, Stale};
use crate::model::{Action, Address, Change, has_reference};
use crate::plan::ResourcePlan;

/// What became of a saved plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Verification {
    /// The resources that the plan changes, in its order.
    pub resources: Vec<VerifiedResource>,
    /// Every difference between the plan and what would happen now.
    pub differences: Vec<Stale>,
    /// The secret values that it writes and that are not compared, because it was saved without a plan key.
    pub unbound_secrets: usize,
}

/// What became of a resource that a saved plan changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VerifiedResource {
    /// The resource.
    pub address: Address,
    /// What the plan does to it.
    pub action: Action,
    /// What became of it.
    pub standing: Standing,
    /// What happened to it since, if it is not the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<BaselineChange>,
    /// When Lambda last modified it, where it tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// The fields that changed since, from then to now, if it has moved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Change<Value>>,
}

/// What became of a resource since a plan was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is as the plan saw it.
    Same,
    /// It is as the plan would make it.
    Applied,
    /// It changed.
    Moved,
    /// It no longer exists.
    Gone,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Standing::Same => "same",
            Standing::Applied => "already applied",
            Standing::Moved => "moved",
            Standing::Gone => "gone",
        })
    }
}

impl Verification {
    /// Tests if the plan may be applied: nothing at all differs.
    pub fn is_current(&self) -> bool {
        self.differences.is_empty()
    }

    /// Tests if the same steps would happen now, though the spec may have changed in something else.
    pub fn is_same(&self) -> bool {
        self.differences.iter().all(Stale::is_harmless)
    }

    /// Tests if everything that the plan does has been done.
    pub fn is_applied(&self) -> bool {
        !self.resources.is_empty() && self.resources.iter().all(|it| it.standing == Standing::Applied)
    }

    /// Returns the differences that are not those of single resources: another spec, account or region, or other steps.
    pub fn others(&self) -> impl Iterator<Item = &Stale> {
        self.differences.iter().filter(|it| !matches!(it, Stale::Changed { .. }))
    }
}

/// Compares a saved plan with the plan of now. Both must be sealed with the same binding.
pub fn verify(saved: &SealedPlan, now: &SealedPlan) -> Verification {
    let differences = stale(saved, now);
    let changed = || saved.resources.iter().filter(|planned| planned.action != Action::Keep);
    // Nothing is known of resources of another account, region or stack, or of those that the spec now declares otherwise.
    let is_known = |of: &Address| {
        differences.iter().all(|it| match it {
            Stale::OtherSpec { .. } => false,
            Stale::SpecChanged { resources } => !resources.contains(of),
            Stale::OtherValues { address, .. } => address != of,
            _ => true,
        })
    };
    let has_key = saved.plan_key.is_some();
    let standing = |planned| standing(planned, &differences, now, has_key);
    let resources = changed().filter(|it| is_known(&it.address)).map(standing);
    let is_secret = |it: &ResourcePlan<Value>, change: &Change<Value>| {
        // The content of a version repeats that of its function.
        change.secret && change.after.is_some() && !follows_from_others(&it.address, &change.path)
    };
    let secrets = changed().map(|it| it.changes.iter().filter(|change| is_secret(it, change)).count());
    let unbound_secrets = if has_key { 0 } else { secrets.sum() };
    Verification { resources: resources.collect(), unbound_secrets, differences }
}

/// Says what became of a resource that the saved plan changes.
fn standing(planned: &ResourcePlan<Value>, differences: &[Stale], now: &SealedPlan, has_key: bool) -> VerifiedResource {
    let address = planned.address.clone();
    let difference = differences.iter().find_map(|difference| match difference {
        Stale::Changed { address: of, fields, change } if *of == address => Some((fields.clone(), *change)),
        _ => None,
    });
    let wanted = now.resources.iter().find(|it| it.address == address);
    let is_applied = match planned.action {
        Action::Delete => wanted.is_none_or(|it| it.baseline.is_none()),
        _ => wanted.is_some_and(|it| it.action == Action::Keep && is_as_planned(planned, it, has_key)),
    };
    let (standing, fields, change) = match difference {
        None => (Standing::Same, Vec::new(), None),
        Some((_, change)) if is_applied => (Standing::Applied, Vec::new(), Some(change)),
        Some((_, change @ BaselineChange::Deleted)) => (Standing::Gone, Vec::new(), Some(change)),
        Some((fields, change)) => (Standing::Moved, fields, Some(change)),
    };
    VerifiedResource { address, action: planned.action, standing, change, modified: None, fields }
}

/// Tests if the live fields have the values that the plan gives them, as far as that is known: nobody can tell of secrets without a
/// key, and of what another resource was still to give.
fn is_as_planned(planned: &ResourcePlan<Value>, now: &ResourcePlan<Value>, has_key: bool) -> bool {
    let live = now.baseline.as_ref().map(|it| &it.value);
    let is_hidden = |change: &&Change<Value>| change.secret && !has_key;
    let is_set = |change: &Change<Value>| live.and_then(|live| change.path.get(live)) == change.after.as_ref();
    let is_awaited = |change: &Change<Value>| change.after.as_ref().and_then(Value::as_str).is_some_and(has_reference);
    let all_are_hidden = !planned.changes.is_empty() && planned.changes.iter().all(|change| is_hidden(&change));
    let mut known = planned.changes.iter().filter(|change| !is_awaited(change) && !is_hidden(change));
    !all_are_hidden && known.all(is_set)
}
