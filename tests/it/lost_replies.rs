//! Promise: a lost reply creates nothing twice, and is not taken for a concurrent change, even while reads are stale.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use trueup::apply::{Event, Outcome, StepError, Verdict, WriteStatus};
use trueup::observe::Depth;
use trueup::plan::{Limits, PlanOptions};
use trueup::sim::{Clock, FaultPlan, Options, Settle, Simulator};

use crate::harness::{Fixture, block_on, run, shown, undone};

fn fixture(rules: &str) -> Fixture {
    let mut options = Options::default();
    options.settle = Settle::uniform(Duration::from_millis(200));
    options.seed = Some(7);
    options.clock = Clock::runtime();
    options.faults = Some(FaultPlan::parse(rules).unwrap());
    Fixture::of(&Simulator::open(options).unwrap(), |router| router)
}

fn function(fields: &str) -> String {
    format!(
        "version: 1\nstack: shop\nfunctions:\n  orders:\n    runtime: python3.13\n    handler: app.handler\n    \
         role: arn:aws:iam::123456789012:role/r\n    code: {{zip: package.zip}}\n{fields}"
    )
}

#[test]
fn resources_with_generated_ids_are_not_created_twice() {
    let layer = "version: 1\nstack: shop\nlayers: {common: {code: {zip: package.zip}}}\n".to_owned();
    let signing = "version: 1\nstack: shop\ncode_signing_configs:\n  ours:\n    allowed_publishers:\n      \
                   signing_profile_version_arns: [\"arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/abcdefghij\"]\n";
    let mapping = function(
        "    event_source_mappings:\n      feed: {event_source_arn: \"arn:aws:sqs:us-east-1:123456789012:orders\"}\n",
    );
    for (create, list, spec) in [
        ("PublishLayerVersion", "ListLayerVersions", layer),
        ("CreateCodeSigningConfig", "ListCodeSigningConfigs", signing.to_owned()),
        ("CreateEventSourceMapping", "ListEventSourceMappings", mapping),
        ("CreateFunction", "GetFunction", function("")),
    ] {
        block_on(async {
            let fixture = fixture(&format!("lose on {create} at 1\nstale 3s on {list}\n"));
            let report = fixture.apply(&spec).await;
            assert_eq!(report.verdict(), Verdict::Applied, "{create}: {:#?}", undone(&report));
            // Lambda rejects a second function of the same name, so this create may be retried.
            let sent = fixture.cloud.counts()[create];
            assert!(sent == 1 || create == "CreateFunction", "{create} was sent {sent} times");
            tokio::time::sleep(Duration::from_secs(10)).await;
            let again = fixture.reconciler(&spec).plan(&PlanOptions::default(), Depth::Full).await.unwrap().plan;
            assert!(again.is_empty() && again.unmanaged.is_empty(), "{create}: {}", shown(&again));
        });
    }
}

#[test]
fn an_update_with_a_lost_reply_is_not_taken_for_a_concurrent_one() {
    block_on(async {
        let fixture = fixture("lose on UpdateFunctionConfiguration at 1\nstale 3s on GetFunction\n");
        fixture.apply(&function("")).await;
        tokio::time::sleep(Duration::from_secs(10)).await;
        let report = fixture.apply(&function("    memory_size: 512\n")).await;
        assert_eq!(report.verdict(), Verdict::Applied, "{:#?}", undone(&report));
    });
}

#[test]
fn a_failed_write_that_lambda_accepted_is_a_partial_apply() {
    block_on(async {
        let fixture = fixture("settle-failed InvalidSubnet on CreateFunction at 1\n");
        let spec = function("");
        let reconciler = fixture.reconciler(&spec);
        let prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
        let report = run(&reconciler, prepared).await;
        assert!(
            matches!(report.steps[0].1, Outcome::Error(StepError::Failed { write: WriteStatus::Accepted, .. })),
            "{:#?}",
            undone(&report)
        );
        assert_eq!(report.verdict(), Verdict::Partial);
    });
}

#[test]
fn a_truncated_reply_is_read_again() {
    block_on(async {
        let fixture = fixture("cut on GetFunction at 1\n");
        let report = fixture.apply(&function("")).await;
        assert_eq!(report.verdict(), Verdict::Applied, "{:#?}", undone(&report));
    });
}

#[test]
fn a_failed_function_is_never_reported_as_unchanged() {
    for (rule, first) in [
        ("settle-failed InvalidSubnet on CreateFunction at 1\n", ""),
        ("settle-failed SubnetOutOfIPAddresses on UpdateFunctionConfiguration at 1\n", "    memory_size: 256\n"),
        // Neither a stale read shows the failure, nor the first current one.
        (
            "settle-failed InvalidSubnet on UpdateFunctionConfiguration at 1\nstale 3s on GetFunction\n",
            "    memory_size: 256\n",
        ),
        // A resource that matches the spec after a lost reply may still have failed.
        ("settle-failed InvalidSubnet on CreateFunction at 1\nlose on CreateFunction at 1\n", ""),
        (
            "settle-failed InvalidSubnet on UpdateFunctionConfiguration at 1\nlose on UpdateFunctionConfiguration at 1\n",
            "    memory_size: 256\n",
        ),
    ] {
        block_on(async {
            let fixture = fixture(rule);
            let spec = function("    memory_size: 512\n");
            if !first.is_empty() {
                assert_eq!(fixture.apply(&function(first)).await.verdict(), Verdict::Applied, "{rule}");
            }
            assert_eq!(fixture.apply(&spec).await.verdict(), Verdict::Partial, "{rule}");
            let plan = fixture.reconciler(&spec).plan(&PlanOptions::default(), Depth::Declared).await.unwrap().plan;
            assert!(!plan.is_empty(), "{rule}: {}", shown(&plan));
            fixture.fixpoint(&spec).await;
        });
    }
}

#[test]
fn a_tag_is_written_although_the_first_call_was_lost() {
    let from_s3 = function("").replace("{zip: package.zip}", "{s3: {bucket: my-packages, key: app.zip}}");
    for (first, spec) in [
        (function(""), function("    tags: {team: shop}\n")),
        // The S3 location of the code is recorded in a tag.
        (String::new(), from_s3),
    ] {
        block_on(async {
            let fixture = fixture("reset on TagResource at 1\n");
            if !first.is_empty() {
                fixture.apply(&first).await;
            }
            fixture.fixpoint(&spec).await;
        });
    }
}

#[test]
fn a_stopped_apply_waits_no_longer_for_stale_reads() {
    block_on(async {
        let fixture = fixture("lose on PublishLayerVersion at 1\nstale 15s on ListLayerVersions\n");
        let reconciler = fixture.reconciler("version: 1\nstack: shop\nlayers: {common: {code: {zip: package.zip}}}\n");
        let plan = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
        let (sender, mut events) = trueup::events();
        let stop = CancellationToken::new();
        let applied = reconciler.apply(plan.approve(&Limits::default()).unwrap(), stop.clone(), sender);
        let stopped = async {
            while let Some(event) = events.recv().await {
                if matches!(event, Event::StepWaiting { .. }) {
                    stop.cancel();
                    return tokio::time::Instant::now();
                }
            }
            panic!("the effect of the call was known");
        };
        let (report, since) = tokio::join!(applied, stopped);
        assert!(since.elapsed() < Duration::from_millis(500), "{:?}", since.elapsed());
        let is_unknown =
            matches!(report.steps[0].1, Outcome::Error(StepError::Failed { write: WriteStatus::Unknown, .. }));
        assert!(is_unknown, "{:#?}", undone(&report));
        assert_eq!(fixture.cloud.counts()["PublishLayerVersion"], 1);
    });
}

#[test]
fn a_stale_read_is_not_taken_for_a_concurrent_change() {
    let publish = "    publish: true\n    runtime_management_config: {update_runtime_on: FunctionUpdate}\n";
    for (rules, first, spec) in [
        // The alias target's configuration is read again after the runtime configuration was written, and is not visible yet.
        ("stale 3s on GetFunction at 4, 5\n", String::new(), function(publish)),
        (
            "stale 3s on ListAliases,GetAlias,GetFunction\n",
            function("    aliases: {live: {function_version: $LATEST, description: old}}\n"),
            function("    aliases: {live: {function_version: $LATEST, description: new}}\n"),
        ),
    ] {
        block_on(async {
            let fixture = fixture(rules);
            if !first.is_empty() {
                assert_eq!(fixture.apply(&first).await.verdict(), Verdict::Applied, "{rules}");
                tokio::time::sleep(Duration::from_secs(10)).await;
            }
            let report = fixture.apply(&spec).await;
            assert_eq!(report.verdict(), Verdict::Applied, "{rules}: {:#?}", undone(&report));
            tokio::time::sleep(Duration::from_secs(10)).await;
            let plan = fixture.reconciler(&spec).plan(&PlanOptions::default(), Depth::Full).await.unwrap().plan;
            assert!(plan.is_empty(), "{rules}: {}", shown(&plan));
        });
    }
}
