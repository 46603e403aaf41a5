//! Decides the deletions when a stack is destroyed: everything declared that is live and ours, dependents first.

use std::collections::{BTreeMap, BTreeSet};

use super::Unmanaged;
use super::ancestors::Ancestors;
use super::context::PlanInputs;
use super::decision::{Decisions, Deletion, notes};
use super::deletions::children;
use super::ownership;
use super::select::Selection;
use crate::model::{Address, Ownership, ProtectedEffect, Refusal, RefusalKind, StepReasonKind};

/// Decides the deletions of the selected resources, in the reverse order of their creation.
pub(super) fn destroy(inputs: PlanInputs<'_>, selection: &Selection) -> Decisions {
    let PlanInputs { stack, observed, .. } = inputs;
    let mut decisions = Decisions::with_capacity(selection.addresses.len());
    let order = order(inputs, selection, &mut decisions);
    let deleted: BTreeSet<&Address> = order.iter().copied().collect();
    let (ancestors, children) = (Ancestors::of(inputs), children(&observed.unmanaged));
    let mut users: BTreeMap<&Address, BTreeSet<Address>> = BTreeMap::new();
    for (address, desired) in &stack.resources {
        for needed in &desired.depends_on {
            users.entry(needed).or_default().insert(address.clone());
        }
    }
    for address in order.into_iter().rev() {
        let desired = &stack.resources[address];
        let mut outlasted_by = users.remove(address).unwrap_or_default();
        outlasted_by.extend(children.get(address).into_iter().flatten().cloned());
        let deletion = Deletion {
            at: &desired.at,
            live: &observed.live[address],
            parent: desired.parent.as_ref(),
            declared: Some(&desired.value),
            cascades_from: ancestors.cascade(desired.parent.as_ref(), address, &deleted),
            reason: Some(StepReasonKind::Destroyed.into()),
            outlasted_by,
            surplus: false,
        };
        decisions.push(deletion.decide());
    }
    decisions
}

/// Returns the live resources to delete, in the order of their creation. What has another owner is left alone with its
/// children.
fn order<'a>(inputs: PlanInputs<'a>, selection: &'a Selection, decisions: &mut Decisions) -> Vec<&'a Address> {
    let ancestors = Ancestors::of_declared(inputs);
    let mut kept: BTreeSet<&Address> = BTreeSet::new();
    let mut order = Vec::new();
    for address in &selection.addresses {
        let desired = &inputs.stack.resources[address];
        let Some(live) = inputs.observed.live.get(address) else { continue };
        if desired.parent.as_ref().is_some_and(|parent| kept.contains(parent)) {
            kept.insert(address);
            continue;
        }
        let owner = ownership::refusal(&ancestors, desired.parent.as_ref(), Some(live)).map(|(kind, _)| kind);
        let is_untagged = desired.parent.is_none() && live.owner == Ownership::Untagged;
        match owner {
            Some(RefusalKind::OwnerUnknown) => {
                decisions.refusals.push(Refusal::of(address, RefusalKind::OwnerUnknown));
            }
            None if !is_untagged => {}
            _ => {
                kept.insert(address);
                let value = Some(live.value.json().clone().into());
                let mut notes = notes(Some(live));
                notes.push(match live.owner.other_than(&inputs.stack.scope.stack) {
                    Some(owner) => format!("it belongs to stack `{owner}`"),
                    None => "it has no tag of this stack".to_owned(),
                });
                decisions.unmanaged.push(Unmanaged { address: address.clone(), field: None, live: value, notes });
                continue;
            }
        }
        if desired.prevent_destroy {
            let effect = ProtectedEffect::Deleted;
            decisions.refusals.push(Refusal::of(address, RefusalKind::PreventDestroy { effect }));
        }
        order.push(address);
    }
    order
}
