//! Puts the decisions and the scheduled steps together as a plan, and checks it against the user's limits.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::context::PlanInputs;
use super::decision::Decisions;
use super::executable::{ExecutablePlan, ResourceState};
use super::saved::Binding;
use super::select::Selection;
use super::{FORMAT_VERSION, FailedSearch, HiddenFields, Plan, Step, preflight};
use crate::declaration::Stack;
use crate::kinds;
use crate::model::{Address, FieldPath, NotChecked, TargetPart, listed};
use crate::resource::CopiedField;

/// Returns the plan of these decisions and steps.
pub(super) fn assemble(
    inputs: PlanInputs<'_>,
    selection: Selection,
    decisions: Decisions,
    steps: Vec<Step>,
) -> ExecutablePlan {
    let (scope, observed) = (&inputs.stack.scope, inputs.observed);
    let mut plan = Plan {
        format_version: FORMAT_VERSION.to_owned(),
        trueup_version: env!("CARGO_PKG_VERSION").to_owned(),
        provenance: None,
        account: scope.text(TargetPart::Account).to_owned(),
        region: scope.text(TargetPart::Region).to_owned(),
        stack: scope.stack.clone(),
        spec_digest: Binding::of(inputs.stack).digest,
        plan_key: None,
        options: inputs.options.clone(),
        resources: Vec::new(),
        steps,
        unmanaged: decisions.unmanaged,
        remarks: observed.remarks.iter().cloned().chain(taken_along(inputs, &selection)).collect(),
        not_compared: observed.not_compared.clone(),
        refusals: selection.refusals,
        hidden: HiddenFields::new(),
    };
    if selection.excluded > 0 {
        let changed = inputs.options.changed.as_ref();
        let excluded = || NotChecked::excluded(selection.excluded);
        plan.not_compared
            .push(changed.map_or_else(excluded, |it| NotChecked::unchanged(selection.excluded, &it.since)));
    }
    plan.not_compared.extend(selection.unreadable.into_iter().chain(decisions.unreadable));
    plan.not_compared.extend(observed.unsearched.iter().map(FailedSearch::not_checked));
    let states = decisions.in_order.into_iter().map(|decision| {
        plan.resources.push(decision.entry);
        plan.unmanaged.extend(decision.unmanaged);
        plan.refusals.extend(decision.refusals);
        plan.not_compared.extend(decision.not_compared);
        (decision.state.at.address.clone(), decision.state)
    });
    // Collected and not inserted one by one, which moves large values about.
    let mut resources: IndexMap<Address, ResourceState> = states.collect();
    plan.resources.extend(decisions.held_back);
    plan.unmanaged.sort_by(|a, b| (&a.address, &a.field).cmp(&(&b.address, &b.field)));
    plan.refusals.extend(decisions.refusals);
    let declared = inputs.stack.resources.len();
    plan.refusals.extend(preflight::exceeded(&plan, &inputs.options.limits, &inputs.stack.guards, declared));
    for owner in plan.steps.iter().filter_map(|step| step.owned_by.as_ref()) {
        if let Some(state) = unselected(inputs, owner).filter(|_| !resources.contains_key(owner)) {
            resources.insert(owner.clone(), state);
        }
    }
    plan.hidden = hidden_fields(inputs.stack, &plan, &resources);
    let refusals = plan.refusals.iter().filter(|refusal| !refusal.is_limit()).cloned().collect();
    ExecutablePlan { plan, resources, refusals, guards: inputs.stack.guards.clone(), declared }
}

/// The most resources that are named which targets take along.
const NAMED: usize = 8;

/// Says which resources the plan covers although nobody named them.
fn taken_along(inputs: PlanInputs<'_>, selection: &Selection) -> Option<String> {
    let targets = &inputs.options.targets;
    let along: Vec<&Address> = selection.addresses.iter().filter(|address| !targets.contains(address)).collect();
    if targets.is_empty() || along.is_empty() {
        return None;
    }
    let why = if inputs.options.destroy { "they cannot stay without the targets" } else { "the targets need them" };
    Some(format!("selected too, because {why}: {}", listed(along, NAMED)))
}

/// Returns the fields of the plan's resources that hold secrets of the spec, their own or copied ones.
fn hidden_fields(stack: &Stack, plan: &Plan, resources: &IndexMap<Address, ResourceState>) -> HiddenFields {
    if stack.resources.values().all(|desired| desired.secret.is_empty()) {
        return HiddenFields::new();
    }
    let secrets =
        |address: &Address| stack.resources.get(address).into_iter().flat_map(|desired| desired.secret.keys());
    let copy = |(address, state): (&Address, &ResourceState)| {
        let value = state.desired.as_ref().or(state.live.as_ref().map(|live| &live.value))?;
        let copies = kinds::entry(address.kind).links(value, &state.at).copies;
        let fields: BTreeSet<FieldPath> = copies.iter().flat_map(|copy| copied(copy, secrets(&copy.of))).collect();
        (!fields.is_empty()).then_some(((address.kind, address.keys.first().cloned()), fields))
    };
    let copies: BTreeMap<_, BTreeSet<FieldPath>> = resources.iter().filter_map(copy).collect();
    let listed = plan.resources.iter().map(|planned| &planned.address);
    let unmanaged = plan.unmanaged.iter().map(|unmanaged| &unmanaged.address);
    let mut hidden = HiddenFields::new();
    for address in listed.chain(unmanaged).chain(resources.keys()) {
        let mut fields: BTreeSet<FieldPath> = secrets(address).cloned().collect();
        // All versions of a function, for example, are copies of it.
        fields.extend(copies.get(&(address.kind, address.keys.first().cloned())).into_iter().flatten().cloned());
        if !fields.is_empty() {
            hidden.insert(address.clone(), fields);
        }
    }
    hidden
}

/// Returns where a copy has the fields of the original.
fn copied<'a>(copy: &CopiedField, fields: impl Iterator<Item = &'a FieldPath>) -> Vec<FieldPath> {
    let below = fields.filter(|path| path.within(&copy.original));
    below.map(|path| copy.field.keys().iter().chain(&path.keys()[copy.original.keys().len()..]).collect()).collect()
}

/// Returns the live state of a declared resource that the plan does not write.
fn unselected(inputs: PlanInputs<'_>, address: &Address) -> Option<ResourceState> {
    let desired = inputs.stack.resources.get(address)?;
    Some(ResourceState {
        at: desired.at.clone(),
        desired: Some(desired.value.clone()),
        pending: BTreeMap::new(),
        live: inputs.observed.live.get(address).cloned(),
        after: None,
        ignore: desired.ignore.clone(),
        package: None,
        attributes: Vec::new(),
    })
}
