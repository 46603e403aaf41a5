//! Checks the finished plan against the limits of the user who applies it.

use super::{Limits, Plan, ResourcePlan};
use crate::model::{Action, Refusal, RefusalKind};

/// Returns a refusal for each limit that the plan exceeds.
pub fn exceeded<V>(plan: &Plan<V>, limits: &Limits) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if !limits.allow_replace {
        refusals.extend(plan.resources.iter().filter_map(|resource| {
            let lost = resource.data_loss.clone()?;
            Some(Refusal::of(&resource.address, RefusalKind::DataLoss { lost }))
        }));
    }
    let deletes = |action| matches!(action, Action::Delete | Action::Replace);
    // A resource that replaces another under a new name is counted where that one is deleted.
    let is_counted = |resource: &&ResourcePlan<V>| deletes(resource.action) && resource.replaces.is_none();
    let count = plan.resources.iter().filter(is_counted).count();
    if let Some(limit) = limits.max_deletes.filter(|limit| count > *limit) {
        refusals.push(Refusal { address: None, kind: RefusalKind::TooManyDeletes { count, limit } });
    }
    refusals
}
