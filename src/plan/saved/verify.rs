//! Says of each resource that a saved plan changes whether it is still as the plan saw it.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::SealedPlan;
use super::stale::{BaselineChange, Stale, stale};
use crate::model::{Action, Address, Change};
use crate::plan::ResourcePlan;

/// What became of a saved plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Verification {
    /// The resources that the plan changes, in its order.
    pub resources: Vec<VerifiedResource>,
    /// The reasons for which it would not be applied, other than the resources: it is for another spec, or other steps would run.
    pub others: Vec<Stale>,
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
    /// Tests if the same steps would happen now.
    pub fn is_same(&self) -> bool {
        self.others.is_empty() && self.resources.iter().all(|it| it.standing == Standing::Same)
    }
}

/// Compares a saved plan with the plan of now. Both must be sealed with the same binding.
pub fn verify(saved: &SealedPlan, now: &SealedPlan) -> Verification {
    let (mut moved, mut others) = (BTreeMap::new(), Vec::new());
    for difference in stale(saved, now) {
        match difference {
            Stale::Changed { address, fields, change } => drop(moved.insert(address, (fields, change))),
            other => others.push(other),
        }
    }
    if others.iter().any(|other| matches!(other, Stale::OtherSpec { .. })) {
        // Nothing is known of resources that another spec, account or region declares.
        return Verification { resources: Vec::new(), others };
    }
    let current: BTreeMap<&Address, &ResourcePlan<Value>> = now.resources.iter().map(|it| (&it.address, it)).collect();
    let changed = saved.resources.iter().filter(|planned| planned.action != Action::Keep);
    let resources = changed.map(|planned| {
        let address = planned.address.clone();
        let difference = moved.remove(&address);
        let wanted = current.get(&address).copied();
        let is_applied = match planned.action {
            Action::Delete => wanted.is_none_or(|it| it.baseline.is_none()),
            _ => wanted.is_some_and(|it| it.action == Action::Keep),
        };
        let (standing, fields) = match difference {
            None if !is_applied || planned.baseline == wanted.and_then(|it| it.baseline.clone()) => {
                (Standing::Same, Vec::new())
            }
            _ if is_applied => (Standing::Applied, Vec::new()),
            Some((_, BaselineChange::Deleted)) => (Standing::Gone, Vec::new()),
            Some((fields, _)) => (Standing::Moved, fields),
            None => (Standing::Moved, Vec::new()),
        };
        VerifiedResource { address, action: planned.action, standing, fields }
    });
    Verification { resources: resources.collect(), others }
}
