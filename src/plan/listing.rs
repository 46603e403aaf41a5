//! The plan's entry for each resource: its action, its losses, its refusals.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::build::Planner;
use super::{Baseline, ResourcePlan};
use crate::declaration::Desired;
use crate::kinds;
use crate::model::{Action, Address, ProtectedEffect, Refusal, RefusalKind};
use crate::resource::{Attribute, Attributes, Observed, Review, State};

impl Planner<'_> {
    /// Refuses to make something anew while what hangs on it is left out, because that would be gone for good.
    pub(super) fn refuse_excluded_dependents(&mut self) {
        let chosen: BTreeSet<&Address> = self.chosen.iter().collect();
        let lost = self.stack.resources.values().filter(|desired| {
            let address = &desired.at.address;
            let outlives = kinds::entry(address.kind).lifecycle().outlives_parent;
            let goes = desired.parent.as_ref().is_some_and(|parent| self.deleted.contains(parent));
            goes && !outlives && !chosen.contains(address) && self.observed.live.contains_key(address)
        });
        let refusals = lost.map(|desired| Refusal::of(&desired.at.address, RefusalKind::ExcludedDependent));
        let refusals: Vec<Refusal> = refusals.collect();
        self.plan.refusals.extend(refusals);
    }

    /// Adds a resource to the listing; what goes with its parent and comes again is made anew like it.
    pub(super) fn record(&mut self, mut planned: ResourcePlan, desired: &Desired, is_absent: bool) {
        let is_gone = is_absent && self.deleted.contains(&planned.address);
        if let (Some(lost), true, Some(parent)) = (self.observed.live.get(&planned.address), is_gone, &desired.parent) {
            planned.notes.push(format!("what is there goes with {parent}, which is made anew"));
            planned.saw = Some(baseline(lost));
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
    pub(super) fn refuse(&mut self, desired: &Desired, live: Option<&Observed>, action: Action) {
        let address = &desired.at.address;
        let owner = live.and_then(|live| live.owner.clone()).flatten();
        if let Some(owner) = owner.filter(|owner| *owner != self.stack.scope.stack && action != Action::Keep) {
            self.plan.refusals.push(Refusal::of(address, RefusalKind::OtherStack { owner }));
        }
        if action == Action::Replace && desired.prevent_destroy {
            let effect = ProtectedEffect::Replaced;
            self.plan.refusals.push(Refusal::of(address, RefusalKind::PreventDestroy { effect }));
        }
    }

    /// Refuses what Lambda is sure to refuse.
    pub(super) fn object(&mut self, desired: &Desired, objections: Vec<String>) {
        let refusals = objections.into_iter().map(|reason| RefusalKind::Invalid { reason });
        self.plan.refusals.extend(refusals.map(|kind| Refusal::of(&desired.at.address, kind)));
    }
}

/// Returns what the plan predicts that Lambda will return.
pub(super) fn predicted(attributes: &Attributes, action: Action) -> BTreeMap<String, Value> {
    let likely = attributes.iter().filter_map(|(name, attribute)| match attribute {
        Attribute::Predicted(value) => Some(((*name).to_owned(), value.clone())),
        _ => None,
    });
    if action == Action::Keep { BTreeMap::new() } else { likely.collect() }
}

/// Returns what a replacement would lose for good.
pub(super) fn data_loss(review: &Review, action: Action) -> Option<String> {
    review.data_loss.filter(|_| action == Action::Replace).map(str::to_owned)
}

/// Returns what users should know of a resource and of the change to it.
pub(super) fn notes_of(live: Option<&Observed>, review: &Review, action: Action) -> Vec<String> {
    let loss = data_loss(review, action).map(|loss| format!("replacing it loses {loss}"));
    notes(live).into_iter().chain(loss).chain(review.notes.iter().cloned()).collect()
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

pub(super) fn baseline(live: &Observed) -> Baseline {
    Baseline { identity: live.identity.clone(), revision: live.revision.clone(), value: live.value.clone().into() }
}
