//! Decides what happens to each declared resource, from its declared and its live value. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::ancestors::Ancestors;
use super::comparison::Comparison;
use super::context::{PlanContext, PlanInputs};
use super::decision::{Decision, Decisions, Dependencies, baseline, notes};
use super::executable::ResourceState;
use super::live_state::unanswered;
use super::resolve::{ResolvedSpec, resolve};
use super::select::Selection;
use super::{CodeChange, ResourcePlan, Unmanaged, ownership};
use crate::declaration::Desired;
use crate::diff::{Difference, after};
use crate::kinds;
use crate::model::{
    Action, Address, Entry, EntryKind, Ownership, ProtectedEffect, Refusal, RefusalKind, Risk, UnreadablePart,
};
use crate::resource::{
    Attribute, Attributes, Context, Document, KindEntry, Observed, PlannedWrite, Review, WriteContext,
};

/// Decides every selected resource, each after those that it depends on.
pub(super) fn decide_all(inputs: PlanInputs<'_>, selection: &Selection) -> Decisions {
    let mut decisions = Decisions::with_capacity(selection.addresses.len());
    for address in &selection.addresses {
        let decision = decide(PlanContext { inputs, decisions: &decisions }, &inputs.stack.resources[address]);
        decisions.push(decision);
    }
    decisions.refusals = excluded_dependents(inputs, selection, &decisions);
    decisions
}

/// Decides one declared resource.
fn decide(cx: PlanContext<'_>, desired: &Desired) -> Decision {
    let address = &desired.at.address;
    let kind = kinds::entry(address.kind);
    let declared = resolve(cx, kind, desired);
    let with_parent = with_parent(cx, kind, desired);
    let live = cx.observed(address).filter(|_| !with_parent && !declared.derived.drops_live);
    let comparison = Comparison::of(cx, desired, &declared, live);
    let (action, writes) = writes(kind, desired, &declared, live, &comparison.difference);
    let changes = &comparison.difference.changes;
    let change = WriteContext { at: &desired.at, action, desired: Some(&declared.value), live, changes };
    let review = if action == Action::Keep { Review::default() } else { kind.review(&change, &cx) };
    let kept = (action == Action::Keep).then(|| comparison.keep_reason(desired, &declared));
    let not_compared = live.map_or(Vec::new(), |live| comparison.not_compared(address, live, &declared));
    let Comparison { ignore, live_value, difference } = comparison;
    let after = match live_value.as_ref().filter(|_| difference.changes.is_empty()) {
        Some(unchanged) => unchanged.clone(),
        None => {
            let live_json = live_value.as_ref().map(Document::json);
            Document::from(after(declared.value.json(), live_json, &difference, &ignore))
        }
    };
    let attributes = kind.attributes(&desired.at, &after, live, action);
    let refusals = refusals(cx, desired, live, with_parent, &review, (action, &writes));
    let depends_on = waits_for(cx, desired, &review);
    let entry = ResourcePlan {
        address: address.clone(),
        action,
        kept,
        name: name(desired),
        code: code_change(cx, kind, desired, &declared, live).filter(|_| action != Action::Keep),
        risks: review.risks.iter().cloned().map(Risk).collect(),
        predicted: predicted(&attributes, action),
        data_loss: data_loss(&review, action),
        notes: change_notes(live, &review),
        changes: if action == Action::Keep { Vec::new() } else { difference.changes },
        baseline: live.map(baseline),
        surplus: false,
        replaced_with: None,
        replaces: None,
    };
    let unmanaged = difference.unmanaged.into_iter().map(|field| {
        let live = live_value.as_ref().and_then(|live| field.get(live.json())).cloned().map(Into::into);
        Unmanaged { address: address.clone(), field: Some(field), live, notes: Vec::new() }
    });
    Decision {
        entry: deleted_with_parent(cx, desired, entry, live, with_parent),
        action,
        writes,
        dependencies: Dependencies { parent: desired.parent.clone(), depends_on, outlasted_by: BTreeSet::new() },
        deletes_live: with_parent || action == Action::Replace,
        cascades_from: None,
        refusals,
        unmanaged: unmanaged.collect(),
        not_compared,
        state: ResourceState {
            at: desired.at.clone(),
            desired: Some(shared(&declared.value, live_value)),
            pending: declared.pending,
            live: live.cloned(),
            after: Some(after),
            ignore,
            package: declared.package,
            attributes: attributes.into_iter().collect(),
        },
    }
}

/// Returns the declared value in little memory: as the live one if they are equal.
fn shared(declared: &Document, live: Option<Document>) -> Document {
    live.filter(|live| live == declared).unwrap_or_else(|| declared.without_json())
}

/// Returns the resources whose writes come before those of this one. What stands alone waits only for what it could not be
/// written without: for a resource that is created or adopted, and for a change that its kind asks for.
fn waits_for(cx: PlanContext<'_>, desired: &Desired, review: &Review) -> BTreeSet<Address> {
    let is_adopted = |address: &Address| cx.decisions.get(address).is_some_and(|it| it.action == Action::Adopt);
    let waits = |address: &&Address| {
        !desired.stands_alone || cx.is_recreated(address) || is_adopted(address) || review.needs.contains(address)
    };
    desired.depends_on.iter().filter(waits).cloned().collect()
}

/// Returns true if Lambda deletes the resource with its parent, which is deleted or replaced.
fn with_parent(cx: PlanContext<'_>, kind: &KindEntry, desired: &Desired) -> bool {
    desired.parent.as_ref().is_some_and(|parent| cx.decisions.deletes(parent)) && !kind.lifecycle().outlives_parent
}

/// Decides on the action, and on the writes that bring it about. A resource that differs but needs no write is kept.
fn writes(
    kind: &KindEntry,
    desired: &Desired,
    declared: &ResolvedSpec,
    live: Option<&Observed>,
    difference: &Difference,
) -> (Action, Vec<PlannedWrite>) {
    let action = action(live, difference);
    if action == Action::Keep {
        return (action, Vec::new());
    }
    let changes = &difference.changes;
    let change = WriteContext { at: &desired.at, action, desired: Some(&declared.value), live, changes };
    let writes = kind.writes(&change);
    let comes_with_parent = action == Action::Create && declared.derived.created_with_parent;
    if writes.is_empty() && !comes_with_parent { (Action::Keep, writes) } else { (action, writes) }
}

/// Decides on the action that a difference calls for.
fn action(live: Option<&Observed>, difference: &Difference) -> Action {
    let Some(live) = live else { return Action::Create };
    if difference.changes.is_empty() {
        Action::Keep
    } else if difference.changes.iter().any(|change| change.forces_replacement) {
        Action::Replace
    } else if live.owner == Ownership::Untagged {
        Action::Adopt
    } else {
        Action::Update
    }
}

/// Returns the entry as it is listed if the live resource is deleted with its parent: what is created again is replaced.
fn deleted_with_parent(
    cx: PlanContext<'_>,
    desired: &Desired,
    mut entry: ResourcePlan,
    live: Option<&Observed>,
    with_parent: bool,
) -> ResourcePlan {
    let (Some(lost), None) = (cx.observed(&entry.address), live) else { return entry };
    // A resource that is not deleted with its parent stays with the old one, as a policy with the last layer version.
    entry.replaced_with.clone_from(&desired.parent);
    if let (true, Some(parent)) = (with_parent, &desired.parent) {
        entry.notes.push(format!("deleted with {parent}, which is replaced"));
        entry.baseline = Some(baseline(lost));
        if entry.action == Action::Create {
            entry.action = Action::Replace;
        }
    }
    entry
}

/// Returns the reasons for which the change must not be made: the spec or another owner forbids it, or Lambda is sure
/// to reject it.
fn refusals(
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
fn excluded_dependents(inputs: PlanInputs<'_>, selection: &Selection, decisions: &Decisions) -> Vec<Refusal> {
    let selected: BTreeSet<&Address> = selection.addresses.iter().collect();
    let lost = inputs.stack.resources.values().filter(|desired| {
        let address = &desired.at.address;
        let outlives = kinds::entry(address.kind).lifecycle().outlives_parent;
        let loses_parent = desired.parent.as_ref().is_some_and(|parent| decisions.deletes(parent));
        loses_parent && !outlives && !selected.contains(address) && inputs.observed.live.contains_key(address)
    });
    lost.map(|desired| Refusal::of(&desired.at.address, RefusalKind::ExcludedDependent)).collect()
}

/// Returns what the plan predicts that Lambda will return.
fn predicted(attributes: &Attributes, action: Action) -> BTreeMap<String, Value> {
    let likely = attributes.iter().filter_map(|(name, attribute)| match attribute {
        Attribute::Predicted(value) => Some((name.to_string(), value.clone())),
        _ => None,
    });
    if action == Action::Keep { BTreeMap::new() } else { likely.collect() }
}

/// Returns the name in the account, if the address does not end with it.
fn name(desired: &Desired) -> Option<String> {
    let (name, key) = (desired.at.names.last()?, desired.at.address.keys.last()?);
    (name != key).then(|| name.clone())
}

/// Returns the package that is deployed, if it is not the live one.
fn code_change(
    cx: PlanContext<'_>,
    kind: &KindEntry,
    desired: &Desired,
    declared: &ResolvedSpec,
    live: Option<&Observed>,
) -> Option<CodeChange> {
    let package = declared.package.as_ref()?;
    if live.is_some_and(|live| live.package.as_ref().is_some_and(|live| live.sha256 == package.sha256)) {
        return None;
    }
    let source = kind.package_source(&declared.value)?;
    let is_file = |entry: &Entry| matches!(entry.kind, EntryKind::File { .. });
    Some(CodeChange {
        source: source.name(),
        files: package.contents.entries().filter(|(_, entry)| is_file(entry)).count(),
        bytes: package.contents.size(),
        difference: cx.inputs.observed.code.get(&desired.at.address).cloned(),
    })
}

/// Returns what a replacement would lose for good.
fn data_loss(review: &Review, action: Action) -> Option<String> {
    review.data_loss.filter(|_| action == Action::Replace).map(str::to_owned)
}

/// Returns the notes on a resource and on the change to it.
fn change_notes(live: Option<&Observed>, review: &Review) -> Vec<String> {
    notes(live).into_iter().chain(review.notes.iter().cloned()).collect()
}
