//! Recognises renames: a resource that is created while another of the stack, which the spec no longer declares, stays or
//! is deleted. Pure.
//!
//! Only the tag of the stack says that a live function was declared once, and it does not say under which address. So a
//! created resource is taken for a renamed one if the other is of the same type and nearly equal, or half equal where there are no
//! others of the type to choose from: a replacement that is none costs one more option, a rename that is not seen costs the
//! versions and permissions of a function. What is protected by `prevent_destroy` is not deleted in the same plan in any case.
//!
//! # Guarantees
//! A rename is listed as a replacement, or with the resource that stays behind, and obeys `prevent_destroy`,
//! `--allow-replace` and `--max-deletes` (`tests/it/renames.rs`).

use std::collections::BTreeMap;

use serde_json::Value;

use super::context::{PlanContext, PlanInputs};
use super::decision::{Decision, Decisions};
use super::live_state::UnmanagedResource;
use crate::diff::{Terms, diff};
use crate::kinds;
use crate::model::{Action, KindId, Refusal, RefusalKind};
use crate::resource::WriteContext;

/// A renamed resource has at most one in so many of its fields changed at the same time.
const ONE_IN: usize = 3;
/// The same where the two are the only ones of their type that were created and left behind.
const ONE_IN_OF_THE_ONLY: usize = 2;

/// Notes on the entries of the created resources what they replace or leave behind, and refuses what must not be replaced.
pub(super) fn recognise(inputs: PlanInputs<'_>, declared: &mut Decisions, unmanaged: &mut Decisions) {
    let mut former: Vec<&UnmanagedResource> = inputs.observed.unmanaged.iter().filter(|it| is_former(it)).collect();
    let created: Vec<usize> = (0..declared.in_order.len()).filter(|at| is_new(&declared.in_order[*at])).collect();
    let of_kind = |kind| {
        let new = created.iter().filter(|at| declared.in_order[**at].state.at.address.kind == kind).count();
        (new, former.iter().filter(|it| it.at.address.kind == kind).count())
    };
    let only: Vec<KindId> = KindId::ALL.iter().copied().filter(|kind| of_kind(*kind) == (1, 1)).collect();
    for at in created {
        let new = &declared.in_order[at];
        let (address, kind) = (new.state.at.address.clone(), new.state.at.address.kind);
        let is_protected = inputs.stack.resources.get(&address).is_some_and(|desired| desired.prevent_destroy);
        let of_kind = former.iter().filter(|it| it.at.address.kind == kind);
        let mut endangered = of_kind.filter(|it| is_protected && unmanaged.deletes(&it.at.address));
        if let Some(old) = endangered.next() {
            let kind = RefusalKind::RenameOfProtected { former: old.at.address.clone() };
            unmanaged.refusals.push(Refusal::of(&address, kind));
        }
        let of_kind = former.iter().enumerate().filter(|(_, old)| old.at.address.kind == kind);
        let alike = of_kind.filter_map(|(position, old)| {
            let most = if only.contains(&kind) { ONE_IN_OF_THE_ONLY } else { ONE_IN };
            Some((changes_if_alike(new, old, most)?, position))
        });
        let Some((_, position)) = alike.min() else {
            if inputs.observed.unsearched.iter().any(|it| it.kind == kind && it.below.is_none() && it.hides_resources())
            {
                declared.in_order[at].entry.notes.push(format!(
                    "it may be live under a former name: {kind} resources that the spec does not declare could not be read"
                ));
            }
            continue;
        };
        let old = former.remove(position);
        let loss = loss(PlanContext { inputs, decisions: declared }, new, old);
        let entry = &mut declared.in_order[at].entry;
        let name = &old.at.address;
        if unmanaged.deletes(name) {
            entry.action = Action::Replace;
            entry.replaces = Some(name.clone());
            entry.notes.extend(loss.map(|loss| format!("replacing {name} by it loses {loss}")));
            entry.data_loss = loss.map(str::to_owned);
        } else {
            entry.notes.push(format!(
                "{name} of this stack is much like it, and stays; if {address} is its new name, --prune deletes the old one with everything \
                 else that the spec does not declare, and only event source mappings move along"
            ));
        }
    }
}

/// Returns true if the resource may be a declared one under its former name.
fn is_former(unmanaged: &UnmanagedResource) -> bool {
    let is_tagged = kinds::entry(unmanaged.at.address.kind).lifecycle().is_tagged;
    is_tagged && unmanaged.parent.is_none() && unmanaged.surplus.is_none()
}

/// Returns true if the resource is created and may be a live one under a new name.
fn is_new(decision: &Decision) -> bool {
    let is_tagged = kinds::entry(decision.state.at.address.kind).lifecycle().is_tagged;
    is_tagged && decision.action == Action::Create && decision.dependencies.parent.is_none()
}

/// Returns the number of fields that differ, if it is at most one in so many.
fn changes_if_alike(new: &Decision, old: &UnmanagedResource, one_in: usize) -> Option<usize> {
    let desired = new.state.desired.as_ref()?;
    let kind = kinds::entry(old.at.address.kind);
    let pending = BTreeMap::new();
    let terms = Terms { schema: kind.schema(), ignore: &new.state.ignore, pending: &pending, prune: false };
    let changed = diff(Some(desired.json()), Some(old.live.value.json()), &terms).changes.len();
    (changed * one_in <= leaves(desired.json())).then_some(changed)
}

/// Returns the number of values in a value that are not maps.
fn leaves(value: &Value) -> usize {
    match value {
        Value::Object(map) => map.values().map(leaves).sum(),
        Value::Null => 0,
        _ => 1,
    }
}

/// Returns what is lost if the new resource replaces the old one.
fn loss(cx: PlanContext<'_>, new: &Decision, old: &UnmanagedResource) -> Option<&'static str> {
    let change = WriteContext {
        at: &new.state.at,
        action: Action::Replace,
        desired: new.state.desired.as_ref(),
        live: Some(&old.live),
        changes: &[],
    };
    kinds::entry(old.at.address.kind).review(&change, &cx).data_loss
}
