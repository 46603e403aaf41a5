//! Decides for which reasons the change of a resource must not be made. Pure.

use std::collections::BTreeSet;

use super::ancestors::Ancestors;
use super::context::{PlanContext, PlanInputs};
use super::decision::Decisions;
use super::live_state::unanswered;
use super::ownership;
use super::select::Selection;
use crate::declaration::Desired;
use crate::kinds;
use crate::model::{Action, Address, ProtectedEffect, Refusal, RefusalKind, UnreadablePart};
use crate::resource::{Context, Observed, PlannedWrite, Review};

/// Returns the reasons for which the change must not be made: the spec or another owner forbids it, or Lambda is sure
/// to reject it.
pub(super) fn refusals(
    cx: PlanContext<'_>,
    desired: &Desired,
    live: Option<&Observed>,
    with_parent: bool,
    review: &Review,
    (action, writes): (Action, &[PlannedWrite]),
) -> Vec<Refusal> {
    let mut kinds = Vec::new();
    if with_parent && desired.prevent_destroy && cx.observed(&desired.at.address).is_some() {
        kinds.push(RefusalKind::PreventDestroy { effect: ProtectedEffect::DeletedWithParent });
    }
    if action != Action::Keep {
        kinds.extend(owner_refusal(cx, desired, live));
    }
    if let Some(absent) = unselected_parent(cx, desired).filter(|_| action != Action::Keep) {
        // The other reasons would go with it.
        return vec![Refusal::of(&desired.at.address, absent)];
    }
    if action == Action::Replace {
        kinds.extend(live.into_iter().flat_map(|live| &live.unreadable).map(unreadable_part));
        kinds.extend(unsearched_children(cx, &desired.at.address));
    } else {
        kinds.extend(unreadable_written(live, writes));
    }
    if action == Action::Replace && desired.prevent_destroy {
        kinds.push(RefusalKind::PreventDestroy { effect: ProtectedEffect::Replaced });
    }
    kinds.extend(review.objections.iter().map(|reason| RefusalKind::Invalid { reason: reason.clone() }));
    kinds.into_iter().map(|kind| Refusal::of(&desired.at.address, kind)).collect()
}

/// Refuses to write what the stack does not own. A child is not refused again for the reason for which its parent is.
fn owner_refusal(cx: PlanContext<'_>, desired: &Desired, live: Option<&Observed>) -> Option<RefusalKind> {
    let (kind, ancestor) = ownership::refusal(&Ancestors::of_declared(cx.inputs), desired.parent.as_ref(), live)?;
    let decided = ancestor.and_then(|ancestor| cx.decisions.get(ancestor));
    let is_refused = decided.is_some_and(|decision| decision.refusals.iter().any(|refusal| refusal.kind == kind));
    (!is_refused).then_some(kind)
}

/// Refuses to write below a parent that the plan would have to create or adopt and does not cover.
fn unselected_parent(cx: PlanContext<'_>, desired: &Desired) -> Option<RefusalKind> {
    let parent = desired.parent.as_ref().filter(|parent| cx.decisions.get(parent).is_none())?;
    if cx.observed(parent).is_none() {
        return Some(RefusalKind::AbsentParent { parent: parent.clone() });
    }
    let is_untagged = Ancestors::of_declared(cx.inputs).is_untagged(parent);
    is_untagged.then(|| RefusalKind::UntaggedParent { parent: parent.clone() })
}

/// Refuses to replace a resource below which a search failed that was asked for: what it would find is deleted with it.
fn unsearched_children(cx: PlanContext<'_>, address: &Address) -> Option<RefusalKind> {
    let unsearched = &cx.inputs.observed.unsearched;
    let below = unsearched.iter().filter(|it| it.below.as_ref() == Some(address) && it.hides_resources());
    let search = below.min_by_key(|it| it.kind)?;
    Some(RefusalKind::UnreadableChildren { kind: search.kind, read: unanswered(&search.failure) })
}

/// Refuses the writes that send a part of the live resource that could not be read.
fn unreadable_written(live: Option<&Observed>, writes: &[PlannedWrite]) -> Option<RefusalKind> {
    let covers = || writes.iter().flat_map(|write| &write.covers);
    let parts = live.into_iter().flat_map(|live| &live.unreadable);
    let mut met = parts.filter(|part| covers().any(|path| path.within(&part.field) || part.field.within(path)));
    met.next().map(unreadable_part)
}

/// Refuses to write over a part of a resource that is unknown, because nobody knows what would be lost.
fn unreadable_part(part: &UnreadablePart) -> RefusalKind {
    let UnreadablePart { field, cause, permission } = part.clone();
    RefusalKind::UnreadablePart { field, cause, permission: permission.map(str::to_owned) }
}

/// Refuses to replace a resource while its children are left out, because they would not be created again.
pub(super) fn excluded_dependents(
    inputs: PlanInputs<'_>,
    selection: &Selection,
    decisions: &Decisions,
) -> Vec<Refusal> {
    let selected: BTreeSet<&Address> = selection.addresses.iter().collect();
    let lost = inputs.stack.resources.values().filter(|desired| {
        let address = &desired.at.address;
        let outlives = kinds::entry(address.kind).lifecycle().outlives_parent;
        let loses_parent = desired.parent.as_ref().is_some_and(|parent| decisions.deletes(parent));
        loses_parent && !outlives && !selected.contains(address) && inputs.observed.live.contains_key(address)
    });
    lost.map(|desired| Refusal::of(&desired.at.address, RefusalKind::ExcludedDependent)).collect()
}
