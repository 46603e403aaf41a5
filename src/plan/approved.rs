//! The one way from a plan to an apply: a plan that nothing forbids.

use super::{ExecutablePlan, Limits, Plan, preflight};
use crate::model::Refusal;

/// A plan that may be applied.
///
/// # Guarantees
/// Only [`ExecutablePlan::approve`] makes one, so no refusal can be overlooked. A plan that nobody approved cannot be
/// applied:
///
/// ```compile_fail,E0308
/// # async fn test(reconciler: trueup::reconcile::Reconciler, plan: trueup::plan::ExecutablePlan) {
/// reconciler.apply(plan, Default::default(), Default::default()).await;
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ApprovedPlan(ExecutablePlan);

/// A plan that must not be applied, with every reason.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the plan must not be applied: {}", .0.iter().map(Refusal::message).collect::<Vec<_>>().join("; "))]
pub struct RefusedPlan(pub Vec<Refusal>);

impl ExecutablePlan {
    /// Approves the plan within `limits`, which are those of whoever applies it and not those it was planned with.
    ///
    /// # Errors
    /// Every refusal of the plan, and every limit that it exceeds.
    pub fn approve(self, limits: &Limits) -> Result<ApprovedPlan, RefusedPlan> {
        let refusals: Vec<Refusal> = self
            .plan
            .refusals
            .iter()
            .filter(|refusal| !refusal.is_limit())
            .cloned()
            .chain(preflight::exceeded(&self.plan, limits))
            .collect();
        if refusals.is_empty() { Ok(ApprovedPlan(self)) } else { Err(RefusedPlan(refusals)) }
    }
}

impl ApprovedPlan {
    /// The plan's listing.
    pub fn plan(&self) -> &Plan {
        &self.0.plan
    }

    /// Takes the plan out, to apply it.
    pub(crate) fn into_inner(self) -> ExecutablePlan {
        self.0
    }
}
