//! A plan that can be applied, with the values that applying needs, and the one way to approve it.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::{Limits, Plan, preflight};
use crate::model::{Address, AttributeName, FieldPath, Guards, Package, Refusal, Template};
use crate::resource::{Attribute, Document, Observed, ResourceRef};

/// A plan with the values that carrying it out takes, which the plan itself does not hold because some are secret.
#[derive(Clone, Debug)]
pub struct ExecutablePlan {
    /// The listing.
    pub plan: Plan,
    /// The resources that the plan is about, with every value that could be worked out.
    pub resources: IndexMap<Address, ResourceState>,
    /// The refusals as they were planned: whoever changes those of the listing approves nothing by that.
    pub(super) refusals: Vec<Refusal>,
    /// The limits of the spec.
    pub(super) guards: Guards,
    /// The number of resources that the spec declares, which shares are of.
    pub(super) declared: usize,
}

/// One resource of a plan, with its values.
#[derive(Clone, Debug)]
pub struct ResourceState {
    /// Its place.
    pub at: ResourceRef,
    /// The declared value; absent for a resource that is not declared.
    pub desired: Option<Document>,
    /// Fields whose value is an output of another resource's steps.
    pub pending: BTreeMap<FieldPath, Template>,
    /// The live value before; absent if the resource does not exist.
    pub live: Option<Observed>,
    /// The value after the plan.
    pub after: Option<Document>,
    /// The ignored fields.
    pub ignore: Vec<FieldPath>,
    /// Its deployment package.
    pub package: Option<Arc<Package>>,
    /// The attributes that other resources may refer to: a list, because they are few and the resources many.
    pub(super) attributes: Vec<(AttributeName, Attribute)>,
}

impl ResourceState {
    /// Returns true if a live resource has the attributes that the plan predicts.
    pub fn is_predicted(&self, live: &Observed) -> bool {
        self.attributes.iter().all(|(name, attribute)| match attribute {
            Attribute::Predicted(predicted) => live.attributes.get(name) == Some(predicted),
            Attribute::Known(_) | Attribute::Unknown => true,
        })
    }
}

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
    /// Approves the plan within `limits`, which are those of the user who applies it and not those it was planned with.
    ///
    /// # Errors
    /// Every refusal of the plan, and every limit that it exceeds.
    pub fn approve(self, limits: &Limits) -> Result<ApprovedPlan, RefusedPlan> {
        let listed: Vec<Refusal> = self.plan.refusals.iter().filter(|it| !it.is_limit()).cloned().collect();
        let planned = if listed.len() < self.refusals.len() { self.refusals.clone() } else { listed };
        let refusals: Vec<Refusal> =
            planned.into_iter().chain(preflight::exceeded(&self.plan, limits, &self.guards, self.declared)).collect();
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
