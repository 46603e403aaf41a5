//! Puts the decisions and the scheduled steps together as a plan, and checks it against the user's limits.

use super::context::PlanInputs;
use super::decision::Decisions;
use super::executable::ExecutablePlan;
use super::saved::Binding;
use super::select::Selection;
use super::{FORMAT_VERSION, Plan, Step, preflight};
use crate::model::{NotChecked, TargetPart};

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
        options: inputs.options.clone(),
        resources: Vec::new(),
        steps,
        unmanaged: decisions.unmanaged,
        remarks: observed.remarks.clone(),
        not_compared: observed.not_compared.clone(),
        refusals: selection.refusals,
    };
    if selection.excluded > 0 {
        plan.not_compared.push(NotChecked::excluded(selection.excluded));
    }
    let mut resources = std::collections::BTreeMap::new();
    for decision in decisions.in_order {
        plan.resources.push(decision.entry);
        plan.unmanaged.extend(decision.unmanaged);
        plan.refusals.extend(decision.refusals);
        resources.insert(decision.state.at.address.clone(), decision.state);
    }
    plan.resources.extend(decisions.held_back);
    plan.unmanaged.sort_by(|a, b| (&a.address, &a.field).cmp(&(&b.address, &b.field)));
    plan.refusals.extend(decisions.refusals);
    plan.refusals.extend(preflight::exceeded(&plan, &inputs.options.limits));
    ExecutablePlan { plan, resources }
}
