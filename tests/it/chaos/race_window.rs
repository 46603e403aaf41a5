//! The ledger is held to what is known: a replacement inside a window and one outside it, seen and unseen, guarded and not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use serde_json::{Value, json};
use trueup::apply::{Outcome, Report};
use trueup::cloud::Cloud;
use trueup::plan::PlanOptions;
use trueup::reconcile::Reconciler;

use super::lost_updates::{Findings, Ledger, STRANGER};
use super::proxy::Tap;
use super::test_account::{Ended, Estate, run};
use super::two_appliers::send;
use crate::harness::REGION;

const SPEC: &str = r#"
version: 1
stack: metered
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
    memory_size: 128
    reserved_concurrent_executions: 2
    tags: {team: ours}
    aliases:
      live: {function_version: published, provisioned_concurrent_executions: 1}
"#;

const CONCURRENCY: &str = "/2017-10-31/functions/orders/concurrency";
const READ_CONCURRENCY: &str = "/2019-09-30/functions/orders/concurrency";
const CONFIGURATION: &str = "/2015-03-31/functions/orders/configuration";
const TAGS: &str = "/2017-03-31/tags/arn:aws:lambda:us-east-1:123456789012:function:orders";

/// An account with the spec applied by the first writer.
async fn estate(rules: &str) -> Estate {
    let estate =
        Estate::with(rules, Duration::ZERO, |router| Tap { ledger: Some(Ledger::new(router)), ..Tap::default() });
    let first = estate.reconciler_for(SPEC, "first");
    assert_eq!(estate.converge(&first, &PlanOptions::default(), 1).await, Ok(Vec::new()));
    estate
}

fn found(estate: &Estate) -> Findings {
    estate.tap.ledger.as_ref().expect("a ledger").findings()
}

/// What the meter shows after these calls, each of a writer: `?` is a read of the concurrency, a number sets it.
async fn after(calls: &[(&'static str, Option<u64>)]) -> Findings {
    let estate = estate("").await;
    for (writer, reserved) in calls {
        let router = estate.tap.between(estate.router(), writer);
        let (method, path, body) = match reserved {
            None => ("GET", READ_CONCURRENCY, Value::Null),
            Some(reserved) => ("PUT", CONCURRENCY, json!({"ReservedConcurrentExecutions": reserved})),
        };
        assert!(send(&router, method, path, body).await);
    }
    found(&estate)
}

#[tokio::test(start_paused = true)]
async fn a_window_is_as_wide_as_the_calls_since_the_last_look() {
    let ours = |reserved| ("first", reserved);
    let strange = (STRANGER, Some(41));
    let widths = async |calls: &[(&'static str, Option<u64>)]| -> Vec<usize> {
        let found = after(calls).await;
        assert!(found.lost.is_empty(), "{:?}", found.lost);
        found.windows.into_iter().map(|(_, width)| width).collect()
    };
    assert_eq!(widths(&[ours(None), strange, ours(Some(3))]).await, [1]);
    assert_eq!(widths(&[ours(None), ours(Some(5)), ours(Some(6)), strange, ours(Some(3))]).await, [3]);
    // Of our own values nobody has to see anything, and what a stranger replaces is the stranger's affair.
    assert_eq!(widths(&[ours(None), ours(Some(3)), strange]).await, Vec::<usize>::new());
    // A value that is the same as the one before replaces nothing.
    assert_eq!(widths(&[ours(None), strange, ours(Some(41))]).await, Vec::<usize>::new());
}

#[tokio::test(start_paused = true)]
async fn a_value_that_was_read_and_replaced_without_a_plan_is_lost() {
    let found = after(&[(STRANGER, Some(41)), ("first", None), ("first", Some(3))]).await;
    assert!(found.windows.is_empty() && found.lost.len() == 1, "{found:?}");
    assert!(found.lost[0].contains("overlooked"), "{found:?}");
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_replaced_unseen_under_a_revision_is_lost() {
    let estate = estate("").await;
    let (ours, strange) = (estate.tap.between(estate.router(), "first"), estate.tap.between(estate.router(), STRANGER));
    assert!(send(&strange, "PUT", CONFIGURATION, json!({"MemorySize": 777})).await);
    let now = super::account_state::get(&estate.router(), CONFIGURATION).await.unwrap();
    let body = json!({"MemorySize": 512, "RevisionId": now["RevisionId"]});
    assert!(send(&ours, "PUT", CONFIGURATION, body).await);
    let found = found(&estate);
    assert!(found.lost.len() == 1 && found.lost[0].contains("MemorySize"), "{found:?}");
}

/// The writer whose n-th request from now on somebody else comes before.
fn forestalled(estate: &Estate, spec: &str, at: usize, deed: (&'static str, &'static str, Value)) -> Reconciler {
    let fuse = Arc::new(AtomicUsize::new(at));
    let strange = estate.tap.between(estate.router(), STRANGER);
    let router: Router = estate.tap.between(estate.router(), "first");
    let router = router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let (fuse, strange, deed) = (fuse.clone(), strange.clone(), deed.clone());
        async move {
            if fuse.fetch_sub(1, Ordering::SeqCst) == 1 {
                // What befalls our calls befalls the stranger's too.
                while !send(&strange, deed.0, deed.1, deed.2.clone()).await {}
            }
            next.run(request).await
        }
    }));
    Reconciler { endpoint: Arc::new(Cloud::in_process(router, REGION)), ..estate.reconciler(spec) }
}

/// Applies the spec with the stranger before each of our requests in turn: how often it was seen, refused, and in the window.
async fn contest(rules: &str, spec: &str, deed: (&'static str, &'static str, Value)) -> (u64, usize, Vec<usize>) {
    let (mut seen, mut refused, mut widths) = (0, 0, Vec::new());
    for at in 1..100 {
        let estate = estate(rules).await;
        let before = estate.tap.count();
        let writer = forestalled(&estate, spec, at, deed.clone());
        let report: Option<Report> =
            match run(&writer, &PlanOptions::default(), |plan| estate.planned("first", plan)).await {
                Ended::Ran(report, _) => Some(report),
                _ => None,
            };
        // The stranger's own call is counted too.
        if estate.tap.count() - before < at {
            return (seen, refused, widths);
        }
        let found = found(&estate);
        assert!(found.lost.is_empty(), "before request {at}: {:?}", found.lost);
        seen += found.replaced;
        widths.extend(found.windows.iter().map(|(_, width)| *width));
        let is_refusal = Outcome::is_refused;
        refused += usize::from(report.is_some_and(|report| report.steps.iter().any(|(_, end)| is_refusal(end))));
    }
    panic!("an apply of this size does not take 100 requests");
}

#[tokio::test(start_paused = true)]
async fn a_call_without_a_revision_has_one_window_and_it_is_one_call_wide() {
    let change = SPEC.replace("executions: 2", "executions: 3");
    let (seen, refused, widths) =
        contest("", &change, ("PUT", CONCURRENCY, json!({"ReservedConcurrentExecutions": 41}))).await;
    assert!(seen > 0 && refused > 0, "{seen} {refused}");
    assert_eq!(widths, [1]);
    let change = SPEC.replace("team: ours", "team: others");
    let (seen, refused, widths) = contest("", &change, ("POST", TAGS, json!({"Tags": {"team": "strange"}}))).await;
    assert!(seen > 0 && refused > 0, "{seen} {refused}");
    assert_eq!(widths, [1]);
}

/// What is gone by now was not seen to be gone, and is not brought back unseen.
#[tokio::test(start_paused = true)]
async fn a_tag_that_somebody_takes_away_is_not_written_again_unseen() {
    const UNTAG: &str = "/2017-03-31/tags/arn:aws:lambda:us-east-1:123456789012:function:orders?tagKeys=team";
    let change = SPEC.replace("team: ours", "team: others");
    let (_, refused, widths) = contest("", &change, ("DELETE", UNTAG, Value::Null)).await;
    assert!(refused > 0);
    assert_eq!(widths, [1]);
}

/// Tags are written one by one, so what becomes of another one between two steps of ours is not ours.
#[tokio::test(start_paused = true)]
async fn a_tag_that_somebody_changes_between_two_steps_is_not_taken_away_unseen() {
    let change = SPEC.replace("tags: {team: ours}", "prune: true\n    tags: {other: ours}");
    let (_, refused, widths) = contest("", &change, ("POST", TAGS, json!({"Tags": {"team": "strange"}}))).await;
    assert!(refused > 0);
    assert_eq!(widths, [1]);
}

#[tokio::test(start_paused = true)]
async fn a_call_with_a_revision_has_no_window() {
    let change = SPEC.replace("memory_size: 128", "memory_size: 512");
    let (seen, refused, widths) = contest("", &change, ("PUT", CONFIGURATION, json!({"MemorySize": 777}))).await;
    assert!(seen > 0 && refused > 0, "{seen} {refused}");
    assert_eq!(widths, Vec::<usize>::new());
}

/// What is sent again after a pause is looked at again: each sending has its window, and none is wider.
#[tokio::test(start_paused = true)]
async fn a_write_that_is_sent_again_looks_again() {
    let change = SPEC.replace("executions: 2", "executions: 3");
    let rules = "fail 429 before on PutFunctionConcurrency at 2,3";
    let (_, refused, widths) =
        contest(rules, &change, ("PUT", CONCURRENCY, json!({"ReservedConcurrentExecutions": 41}))).await;
    assert!(refused > 0);
    assert_eq!(widths, [1, 1, 1]);
}
