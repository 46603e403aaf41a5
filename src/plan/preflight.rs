//! Checks the finished plan against the limits of its spec, and of the user who applies it.

use super::{Limits, Plan, ResourcePlan};
use crate::model::{Action, Guards, LimitSource, Refusal, RefusalKind, RiskClass, Threshold};

/// Returns a refusal for each limit that the plan exceeds. `declared` is the number of resources of the spec, of which the plan may
/// read only a part.
pub fn exceeded<V>(plan: &Plan<V>, limits: &Limits, guards: &Guards, declared: usize) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if !limits.allow_replace {
        refusals.extend(plan.resources.iter().filter_map(|resource| {
            let lost = resource.data_loss.clone()?;
            Some(Refusal::of(&resource.address, RefusalKind::DataLoss { lost }))
        }));
    }
    let deletes = |action| matches!(action, Action::Delete | Action::Replace);
    // A resource that replaces another under a new name is counted where that one is deleted.
    let is_deleted = |resource: &&ResourcePlan<V>| deletes(resource.action) && resource.replaces.is_none();
    let deleted = plan.resources.iter().filter(is_deleted).count();
    let changed = plan.resources.iter().filter(|resource| resource.action != Action::Keep).count();
    // A part of the estate has no share of itself.
    let is_part =
        !plan.options.targets.is_empty() || !plan.options.excludes.is_empty() || plan.options.changed.is_some();
    let live = plan.resources.iter().filter(|resource| resource.baseline.is_some()).count();
    let live = if is_part { live.max(declared) } else { live };
    let shares_from = guards.shares_from.unwrap_or(Guards::SHARES_FROM);
    let broken = |limit: Option<Threshold>, count| limit.filter(|limit| limit.is_exceeded(count, live, shares_from));
    let sources = [
        (LimitSource::Option, limits.max_deletes, limits.max_changes),
        (LimitSource::Spec, guards.max_deletes, guards.max_changes),
    ];
    // Whoever destroys a stack asks for all of it, unless the same command says how much.
    let holds = |set_by: &LimitSource| *set_by == LimitSource::Option || !plan.options.destroy;
    for (set_by, max_deletes, max_changes) in sources.into_iter().filter(|(set_by, ..)| holds(set_by)) {
        if let Some(limit) = broken(max_deletes, deleted) {
            let kind = RefusalKind::TooManyDeletes { count: deleted, live, limit, set_by };
            refusals.push(Refusal { address: None, kind });
        }
        if let Some(limit) = broken(max_changes, changed) {
            let kind = RefusalKind::TooManyChanges { count: changed, live, limit, set_by };
            refusals.push(Refusal { address: None, kind });
        }
    }
    refusals.extend(unconfirmed(plan, limits, guards));
    refusals
}

/// Returns a refusal for each class of risks that the spec wants confirmed and nobody has.
fn unconfirmed<V>(plan: &Plan<V>, limits: &Limits, guards: &Guards) -> Vec<Refusal> {
    if guards.confirm.is_empty() {
        return Vec::new();
    }
    let risks = plan.risks();
    let is_wanted = |class: &RiskClass| guards.confirm.contains(class) && !limits.confirmed.contains(class);
    let refusal = |class: RiskClass| {
        let of_class = || risks.iter().filter(|(_, risk)| risk.class() == class);
        let (address, risk) = of_class().next()?;
        let kind = RefusalKind::Unconfirmed { class, risk: risk.clone(), count: of_class().count() };
        Some(Refusal::of(address, kind))
    };
    RiskClass::ALL.into_iter().filter(is_wanted).filter_map(refusal).collect()
}
