//! An account with misfortunes, a spec, and runs over both.

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

use super::proxy::Tap;
use crate::harness::{Fixture, REGION, shown, undone};

/// An account, and a folder with the code.
pub struct Estate {
    pub world: Fixture,
    pub lambda: Simulator,
    pub tap: Arc<Tap>,
}

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    Empty,
    /// The report and the plan as text.
    Ran(Report, String),
    /// Nothing could be planned, or nothing that may be carried out.
    ReadError(String),
    Died,
}

impl Estate {
    pub fn new(rules: &str, settle: Duration, tap: Tap) -> Estate {
        Estate::with(rules, settle, |_| tap)
    }

    /// One whose tap needs to look into the account.
    pub fn with(rules: &str, settle: Duration, tap: impl FnOnce(Router) -> Tap) -> Estate {
        let mut options = Options::default();
        options.settle = Settle::uniform(settle);
        options.seed = Some(7);
        options.clock = Clock::runtime();
        options.faults = Some(FaultPlan::parse(rules).unwrap_or_else(|error| panic!("{error:#}\n{rules}")));
        let lambda = Simulator::open(options).expect("an account in memory opens");
        let tap = Arc::new(tap(lambda.router()));
        let world = Fixture::of(&lambda, |router| tap.between(router, "we"));
        Estate { world, lambda, tap }
    }

    /// The account without anything in between.
    pub fn router(&self) -> Router {
        self.lambda.router()
    }

    pub fn reconciler(&self, spec: &str) -> Reconciler {
        Reconciler { pace: pace(), ..self.world.reconciler(spec) }
    }

    /// The same for another writer.
    pub fn reconciler_for(&self, spec: &str, writer: &'static str) -> Reconciler {
        let cloud = Cloud::in_process(self.tap.between(self.router(), writer), REGION);
        Reconciler { endpoint: Arc::new(cloud), ..self.reconciler(spec) }
    }

    /// Notes a plan in the ledger, if there is one.
    pub fn planned(&self, writer: &'static str, plan: &Plan) {
        self.tap.ledger.iter().for_each(|ledger| ledger.planned(writer, plan));
    }

    /// One run of the program, as the command line does it.
    pub async fn run(&self, reconciler: &Reconciler, choice: &PlanOptions) -> Ended {
        tokio::select! {
            biased;
            () = self.tap.died.notified() => Ended::Died,
            // Whoever is alone is the first writer.
            ended = run(reconciler, choice, |plan| self.planned("first", plan)) => ended,
        }
    }

    /// Runs until nothing is left to do, at most `runs` times; tells everything that is not as declared then.
    pub async fn converge(
        &self,
        reconciler: &Reconciler,
        choice: &PlanOptions,
        runs: usize,
    ) -> Result<Vec<String>, String> {
        let (mut told, mut applied) = (Vec::new(), runs == 0);
        for _ in 0..runs {
            match self.run(reconciler, choice).await {
                Ended::Empty => break,
                Ended::Ran(report, plan) => {
                    applied = report.verdict() == Verdict::Applied;
                    told.push(format!("{:?}\n{plan}", undone(&report)));
                }
                Ended::ReadError(error) => told.push(error),
                Ended::Died => told.push("died".to_owned()),
            }
            if applied {
                break;
            }
        }
        let prepared = reconciler.plan(choice, Depth::Full).await.map_err(|error| error.to_string())?;
        if !prepared.plan.is_empty() || !prepared.plan.refusals.is_empty() {
            return Err(format!(
                "after {} runs there is still\n{}\n{}",
                told.len(),
                shown(&prepared.plan),
                told.join("\n")
            ));
        }
        Ok(drift(&prepared.plan.masked()).iter().map(|drifted| serde_json::to_string(drifted).unwrap()).collect())
    }

    /// What is in the account once everything has settled.
    pub async fn census(&self) -> Value {
        tokio::time::sleep(Duration::from_secs(60)).await;
        super::account_state::census(&self.router()).await
    }
}

/// One run of the program; `planned` is told what was planned before it is carried out.
pub async fn run(reconciler: &Reconciler, choice: &PlanOptions, planned: impl Fn(&Plan)) -> Ended {
    let prepared = match reconciler.plan_settled(choice, Depth::Declared, &EventSender::default()).await {
        Ok(prepared) => prepared,
        Err(error) => return Ended::ReadError(error.to_string()),
    };
    let plan = shown(&prepared.plan);
    // Whoever was shown an account that never was may well be refused, and comes again.
    if !prepared.plan.refusals.is_empty() {
        return Ended::ReadError(plan);
    }
    if prepared.plan.is_empty() {
        return Ended::Empty;
    }
    planned(&prepared.plan);
    Ended::Ran(
        reconciler
            .apply(
                prepared.approve(&choice.limits).expect("it was not refused"),
                CancellationToken::new(),
                EventSender::default(),
            )
            .await,
        plan,
    )
}

fn pace() -> ApplyOptions {
    ApplyOptions {
        parallelism: 4,
        deadline: Duration::from_secs(120),
        first_pause: Duration::from_millis(100),
        longest_pause: Duration::from_secs(2),
    }
}
