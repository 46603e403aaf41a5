//! Puts the decisions and the scheduled steps together as a plan, and checks it against the user's limits.

use std::collections::BTreeMap;

use super::context::PlanInputs;
use super::decision::Decisions;
use super::executable::{ExecutablePlan, ResourceState};
use super::saved::Binding;
use super::select::Selection;
use super::{FORMAT_VERSION, FailedSearch, HiddenFields, Plan, Step, preflight};
use crate::declaration::Stack;
use crate::model::{Address, NotChecked, TargetPart};

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
        account: scope.text(TargetPart::Account).to_owned(),
        region: scope.text(TargetPart::Region).to_owned(),
        stack: scope.stack.clone(),
        spec_digest: Binding::of(inputs.stack).digest,
        plan_key: None,
        options: inputs.options.clone(),
        resources: Vec::new(),
        steps,
        unmanaged: decisions.unmanaged,
        remarks: observed.remarks.clone(),
        not_compared: observed.not_compared.clone(),
        refusals: selection.refusals,
        hidden: hidden_fields(inputs.stack),
    };
    if selection.excluded > 0 {
        plan.not_compared.push(NotChecked::excluded(selection.excluded));
    }
    plan.not_compared.extend(selection.unreadable.into_iter().chain(decisions.unreadable));
    plan.not_compared.extend(observed.unsearched.iter().map(FailedSearch::not_checked));
    let mut resources = BTreeMap::new();
    for decision in decisions.in_order {
        plan.resources.push(decision.entry);
        plan.unmanaged.extend(decision.unmanaged);
        plan.refusals.extend(decision.refusals);
        plan.not_compared.extend(decision.not_compared);
        resources.insert(decision.state.at.address.clone(), decision.state);
    }
    plan.resources.extend(decisions.held_back);
    plan.unmanaged.sort_by(|a, b| (&a.address, &a.field).cmp(&(&b.address, &b.field)));
    plan.refusals.extend(decisions.refusals);
    plan.refusals.extend(preflight::exceeded(&plan, &inputs.options.limits));
    for owner in plan.steps.iter().filter_map(|step| step.owned_by.as_ref()) {
        if let Some(state) = unselected(inputs, owner).filter(|_| !resources.contains_key(owner)) {
            resources.insert(owner.clone(), state);
        }
    }
    ExecutablePlan { plan, resources }
}

/// Returns the fields that hold secrets of the spec.
fn hidden_fields(stack: &Stack) -> HiddenFields {
    let with_secrets = stack.resources.iter().filter(|(_, desired)| !desired.secret.is_empty());
    with_secrets.map(|(address, desired)| (address.clone(), desired.secret.clone())).collect()
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
