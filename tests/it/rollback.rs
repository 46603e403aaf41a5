//! Promise: a rollback is blocked by nothing that it does not touch.
//!
//! An alias that is pinned to a published version needs its function to exist and to be ours, and nothing else: neither its
//! package, nor its other resources, nor what the same plan changes in it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use trueup::apply::{Outcome, Verdict};
use trueup::declaration::Inputs;
use trueup::files::Disk;
use trueup::model::{Address, RefusalKind};
use trueup::observe::Depth;
use trueup::plan::{Plan, PlanOptions};
use trueup::session::{ServerOptions, Session, SessionError, SessionOptions, SimulatorOptions};
use trueup::wire::{
    Call, Endpoint, Failure, FailureClass, Fetching, Operation, Request, Sending, TypedCall as _,
    UntagResourceInputBuilder,
};

use crate::harness::{Fixture, block_on, operations, run, shown, undone};

/// A function with two published versions, an alias on `version`, and other resources of all sorts.
fn spec(version: &str, memory: u16) -> String {
    format!(
        "version: 1
stack: shop
layers:
  common: {{code: {{zip: package.zip}}}}
functions:
  other: {{runtime: python3.13, handler: app.handler, role: \"arn:aws:iam::123456789012:role/r\", code: {{zip: package.zip}}}}
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/r
    code: {{zip: package.zip}}
    memory_size: {memory}
    layers: [\"${{layers.common.arn}}\"]
    publish: true
    permissions:
      topic: {{action: \"lambda:InvokeFunction\", principal: sns.amazonaws.com}}
    aliases:
      live:
        function_version: \"{version}\"
        event_source_mappings:
          queue: {{event_source_arn: \"arn:aws:sqs:us-east-1:123456789012:orders\"}}
"
    )
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn targets(all: &[&str]) -> PlanOptions {
    PlanOptions { targets: all.iter().map(|text| address(text)).collect(), ..PlanOptions::default() }
}

/// An account with versions 1 and 2 of the function, and the alias on version 2.
async fn published() -> Fixture {
    let fixture = Fixture::new();
    fixture.fixpoint(&spec("1", 128)).await;
    fixture.fixpoint(&spec("2", 256)).await;
    fixture
}

/// An endpoint that sends only these operations, and remembers which were asked for.
struct Only {
    inner: Arc<dyn Endpoint>,
    allowed: &'static [Operation],
    asked: Mutex<BTreeSet<&'static str>>,
}

impl Endpoint for Only {
    fn send(&self, call: Call) -> Sending<'_> {
        let operation = call.operation();
        self.asked.lock().unwrap().insert(operation.name());
        if self.allowed.contains(&operation) {
            return self.inner.send(call);
        }
        Box::pin(async move {
            Err(Failure {
                request: Request::Lambda(operation),
                class: FailureClass::AccessDenied,
                code: "AccessDeniedException".to_owned(),
                message: "not authorized".to_owned(),
                status: Some(403),
                request_id: None,
                retry_after: None,
            })
        })
    }

    fn fetch<'a>(&'a self, url: &'a str, limit: usize) -> Fetching<'a> {
        self.inner.fetch(url, limit)
    }
}

fn steps(plan: &Plan) -> Vec<(&str, String, &[u32])> {
    plan.steps.iter().map(|step| (step.operation.name(), step.address.to_string(), step.after.as_slice())).collect()
}

#[test]
fn a_pinned_alias_comes_first_and_waits_for_nothing() {
    block_on(async {
        let fixture = published().await;
        let plan = fixture.plan(&spec("1", 512)).await;
        let rollback = ("UpdateAlias", "alias/orders/live".to_owned(), &[][..]);
        assert_eq!(steps(&plan)[0], rollback, "{}", shown(&plan));
        assert_eq!(operations(&plan), ["UpdateAlias", "UpdateFunctionConfiguration", "PublishVersion"]);
    });
}

#[test]
fn a_pinned_alias_moves_although_the_update_of_its_function_fails() {
    block_on(async {
        let fixture = published().await;
        let mut reconciler = fixture.reconciler(&spec("1", 512));
        let prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
        let allowed = &[Operation::UpdateAlias, Operation::GetAlias, Operation::GetFunction, Operation::ListAliases];
        reconciler.endpoint = Arc::new(Only { inner: fixture.cloud.clone(), allowed, asked: Mutex::default() });
        let report = run(&reconciler, prepared).await;
        assert_eq!(report.verdict(), Verdict::Partial);
        let outcome = |operation| report.steps.iter().find(|(step, _)| step.operation == operation).map(|(_, it)| it);
        assert_eq!(outcome(Operation::UpdateAlias), Some(&Outcome::Done), "{:?}", undone(&report));
        assert_ne!(outcome(Operation::UpdateFunctionConfiguration), Some(&Outcome::Done));
    });
}

#[test]
fn an_alias_on_the_version_that_the_plan_publishes_waits_for_it() {
    block_on(async {
        let fixture = published().await;
        let plan = fixture.plan(&spec("3", 512)).await;
        assert_eq!(operations(&plan), ["UpdateFunctionConfiguration", "PublishVersion", "UpdateAlias"]);
        assert_eq!(plan.steps[2].after.len(), 1, "{}", shown(&plan));
        fixture.fixpoint(&spec("3", 512)).await;
    });
}

#[test]
fn a_targeted_rollback_reads_the_alias_its_function_and_the_versions() {
    block_on(async {
        let fixture = published().await;
        let mut reconciler = fixture.reconciler(&spec("1", 512));
        let allowed = &[
            Operation::ListAliases,
            Operation::GetAlias,
            Operation::GetFunction,
            Operation::ListVersionsByFunction,
            Operation::UpdateAlias,
        ];
        let only = Arc::new(Only { inner: fixture.cloud.clone(), allowed, asked: Mutex::default() });
        reconciler.endpoint = only.clone();
        let before = fixture.cloud.counts().values().sum::<u64>();
        let prepared = reconciler.plan(&targets(&["alias/orders/live"]), Depth::Declared).await.unwrap();
        let plan = &prepared.plan;
        assert_eq!(steps(plan), [("UpdateAlias", "alias/orders/live".to_owned(), &[][..])], "{}", shown(plan));
        assert_eq!(fixture.cloud.counts().values().sum::<u64>() - before, 3);
        assert_eq!(run(&reconciler, prepared).await.verdict(), Verdict::Applied);
        assert_eq!(
            *only.asked.lock().unwrap(),
            BTreeSet::from(["GetAlias", "GetFunction", "ListAliases", "ListVersionsByFunction", "UpdateAlias"])
        );
        // The rest is as it was, and the next plan finds it.
        let plan = fixture.plan(&spec("1", 512)).await;
        assert_eq!(operations(&plan), ["UpdateFunctionConfiguration", "PublishVersion"]);
    });
}

#[test]
fn a_targeted_alias_that_follows_its_function_takes_it_along() {
    block_on(async {
        let fixture = published().await;
        let options = targets(&["alias/orders/live"]);
        let plan = fixture.reconciler(&spec("published", 512)).plan(&options, Depth::Declared).await.unwrap().plan;
        assert_eq!(operations(&plan), ["UpdateFunctionConfiguration", "PublishVersion", "UpdateAlias"]);
    });
}

#[test]
fn a_targeted_rollback_is_refused_where_it_cannot_succeed_or_is_not_ours() {
    block_on(async {
        let options = targets(&["alias/orders/live"]);
        let refusals = async |fixture: &Fixture, text: &str| {
            let plan = fixture.reconciler(text).plan(&options, Depth::Declared).await.unwrap().plan;
            plan.refusals.into_iter().map(|refusal| refusal.kind).collect::<Vec<_>>()
        };
        let parent = address("function/orders");
        assert_eq!(refusals(&Fixture::new(), &spec("1", 128)).await, [RefusalKind::AbsentParent { parent }]);
        let fixture = published().await;
        let invalid = refusals(&fixture, &spec("9", 128)).await;
        assert!(
            matches!(&invalid[..], [RefusalKind::Invalid { reason }] if reason.contains("version 9")),
            "{invalid:?}"
        );
        let other = spec("1", 128).replace("stack: shop", "stack: other");
        assert_eq!(refusals(&fixture, &other).await, [RefusalKind::OtherStack { owner: "shop".to_owned() }]);
    });
}

#[test]
fn a_rollback_does_not_need_the_list_of_versions() {
    block_on(async {
        let fixture = published().await;
        for options in [PlanOptions::default(), targets(&["alias/orders/live"])] {
            let mut reconciler = fixture.reconciler(&spec("1", 256));
            let allowed =
                &[Operation::ListAliases, Operation::GetFunction, Operation::UpdateAlias, Operation::GetAlias];
            reconciler.endpoint = Arc::new(Only { inner: fixture.cloud.clone(), allowed, asked: Mutex::default() });
            let plan = reconciler.plan(&options, Depth::Declared).await.unwrap().plan;
            assert_eq!((operations(&plan), plan.refusals.len()), (vec!["UpdateAlias"], 0), "{}", shown(&plan));
        }
    });
}

#[test]
fn a_targeted_rollback_of_a_function_that_is_not_ours_yet_is_refused() {
    block_on(async {
        let fixture = published().await;
        let arn = "arn:aws:lambda:us-east-1:123456789012:function:orders";
        fixture.send(UntagResourceInputBuilder::default().resource(arn).tag_keys("trueup:stack").call()).await;
        let plan = fixture.reconciler(&spec("1", 256)).plan(&targets(&["alias/orders/live"]), Depth::Declared).await;
        let refusals: Vec<RefusalKind> = plan.unwrap().plan.refusals.into_iter().map(|it| it.kind).collect();
        assert_eq!(refusals, [RefusalKind::UntaggedParent { parent: address("function/orders") }]);
    });
}

#[test]
fn only_the_packages_of_what_is_planned_are_built() {
    let fixture = Fixture::new();
    let account = fixture.folder.path().join("account");
    let open = async |text: &str, plan: PlanOptions| {
        let file = fixture.folder.path().join("stack.yaml");
        std::fs::write(&file, text).unwrap();
        let settle = Some(Duration::ZERO);
        let options = SessionOptions {
            inputs: Inputs { files: vec![file], ..Inputs::default() },
            server: ServerOptions::Simulator(SimulatorOptions { folder: Some(account.clone()), region: None, settle }),
            plan,
            ..SessionOptions::default()
        };
        Session::open(options, &Disk).await
    };
    block_on(async {
        for text in [spec("1", 128), spec("2", 256)] {
            let session = open(&text, PlanOptions::default()).await.unwrap();
            let plan = session.plan(Depth::Declared).await.unwrap();
            let approved = plan.approve(&PlanOptions::default().limits).unwrap();
            let report = session.apply(approved, Default::default(), Default::default()).await;
            assert_eq!(report.verdict(), Verdict::Applied, "{:?}", undone(&report));
        }
        std::fs::remove_file(fixture.folder.path().join("package.zip")).unwrap();
        let text = spec("1", 256);
        let without =
            PlanOptions { excludes: targets(&["function/other", "layer/common"]).targets, ..PlanOptions::default() };
        let destroyed = PlanOptions { destroy: true, ..PlanOptions::default() };
        for (options, steps) in [(targets(&["alias/orders/live"]), 1), (without, 0), (destroyed, 4)] {
            let plan = open(&text, options.clone()).await.unwrap().plan(Depth::Declared).await.unwrap().plan;
            assert_eq!(plan.steps.len(), steps, "{options:?}\n{}", shown(&plan));
        }
        for options in [PlanOptions::default(), targets(&["function/other"])] {
            let opened = open(&text, options.clone()).await.map(drop);
            assert!(matches!(opened, Err(SessionError::Packages(_))), "{options:?}");
        }
    });
}
