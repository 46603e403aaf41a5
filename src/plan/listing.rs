//! What the listing says of each resource: what happens to it, what is lost, and why it must not be done.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::build::Planner;
use super::{Baseline, Refusal, ResourcePlan};
use crate::declaration::Desired;
use crate::kinds;
use crate::model::{Action, Address};
use crate::resource::{Attribute, Attributes, KindEntry, Observed, STACK_TAG, State, WriteContext};

impl Planner<'_> {
    /// Refuses to make something anew while what hangs on it is left out, because that would be gone for good.
    pub(super) fn left_out(&mut self) {
        let chosen: BTreeSet<&Address> = self.chosen.iter().collect();
        let lost = self.stack.resources.values().filter(|desired| {
            let address = &desired.at.address;
            let outlives = kinds::kind(&address.kind).is_some_and(|kind| kind.outlives_parent());
            let goes = desired.parent.as_ref().is_some_and(|parent| self.gone.contains(parent));
            goes && !outlives && !chosen.contains(address) && self.observed.live.contains_key(address)
        });
        let refusals = lost.map(|desired| Refusal {
            address: Some(desired.at.address.clone()),
            message: format!("{} would go with what it hangs on, which is made anew", desired.at.address),
            help: "it is left out by `--target` or `--exclude`: let it be made anew in the same plan".to_owned(),
        });
        let refusals: Vec<Refusal> = refusals.collect();
        self.plan.refusals.extend(refusals);
    }

    /// What the user should know of a resource and of the work on it.
    pub(super) fn notes(&self, kind: &KindEntry, work: &WriteContext<'_, Value>) -> Vec<String> {
        let mut notes: Vec<String> = notes(work.live).into_iter().chain(loss(kind, work.live, work.action)).collect();
        if work.action != Action::Keep {
            notes.extend(kind.notes(work));
        }
        notes
    }

    /// Adds a resource to the listing; what goes with its parent and comes again is made anew like it.
    pub(super) fn list(&mut self, mut planned: ResourcePlan, desired: &Desired, is_absent: bool) {
        let is_gone = is_absent && self.gone.contains(&planned.address);
        if let (Some(lost), true, Some(parent)) = (self.observed.live.get(&planned.address), is_gone, &desired.parent) {
            planned.notes.push(format!("what is there goes with {parent}, which is made anew"));
            planned.saw = Some(saw(lost));
            planned.with = Some(parent.clone());
            if planned.action == Action::Create {
                planned.action = Action::Replace;
            }
        }
        if is_absent && planned.with.is_none() && self.observed.live.contains_key(&planned.address) {
            // What it hangs on moves on, and leaves behind what is there.
            planned.with.clone_from(&desired.parent);
        }
        self.plan.resources.push(planned);
    }

    /// Notes why a change must not be made, if the spec or another owner forbids it.
    pub(super) fn refuse(&mut self, kind: &KindEntry, desired: &Desired, live: Option<&Observed>, action: Action) {
        let address = &desired.at.address;
        let owner = live.and_then(|live| live.owner.clone()).flatten();
        if let Some(owner) = owner.filter(|owner| *owner != self.stack.scope.stack && action != Action::Keep) {
            self.plan.refusals.push(Refusal {
                address: Some(address.clone()),
                message: format!("{address} belongs to the stack `{owner}`"),
                help: format!("declare it in one stack only, or remove its tag {STACK_TAG} first"),
            });
        }
        if action == Action::Replace && desired.prevent_destroy {
            self.plan.refusals.push(Refusal {
                address: Some(address.clone()),
                message: format!("{address} would be replaced, and the spec says `prevent_destroy`"),
                help: "take back the change that forces the replacement, or the protection".to_owned(),
            });
        }
        if let Some(loss) = loss(kind, live, action).filter(|_| !self.choice.limits.allow_replace) {
            self.plan.refusals.push(Refusal {
                address: Some(address.clone()),
                message: format!("{address} would be replaced, and {loss}"),
                help: "take back the change that forces the replacement, or say `--allow-replace`".to_owned(),
            });
        }
    }

    /// Notes what Lambda is sure to refuse.
    pub(super) fn object(&mut self, kind: &KindEntry, desired: &Desired, value: &Value) {
        let objections = kind.objections(value, &desired.at, &*self).into_iter();
        self.plan.refusals.extend(objections.map(|objection| Refusal {
            address: Some(desired.at.address.clone()),
            message: objection,
            help: "Lambda would refuse it: change the spec".to_owned(),
        }));
    }
}

/// What the plan expects Lambda to answer.
pub(super) fn predicted(attributes: &Attributes, action: Action) -> BTreeMap<String, Value> {
    let likely = attributes.iter().filter_map(|(name, attribute)| match attribute {
        Attribute::Predicted(value) => Some(((*name).to_owned(), value.clone())),
        _ => None,
    });
    if action == Action::Keep { BTreeMap::new() } else { likely.collect() }
}

/// What a replacement would lose for good.
fn loss(kind: &KindEntry, live: Option<&Observed>, action: Action) -> Option<String> {
    let lost = kind.lost(live.filter(|_| action == Action::Replace)?)?;
    Some(format!("a replacement loses {lost}"))
}

pub(super) fn notes(live: Option<&Observed>) -> Vec<String> {
    let Some(live) = live else { return Vec::new() };
    let state = match &live.state {
        State::Settled => None,
        State::Settling(what) => Some(format!("Lambda is still at work on it: {what}")),
        State::Failed { code, reason } => Some(format!("Lambda gave up on it: {code}: {reason}")),
    };
    state.into_iter().chain(live.notes.iter().cloned()).collect()
}

pub(super) fn saw(live: &Observed) -> Baseline {
    Baseline { identity: live.identity.clone(), revision: live.revision.clone(), value: live.value.clone() }
}
