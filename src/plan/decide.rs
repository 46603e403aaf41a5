//! Decides what happens to each declared resource, from its declared and its live value. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::comparison::Comparison;
use super::context::{PlanContext, PlanInputs};
use super::decision::{Decision, Decisions, Dependencies, baseline, notes};
use super::executable::ResourceState;
use super::refuse::{excluded_dependents, refusals};
use super::resolve::{ResolvedSpec, resolve};
use super::select::Selection;
use super::{CodeChange, ResourcePlan, Unmanaged};
use crate::declaration::Desired;
use crate::diff::{Difference, after};
use crate::kinds;
use crate::model::{Action, Address, Entry, EntryKind, Ownership, Risk};
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
