//! A simulated account with injected faults, and runs of the reconciler on it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use trueup::apply::{ApplyOptions, EventSender, Report, Verdict};
use trueup::cloud::Cloud;
use trueup::drift::drift;
use trueup::observe::Depth;
use trueup::plan::{Plan, PlanOptions};
use trueup::reconcile::Reconciler;
use trueup::sim::{Clock, FaultPlan, Options, Settle, Simulator};

use super::proxy::Proxy;
use crate::harness::{Fixture, REGION, shown, undone};

/// An account, and a folder with the code.
pub struct TestAccount {
    pub fixture: Fixture,
    pub lambda: Simulator,
    pub proxy: Arc<Proxy>,
}

/// The result of a run.
#[derive(Debug)]
pub enum RunResult {
    Empty,
    /// The report and the plan as text.
    Ran(Report, String),
    /// The reads failed, or the plan was refused.
    ReadError(String),
    Killed,
}

impl TestAccount {
    pub fn new(rules: &str, settle: Duration, proxy: Proxy) -> TestAccount {
        TestAccount::with(rules, settle, |_| proxy)
    }

    /// Opens an account whose proxy reads the account itself.
    pub fn with(rules: &str, settle: Duration, proxy: impl FnOnce(Router) -> Proxy) -> TestAccount {
        let mut options = Options::default();
        options.settle = Settle::uniform(settle);
        options.seed = Some(7);
        options.clock = Clock::runtime();
        options.faults = Some(FaultPlan::parse(rules).unwrap_or_else(|error| panic!("{error:#}\n{rules}")));
        let lambda = Simulator::open(options).expect("an account in memory opens");
        let proxy = Arc::new(proxy(lambda.router()));
        let fixture = Fixture::of(&lambda, |router| proxy.between(router, "we"));
        TestAccount { fixture, lambda, proxy }
    }

    /// Returns the account without the proxy.
    pub fn router(&self) -> Router {
        self.lambda.router()
    }

    pub fn reconciler(&self, spec: &str) -> Reconciler {
        Reconciler { options: options(), ..self.fixture.reconciler(spec) }
    }

    /// Creates a reconciler for another writer.
    pub fn reconciler_for(&self, spec: &str, writer: &'static str) -> Reconciler {
        let cloud = Cloud::in_process(self.proxy.between(self.router(), writer), REGION);
        Reconciler { endpoint: Arc::new(cloud), ..self.reconciler(spec) }
    }

    /// Records a plan in the write log, if there is one.
    pub fn planned(&self, writer: &'static str, plan: &Plan) {
        self.proxy.write_log.iter().for_each(|write_log| write_log.planned(writer, plan));
    }

    /// One run of the program, as the command line does it.
    pub async fn run(&self, reconciler: &Reconciler, options: &PlanOptions) -> RunResult {
        tokio::select! {
            biased;
            () = self.proxy.killed.notified() => RunResult::Killed,
            // A single writer is the first.
            ended = run(reconciler, options, |plan| self.planned("first", plan)) => ended,
        }
    }

    /// Runs until nothing is left to do, at most `runs` times; returns the drift that remains.
    pub async fn converge(
        &self,
        reconciler: &Reconciler,
        options: &PlanOptions,
        runs: usize,
    ) -> Result<Vec<String>, String> {
        let (mut reports, mut applied) = (Vec::new(), runs == 0);
        for _ in 0..runs {
            match self.run(reconciler, options).await {
                RunResult::Empty => break,
                RunResult::Ran(report, plan) => {
                    applied = report.verdict() == Verdict::Applied;
                    reports.push(format!("{:?}\n{plan}", undone(&report)));
                }
                RunResult::ReadError(error) => reports.push(error),
                RunResult::Killed => reports.push("died".to_owned()),
            }
            if applied {
                break;
            }
        }
        let prepared = reconciler.plan(options, Depth::Full).await.map_err(|error| error.to_string())?;
        if !prepared.plan.is_empty() || !prepared.plan.refusals.is_empty() {
            return Err(format!(
                "after {} runs there is still\n{}\n{}",
                reports.len(),
                shown(&prepared.plan),
                reports.join("\n")
            ));
        }
        Ok(drift(&prepared.plan.masked()).iter().map(|drifted| serde_json::to_string(drifted).unwrap()).collect())
    }

    /// Reads the account once everything has settled.
    pub async fn account_state(&self) -> Value {
        tokio::time::sleep(Duration::from_secs(60)).await;
        super::account_state::account_state(&self.router()).await
    }
}

/// Plans and applies once; `planned` gets the plan before it is applied.
pub async fn run(reconciler: &Reconciler, options: &PlanOptions, planned: impl Fn(&Plan)) -> RunResult {
    let prepared = match reconciler.plan_settled(options, Depth::Declared, &EventSender::default()).await {
        Ok(prepared) => prepared,
        Err(error) => return RunResult::ReadError(error.to_string()),
    };
    let plan = shown(&prepared.plan);
    // A plan from inconsistent stale reads may be refused; the next run plans again.
    if !prepared.plan.refusals.is_empty() {
        return RunResult::ReadError(plan);
    }
    if prepared.plan.is_empty() {
        return RunResult::Empty;
    }
    planned(&prepared.plan);
    RunResult::Ran(
        reconciler
            .apply(
                prepared.approve(&options.limits).expect("it was not refused"),
                CancellationToken::new(),
                EventSender::default(),
            )
            .await,
        plan,
    )
}

fn options() -> ApplyOptions {
    ApplyOptions {
        parallelism: 4,
        deadline: Duration::from_secs(120),
        first_pause: Duration::from_millis(100),
        longest_pause: Duration::from_secs(2),
        compare_code: true,
    }
}
