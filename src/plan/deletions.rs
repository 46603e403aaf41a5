//! Decides which undeclared live resources are deleted: by a rule of the spec, by pruning, or with their parent.
//!
//! # Guarantees
//! - Without `prune` nothing is deleted because it is undeclared; it is reported (`tests/it/chaos/model.rs`). What users write
//!   as a field of its parent is the exception: no reservation is AWS's default (`tests/scenarios/14-no-concurrency.md`).
//! - Nothing of what is adopted is deleted by the same plan (`tests/it/deletion_order.rs`).
//! - Resources of other stacks are never deleted, and dependents are deleted first (`tests/it/deletion_order.rs`).
//! - A deletion that Lambda makes together with the parent's is listed too, although it needs no write.
//!
//! # Assumptions
//! Lambda deletes a function with all its children, except its mappings.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::ancestors::Ancestors;
use super::context::{PlanContext, PlanInputs};
use super::coverage::Coverage;
use super::decision::{Decisions, Deletion, baseline, notes};
use super::live_state::{FailedSearch, UnmanagedResource, unanswered};
use super::ownership;
use super::{ResourcePlan, Unmanaged};
use crate::declaration::Stack;
use crate::kinds;
use crate::model::{
    Action, Address, AttributeName, FieldPath, KeepReasonKind, NotChecked, NotCheckedKind, Refusal, RefusalKind,
};
use crate::resource::KindEntry;

/// Decides the deletions of unmanaged resources, once everything declared is decided.
pub(super) fn delete_unmanaged(inputs: PlanInputs<'_>, decided: &Decisions) -> Decisions {
    let cx = PlanContext { inputs, decisions: decided };
    let ancestors = Ancestors::of(inputs);
    let unreadable_children = unreadable_children(inputs);
    let excluded = excluded(inputs);
    let mut decisions = Decisions::default();
    let mut deleted: BTreeSet<&Address> = decided.deleted().collect();
    let mut chosen = Vec::new();
    for unmanaged in &inputs.observed.unmanaged {
        let address = &unmanaged.at.address;
        let kind = kinds::entry(address.kind);
        let parent = unmanaged.parent.as_ref();
        if parent.is_some_and(|parent| !deleted.contains(parent) && is_ignored(inputs.stack, parent, kind)) {
            continue;
        }
        let is_used = unmanaged.surplus.is_some() && !kind.still_surplus(&unmanaged.at, &unmanaged.live, &cx);
        let is_adopted = parent.is_some_and(|parent| ancestors.is_untagged(parent) && !deleted.contains(parent));
        let owner = ownership::refusal(&ancestors, parent, Some(&unmanaged.live)).map(|(kind, _)| kind);
        // What has no tags is another stack's with its parent.
        let is_of_others = matches!(owner, Some(RefusalKind::OtherStack { .. }));
        let is_unwanted = !is_used
            && !is_adopted
            && !is_of_others
            && !excluded.contains(address)
            && should_delete(inputs, &ancestors, &deleted, unmanaged);
        let unreadable = unreadable_children.get(address).filter(|_| is_unwanted);
        decisions.unreadable.extend(unreadable.map(|search| {
            NotChecked(NotCheckedKind::Unreadable { address: address.clone(), read: unanswered(&search.failure) })
        }));
        if is_unwanted && unreadable.is_none() {
            let refused = owner.filter(|kind| *kind == RefusalKind::OwnerUnknown);
            decisions.refusals.extend(refused.map(|kind| Refusal::of(address, kind)));
            deleted.insert(address);
            chosen.push(unmanaged);
        } else if let Some(rule) = unmanaged.surplus.clone() {
            let kept = match (is_used, is_adopted) {
                (true, _) => KeepReasonKind::StillUsed { rule },
                (_, true) => KeepReasonKind::ParentAdopted { rule },
                _ => KeepReasonKind::NotSelected { rule },
            };
            decisions.held_back.push(held_back(unmanaged, kept));
        } else {
            let live = Some(unmanaged.live.value.json().clone().into());
            let mut notes = notes(Some(&unmanaged.live));
            if let Some(parent) =
                parent.filter(|_| is_adopted && should_delete(inputs, &ancestors, &deleted, unmanaged))
            {
                notes.push(format!(
                    "this plan adopts {parent}, and deletes nothing of it; the next one deletes this, unless the spec names it"
                ));
            }
            decisions.unmanaged.push(Unmanaged { address: address.clone(), field: None, live, notes });
        }
    }
    let children = children(&inputs.observed.unmanaged);
    let references = references(inputs, &chosen);
    for unmanaged in chosen {
        let address = &unmanaged.at.address;
        let users = [children.get(address), references.get(address)].into_iter().flatten().flatten();
        let deletion = Deletion {
            at: &unmanaged.at,
            live: &unmanaged.live,
            parent: unmanaged.parent.as_ref(),
            declared: None,
            cascades_from: ancestors.cascade(unmanaged.parent.as_ref(), address, &deleted),
            reason: unmanaged.surplus.clone(),
            outlasted_by: users.cloned().collect(),
            surplus: unmanaged.surplus.is_some(),
        };
        decisions.push(deletion.decide());
    }
    decisions
}

/// Returns the entry of a resource that a rule of the spec would delete and that is kept.
fn held_back(unmanaged: &UnmanagedResource, kept: KeepReasonKind) -> ResourcePlan {
    ResourcePlan {
        address: unmanaged.at.address.clone(),
        action: Action::Keep,
        kept: Some(kept.into()),
        name: None,
        code: None,
        risks: Vec::new(),
        changes: Vec::new(),
        predicted: BTreeMap::new(),
        data_loss: None,
        notes: Vec::new(),
        surplus: true,
        replaced_with: None,
        replaces: None,
        baseline: Some(baseline(&unmanaged.live)),
    }
}

/// Returns the unmanaged resources that the user excludes, and those that would take one along.
fn excluded(inputs: PlanInputs<'_>) -> BTreeSet<&Address> {
    let unmanaged = &inputs.observed.unmanaged;
    let is_named =
        |it: &&UnmanagedResource| inputs.options.exclude_patterns.iter().any(|pattern| pattern.fits(&it.at.address));
    let parents: BTreeMap<&Address, &Address> =
        unmanaged.iter().filter_map(|it| Some((&it.at.address, it.parent.as_ref()?))).collect();
    let around = |address| std::iter::successors(Some(address), |address| parents.get(address).copied());
    unmanaged.iter().filter(is_named).flat_map(|it| around(&it.at.address)).collect()
}

/// Returns true if an unmanaged resource is to be deleted.
fn should_delete(
    inputs: PlanInputs<'_>,
    ancestors: &Ancestors<'_>,
    deleted: &BTreeSet<&Address>,
    unmanaged: &UnmanagedResource,
) -> bool {
    let PlanInputs { stack, options, .. } = inputs;
    let is_declared = |address: &Address| stack.resources.contains_key(address);
    let (kind, parent) = (unmanaged.at.address.kind, unmanaged.parent.as_ref());
    let has_other_owner = unmanaged.live.owner.other_than(&stack.scope.stack).is_some();
    if parent.is_some_and(|parent| deleted.contains(parent)) && !has_other_owner {
        let outlives = kinds::entry(kind).lifecycle().outlives_parent;
        let outermost = parent.map(|parent| ancestors.outermost(parent));
        let is_replaced = outermost.is_some_and(|it| is_declared(it) && deleted.contains(it)) && !options.destroy;
        // What outlives a function that is replaced serves the new one as well, unless it is unwanted anyway.
        if !(outlives && is_replaced) {
            return true;
        }
    }
    let is_selected = Coverage::of(stack, options).deletes_below(parent, kind) && parent.is_none_or(is_declared);
    // At the top of the account only what has our tag is discovered, and destroying deletes all of that.
    let is_destroyed = options.destroy && parent.is_none();
    let is_unwanted = unmanaged.surplus.is_some()
        || options.prune
        || is_destroyed
        || stack.prunes(parent, kind)
        || (parent.is_some() && kinds::entry(kind).lifecycle().is_parent_field);
    is_selected && is_unwanted && !has_other_owner
}

/// Returns true if the resource, which users write as a field of its parent, is left to other clients.
fn is_ignored(stack: &Stack, parent: &Address, kind: &KindEntry) -> bool {
    let field = kind.shorthand().filter(|_| kind.lifecycle().is_parent_field).map(FieldPath::from);
    field.is_some_and(|field| stack.resources.get(parent).is_some_and(|parent| parent.ignore.contains(&field)))
}

/// Returns the failed searches below each resource, because of which it is unknown what would be deleted with it.
fn unreadable_children(inputs: PlanInputs<'_>) -> BTreeMap<&Address, &FailedSearch> {
    let failed = inputs.observed.unsearched.iter().filter(|search| search.hides_resources());
    failed.filter_map(|search| Some((search.below.as_ref()?, search))).collect()
}

/// Returns the unmanaged children of each resource.
pub(super) fn children(unmanaged: &[UnmanagedResource]) -> BTreeMap<&Address, BTreeSet<Address>> {
    let mut children: BTreeMap<&Address, BTreeSet<Address>> = BTreeMap::new();
    for child in unmanaged {
        if let Some(parent) = &child.parent {
            children.entry(parent).or_default().insert(child.at.address.clone());
        }
    }
    children
}

/// Returns the resources that name each of the deleted ones in a live field: they change or are deleted before it.
fn references(inputs: PlanInputs<'_>, deleted: &[&UnmanagedResource]) -> BTreeMap<Address, BTreeSet<Address>> {
    let arn = |unmanaged: &UnmanagedResource| unmanaged.live.text(&AttributeName::ARN).map(str::to_owned);
    let by_arn: BTreeMap<String, &Address> = deleted.iter().filter_map(|it| Some((arn(it)?, &it.at.address))).collect();
    if by_arn.is_empty() {
        return BTreeMap::new();
    }
    let declared = inputs.observed.live.iter().map(|(address, live)| (address, live.value.json()));
    let unmanaged = deleted.iter().map(|unmanaged| (&unmanaged.at.address, unmanaged.live.value.json()));
    let mut references: BTreeMap<Address, BTreeSet<Address>> = BTreeMap::new();
    for (user, value) in declared.chain(unmanaged) {
        each_arn(value, &mut |arn| {
            if let Some(target) = by_arn.get(arn).filter(|target| **target != user) {
                references.entry((*target).clone()).or_default().insert(user.clone());
            }
        });
    }
    references
}

/// Calls `visit` with every ARN in the strings of a value, and with every ARN that such a one extends, such as that of
/// the function of an alias.
fn each_arn(value: &Value, visit: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => {
            for (start, _) in text.match_indices("arn:") {
                let token = &text[start..];
                let token = &token[..token.find([' ', '"', '\'', ',']).unwrap_or(token.len())];
                token.match_indices([':', '/']).for_each(|(end, _)| visit(&token[..end]));
                visit(token);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| each_arn(value, visit)),
        Value::Object(map) => map.values().for_each(|value| each_arn(value, visit)),
        _ => {}
    }
}
