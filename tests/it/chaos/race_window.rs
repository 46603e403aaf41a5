//! The race window between trueup's last read and its write, measured; and tests of the write log that measures it.

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

use super::lost_updates::{CONCURRENT_WRITER, Findings, WriteLog};
use super::proxy::Proxy;
use super::test_account::{RunResult, TestAccount, run};
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
async fn applied_account(rules: &str) -> TestAccount {
    let account = TestAccount::with(rules, Duration::ZERO, |router| Proxy {
        write_log: Some(WriteLog::new(router)),
        ..Proxy::default()
    });
    let first = account.reconciler_for(SPEC, "first");
    assert_eq!(account.converge(&first, &PlanOptions::default(), 1).await, Ok(Vec::new()));
    account
}

fn found(account: &TestAccount) -> Findings {
    account.proxy.write_log.as_ref().expect("a ledger").findings()
}

/// Returns the write log's findings after these calls: `None` reads the concurrency, a number sets it.
async fn after(calls: &[(&'static str, Option<u64>)]) -> Findings {
    let account = applied_account("").await;
    for (writer, reserved) in calls {
        let router = account.proxy.between(account.router(), writer);
        let (method, path, body) = match reserved {
            None => ("GET", READ_CONCURRENCY, Value::Null),
            Some(reserved) => ("PUT", CONCURRENCY, json!({"ReservedConcurrentExecutions": reserved})),
        };
        assert!(send(&router, method, path, body).await);
    }
    found(&account)
}

#[tokio::test(start_paused = true)]
async fn the_race_window_spans_the_calls_since_the_last_read() {
    let ours = |reserved| ("first", reserved);
    let foreign = (CONCURRENT_WRITER, Some(41));
    let widths = async |calls: &[(&'static str, Option<u64>)]| -> Vec<usize> {
        let found = after(calls).await;
        assert!(found.lost.is_empty(), "{:?}", found.lost);
        found.windows.into_iter().map(|(_, width)| width).collect()
    };
    assert_eq!(widths(&[ours(None), foreign, ours(Some(3))]).await, [1]);
    assert_eq!(widths(&[ours(None), ours(Some(5)), ours(Some(6)), foreign, ours(Some(3))]).await, [3]);
    // Replacing one's own value, or being replaced by the concurrent writer, opens no window.
    assert_eq!(widths(&[ours(None), ours(Some(3)), foreign]).await, Vec::<usize>::new());
    // A value that is the same as the one before replaces nothing.
    assert_eq!(widths(&[ours(None), foreign, ours(Some(41))]).await, Vec::<usize>::new());
}

#[tokio::test(start_paused = true)]
async fn replacing_a_read_value_that_no_plan_shows_counts_as_lost() {
    let found = after(&[(CONCURRENT_WRITER, Some(41)), ("first", None), ("first", Some(3))]).await;
    assert!(found.windows.is_empty() && found.lost.len() == 1, "{found:?}");
    assert!(found.lost[0].contains("overlooked"), "{found:?}");
}

#[tokio::test(start_paused = true)]
async fn replacing_a_value_that_was_not_read_counts_as_lost_despite_a_revision() {
    let account = applied_account("").await;
    let (ours, foreign) =
        (account.proxy.between(account.router(), "first"), account.proxy.between(account.router(), CONCURRENT_WRITER));
    assert!(send(&foreign, "PUT", CONFIGURATION, json!({"MemorySize": 777})).await);
    let now = super::account_state::get(&account.router(), CONFIGURATION).await.unwrap();
    let body = json!({"MemorySize": 512, "RevisionId": now["RevisionId"]});
    assert!(send(&ours, "PUT", CONFIGURATION, body).await);
    let found = found(&account);
    assert!(found.lost.len() == 1 && found.lost[0].contains("MemorySize"), "{found:?}");
}

/// Creates a reconciler whose n-th request from now on a concurrent write precedes.
fn reconciler_with_write_before(
    account: &TestAccount,
    spec: &str,
    at: usize,
    write: (&'static str, &'static str, Value),
) -> Reconciler {
    let countdown = Arc::new(AtomicUsize::new(at));
    let foreign = account.proxy.between(account.router(), CONCURRENT_WRITER);
    let router: Router = account.proxy.between(account.router(), "first");
    let router = router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let (countdown, foreign, write) = (countdown.clone(), foreign.clone(), write.clone());
        async move {
            if countdown.fetch_sub(1, Ordering::SeqCst) == 1 {
                // Faults are injected into this call too.
                while !send(&foreign, write.0, write.1, write.2.clone()).await {}
            }
            next.run(request).await
        }
    }));
    Reconciler { endpoint: Arc::new(Cloud::in_process(router, REGION)), ..account.reconciler(spec) }
}

/// Applies the spec with the concurrent write before each request in turn; counts writes seen, refused, and in the window.
async fn run_contest(
    rules: &str,
    spec: &str,
    request: (&'static str, &'static str, Value),
) -> (u64, usize, Vec<usize>) {
    let (mut seen, mut refused, mut widths) = (0, 0, Vec::new());
    for at in 1..100 {
        let account = applied_account(rules).await;
        let before = account.proxy.count();
        let writer = reconciler_with_write_before(&account, spec, at, request.clone());
        let report: Option<Report> =
            match run(&writer, &PlanOptions::default(), |plan| account.planned("first", plan)).await {
                RunResult::Ran(report, _) => Some(report),
                _ => None,
            };
        // The concurrent write is counted too.
        if account.proxy.count() - before < at {
            return (seen, refused, widths);
        }
        let found = found(&account);
        assert!(found.lost.is_empty(), "before request {at}: {:?}", found.lost);
        seen += found.replaced;
        widths.extend(found.windows.iter().map(|(_, width)| *width));
        let is_refusal = Outcome::is_refused;
        refused += usize::from(report.is_some_and(|report| report.steps.iter().any(|(_, end)| is_refusal(end))));
    }
    panic!("an apply of this size does not take 100 requests");
}

#[tokio::test(start_paused = true)]
async fn a_call_without_a_revision_has_one_race_window_of_one_call() {
    let change = SPEC.replace("executions: 2", "executions: 3");
    let (seen, refused, widths) =
        run_contest("", &change, ("PUT", CONCURRENCY, json!({"ReservedConcurrentExecutions": 41}))).await;
    assert!(seen > 0 && refused > 0, "{seen} {refused}");
    assert_eq!(widths, [1]);
    let change = SPEC.replace("team: ours", "team: others");
    let (seen, refused, widths) = run_contest("", &change, ("POST", TAGS, json!({"Tags": {"team": "strange"}}))).await;
    assert!(seen > 0 && refused > 0, "{seen} {refused}");
    assert_eq!(widths, [1]);
}

/// A removal that no read has shown yet must not be undone.
#[tokio::test(start_paused = true)]
async fn a_tag_removed_concurrently_is_not_written_again_without_a_read() {
    const UNTAG: &str = "/2017-03-31/tags/arn:aws:lambda:us-east-1:123456789012:function:orders?tagKeys=team";
    let change = SPEC.replace("team: ours", "team: others");
    let (_, refused, widths) = run_contest("", &change, ("DELETE", UNTAG, Value::Null)).await;
    assert!(refused > 0);
    assert_eq!(widths, [1]);
}

/// Tags are written one by one, so a change of another tag between two of our steps is not ours to judge.
#[tokio::test(start_paused = true)]
async fn a_tag_changed_between_two_steps_is_not_removed_without_a_read() {
    let change = SPEC.replace("tags: {team: ours}", "prune: true\n    tags: {other: ours}");
    let (_, refused, widths) = run_contest("", &change, ("POST", TAGS, json!({"Tags": {"team": "strange"}}))).await;
    assert!(refused > 0);
    assert_eq!(widths, [1]);
}

#[tokio::test(start_paused = true)]
async fn a_call_with_a_revision_has_no_race_window() {
    let change = SPEC.replace("memory_size: 128", "memory_size: 512");
    let (seen, refused, widths) = run_contest("", &change, ("PUT", CONFIGURATION, json!({"MemorySize": 777}))).await;
    assert!(seen > 0 && refused > 0, "{seen} {refused}");
    assert_eq!(widths, Vec::<usize>::new());
}

/// A retried write reads again first: each attempt has its own window, and none is wider.
#[tokio::test(start_paused = true)]
async fn a_retried_write_reads_again_first() {
    let change = SPEC.replace("executions: 2", "executions: 3");
    let rules = "fail 429 before on PutFunctionConcurrency at 2,3";
    let (_, refused, widths) =
        run_contest(rules, &change, ("PUT", CONCURRENCY, json!({"ReservedConcurrentExecutions": 41}))).await;
    assert!(refused > 0);
    assert_eq!(widths, [1, 1, 1]);
}
