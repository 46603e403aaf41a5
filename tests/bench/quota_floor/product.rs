//! trueup itself, as a client that is measured and as the judge of what the others did.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use trueup::apply::{ApplyOptions, EventSender, Outcome};
use trueup::cloud::RequestQuotas;
use trueup::observe::Depth;
use trueup::plan::{ExecutablePlan, Limits, PlanOptions};
use trueup::reconcile::Reconciler;
use trueup::wire::Endpoint;

use crate::account::Account;
use crate::clients::Client;
use crate::estate::{CHANGED_HANDLER, Estate, HANDLER};
use crate::many_resources;

/// trueup with the spec of the estate, before and after the change.
pub struct Product {
    declared: Reconciler,
    changed: Reconciler,
}

impl Product {
    /// trueup as it is at AWS: paced by AWS's quotas, with the default options.
    pub fn at(account: &Account, estate: &Estate) -> Product {
        Product::new(estate, Arc::new(account.cloud().with_quotas(RequestQuotas::default())))
    }

    /// trueup behind this endpoint.
    pub fn new(estate: &Estate, endpoint: Arc<dyn Endpoint>) -> Product {
        let declared = reconciler(estate, HANDLER, endpoint.clone());
        Product { declared, changed: reconciler(estate, CHANGED_HANDLER, endpoint) }
    }
}

impl Client for Product {
    async fn create(&self, _: &Estate) {
        apply(&self.declared).await;
    }

    async fn read(&self, _: &Estate) {
        assert_empty(&plan(&self.declared).await);
    }

    async fn change(&self, _: &Estate) {
        apply(&self.changed).await;
    }
}

/// Checks that the account is as the changed spec declares it, whoever made it so. The calls of the check do not count.
///
/// # Panics
/// Panics if it is not: what was measured is then not the creation and the change of the estate.
pub async fn check(account: &Account, estate: &Estate) {
    let cloud = account.unmetered_cloud().with_quotas(RequestQuotas::default());
    assert_empty(&plan(&reconciler(estate, CHANGED_HANDLER, Arc::new(cloud))).await);
}

fn reconciler(estate: &Estate, changed: &str, endpoint: Arc<dyn Endpoint>) -> Reconciler {
    let stack = many_resources::load(estate.spec(changed));
    let packages = many_resources::packages(&stack, estate.folder());
    Reconciler { endpoint, stack: Arc::new(stack), packages: Arc::new(packages), options: ApplyOptions::default() }
}

async fn plan(reconciler: &Reconciler) -> ExecutablePlan {
    let planned = reconciler.plan(&PlanOptions::default(), Depth::Declared).await;
    planned.unwrap_or_else(|failed| panic!("the account cannot be read: {failed}"))
}

fn assert_empty(planned: &ExecutablePlan) {
    if let Some(step) = planned.plan.steps.first() {
        panic!("the plan has {} steps, the first is {} {}", planned.plan.steps.len(), step.operation, step.address);
    }
}

async fn apply(reconciler: &Reconciler) {
    let approved = plan(reconciler).await.approve(&Limits::default()).unwrap_or_else(|refused| panic!("{refused}"));
    let report = reconciler.apply(approved, CancellationToken::new(), EventSender::default()).await;
    if let Some((step, outcome)) = report.steps.iter().find(|(_, outcome)| *outcome != Outcome::Done) {
        panic!("{} {}: {outcome:?}", step.operation, step.address);
    }
}
