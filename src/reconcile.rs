//! The reconciler: observes the live state ([`observe()`]), plans ([`build`]) and applies ([`apply()`]). Read next:
//! `src/apply/execute/mod.rs`

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::apply::{ApplyOptions, Deadline, EventSender, Outcome, Report, StepError, apply};
use crate::contents::{Download, compare};
use crate::declaration::Stack;
use crate::model::{Action, Address, NotChecked, Package, TargetPart};
use crate::observe::{Depth, Listed, ReadsFailed, certain_reads, observe, observe_listed};
use crate::plan::saved::{Binding, PlanKey, Stale, stale};
use crate::plan::{
    ApprovedPlan, ChangedPart, Coverage, ExecutablePlan, LiveState, Plan, PlanOptions, ResourcePlan, SealedPlan, Step,
    build,
};
use crate::reading::WatchedReads;
use crate::resource::{Observed, State};
use crate::wire::Endpoint;

/// The time after which a user is told what the plan waits for.
const PATIENCE: Duration = Duration::from_secs(1);

/// A stack, its endpoint and the options of its runs.
#[derive(Clone)]
pub struct Reconciler {
    /// The Lambda API to call.
    pub endpoint: Arc<dyn Endpoint>,
    /// The declared stack.
    pub stack: Arc<Stack>,
    /// The deployment packages of the resources that have one and that are planned.
    pub packages: Arc<BTreeMap<Address, Arc<Package>>>,
    /// The concurrency and the timeouts.
    pub options: ApplyOptions,
}

impl Reconciler {
    /// Plans from the live state of now.
    pub async fn plan(&self, options: &PlanOptions, depth: Depth) -> Result<ExecutablePlan, ReadsFailed> {
        self.plan_reporting(options, depth, &EventSender::default()).await
    }

    /// Does the same, and sends an event if the live code takes long to download.
    pub async fn plan_reporting(
        &self,
        options: &PlanOptions,
        depth: Depth,
        events: &EventSender,
    ) -> Result<ExecutablePlan, ReadsFailed> {
        let observed = self.observe(options, depth, events).await?;
        Ok(self.planned(observed, options, events).await)
    }

    /// Plans what the listings of the account show to differ, with all that belongs to it, and leaves the rest unread.
    pub async fn plan_shallow(&self, events: &EventSender) -> Result<ExecutablePlan, ReadsFailed> {
        let Listed { live, known, open } =
            observe_listed(&self.endpoint, &self.stack, self.options.parallelism).await?;
        let listed = build(&self.stack, &self.packages, &live, &PlanOptions::default()).plan;
        let differs = |it: &&ResourcePlan| it.action != Action::Keep && known.contains(&it.address);
        let differing = listed.resources.iter().filter(differs).map(|it| it.address.clone());
        let part =
            ChangedPart { since: String::new(), resources: differing.chain(open).collect(), removed: Vec::new() };
        let options = PlanOptions { changed: Some(part), ..PlanOptions::default() };
        let mut executable = self.plan_reporting(&options, Depth::Full, events).await?;
        executable.plan.not_compared.iter_mut().for_each(NotChecked::make_shallow);
        Ok(executable)
    }

    async fn observe(
        &self,
        options: &PlanOptions,
        depth: Depth,
        events: &EventSender,
    ) -> Result<LiveState, ReadsFailed> {
        let coverage = Coverage::of(&self.stack, options);
        let (stack, selected) = (self.stack.clone(), options.clone());
        let expected = move || certain_reads(&stack, &Coverage::of(&stack, &selected));
        let endpoint: Arc<dyn Endpoint> = Arc::new(WatchedReads::new(self.endpoint.clone(), events.clone(), expected));
        observe(&endpoint, &self.stack, &coverage, depth.max_for(options), self.options.parallelism).await
    }

    async fn planned(&self, mut observed: LiveState, options: &PlanOptions, events: &EventSender) -> ExecutablePlan {
        // What is destroyed needs no code.
        if options.destroy {
            return build(&self.stack, &self.packages, &observed, options);
        }
        let download = if self.options.compare_code { Download::All } else { Download::Nothing };
        let packages = {
            let comparison = compare(&self.endpoint, &self.packages, &mut observed, self.options.parallelism, download);
            let mut comparison = pin!(comparison);
            match timeout(PATIENCE, &mut comparison).await {
                Ok(packages) => packages,
                Err(_) => {
                    events.downloading_code();
                    comparison.await
                }
            }
        };
        build(&self.stack, &packages, &observed, options)
    }

    /// Plans once Lambda has finished the operations in progress, or after the deadline.
    pub async fn plan_settled(
        &self,
        options: &PlanOptions,
        depth: Depth,
        events: &EventSender,
    ) -> Result<ExecutablePlan, ReadsFailed> {
        let deadline = Deadline::after(self.options.deadline);
        let mut pauses = self.options.pauses();
        loop {
            let observed = self.observe(options, depth, events).await?;
            match unsettled(&observed, &Coverage::of(&self.stack, options)).filter(|_| !deadline.has_passed()) {
                None => return Ok(self.planned(observed, options, events).await),
                Some(what) => events.waiting_for_lambda(&what),
            }
            sleep(pauses.next_pause()).await;
        }
    }

    /// Compares a saved plan with the plan of now with these options, which should be its own, and returns the differences and
    /// the plan of now. A plan that was saved with a key needs it.
    pub async fn verify(
        &self,
        saved: &SealedPlan,
        options: &PlanOptions,
        key: Option<PlanKey>,
    ) -> Result<(Vec<Stale>, ExecutablePlan), ReadsFailed> {
        let current = self.plan(options, Depth::Declared).await?;
        let now = current.plan.sealed(&Binding::of(&self.stack).with_key(key));
        Ok((stale(saved, &now), current))
    }

    /// Applies an approved plan.
    pub async fn apply(&self, approved: ApprovedPlan, stop: CancellationToken, events: EventSender) -> Report {
        if let Some(refusal) = self.other_scope(approved.plan()) {
            let refused = |step: &Step| (step.clone(), Outcome::Error(StepError::refused(refusal.clone(), Vec::new())));
            return Report { steps: approved.plan().steps.iter().map(refused).collect(), ..Report::default() };
        }
        apply(self.endpoint.clone(), approved, self.options, stop, events).await
    }

    /// Returns the reason why a plan is not for this account, region and stack, if it is not.
    fn other_scope(&self, plan: &Plan) -> Option<String> {
        let scope = &self.stack.scope;
        let of = |account: &str, region: &str, stack: &str| format!("stack {stack} in account {account}, {region}");
        let planned = of(&plan.account, &plan.region, &plan.stack);
        let own = of(scope.text(TargetPart::Account), scope.text(TargetPart::Region), &scope.stack);
        (planned != own).then(|| format!("the plan is for {planned}, and not for {own}"))
    }
}

/// Returns the first covered resource with an operation in progress, and the operation.
fn unsettled(observed: &LiveState, coverage: &Coverage<'_>) -> Option<String> {
    let settling = |(address, live): (&Address, &Observed)| match &live.state {
        State::Settling { text, .. } if coverage.covers(address) => Some(format!("{address}: {text}")),
        _ => None,
    };
    observed.live.iter().find_map(settling)
}
