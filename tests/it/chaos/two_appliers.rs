//! Two appliers and a concurrent writer on one account; the seed decides the order of their calls.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use trueup::apply::Verdict;
use trueup::plan::PlanOptions;
use trueup::reconcile::Reconciler;

use super::account_state::get;
use super::counts::{Counts, ScheduleResult, WIDTH};
use super::dice::Dice;
use super::lost_updates::{CONCURRENT_WRITER, WriteLog, has_revision};
use super::proxy::{Line, Proxy};
use super::test_account::{RunResult, TestAccount, run};
use crate::stacks::{Random, stack};

/// The most attempts of one applier.
const TRIES: usize = 8;

/// The width of the window that is promised: the write follows the last look at what it replaces. A look at a mapping is two
/// reads, because the second one, of its tags, needs the ARN from the first.
const PROMISED: usize = 2;

pub async fn run_contest(seed: u64) -> Result<ScheduleResult, String> {
    let mut dice = Dice::new(seed);
    let base = dice.stack();
    let (ours, theirs) = (random_goal(&mut dice, &base), random_goal(&mut dice, &base));
    // Two pipelines of one repository, or of two.
    let theirs = if dice.below(3) == 0 { ours.clone() } else { theirs };
    let settle = Duration::from_millis(*dice.pick(&[0, 0, 300]));
    let account = recorded_account(dice.roll(), settle);
    if dice.below(4) > 0 {
        let base = account.reconciler_for(&stack(&base), "first");
        account.converge(&base, &PlanOptions::default(), 1).await?;
    }
    // A few edits far apart, or many close together.
    let (hands, pause) = if dice.below(2) == 0 { (1 + dice.below(12), 900) } else { (10 + dice.below(30), 80) };
    let (first, second) = (account.reconciler_for(&ours.0, "first"), account.reconciler_for(&theirs.0, "second"));
    account.proxy.others_stopped.store(false, Ordering::Relaxed);
    let (result, other, ()) = tokio::join!(
        apply_repeatedly(&account, &first, &ours.1, "first"),
        apply_repeatedly(&account, &second, &theirs.1, "second"),
        edit_manually(&account, dice, hands, pause),
    );
    result.and(other)?;
    // Without other writers, the first applier must converge.
    account.proxy.others_stopped.store(true, Ordering::Relaxed);
    account.converge(&first, &ours.1, 3).await?;
    let found = account.proxy.write_log.as_ref().expect("a ledger").findings();
    if !found.lost.is_empty() {
        return Err(format!("lost updates:\n{}\n{}", found.lost.join("\n"), account.proxy.trace()));
    }
    let widest = found.windows.iter().map(|(_, width)| *width).max().unwrap_or(0);
    if widest > PROMISED {
        return Err(format!("a window is too wide:\n{:#?}\n{}", found.windows, account.proxy.trace()));
    }
    check_revisions(&account.proxy.lines.lock().unwrap())?;
    let mut counts = Counts::default();
    counts.add("writes", found.writes);
    counts.add("replaced", found.replaced);
    counts.add("windows", found.windows.len() as u64);
    counts.add("taken along", found.taken_along);
    counts.most(WIDTH, widest as u64);
    Ok(ScheduleResult { counts, trace: account.proxy.trace() })
}

/// Picks the spec of one applier, and whether it prunes.
fn random_goal(dice: &mut Dice, base: &Random) -> (String, PlanOptions) {
    let wanted = dice.stack();
    match dice.below(4) {
        0 => (stack(&wanted), PlanOptions { prune: true, ..PlanOptions::default() }),
        _ => (stack(&base.edited(&wanted)), PlanOptions::default()),
    }
}

/// Opens an account whose calls the seed delays and a write log records.
pub fn recorded_account(seed: u64, settle: Duration) -> TestAccount {
    TestAccount::with("", settle, |router| Proxy {
        spread: Some(Mutex::new(Dice::new(seed))),
        write_log: Some(WriteLog::new(router)),
        others_stopped: AtomicBool::new(true),
        ..Proxy::default()
    })
}

/// Fails if a call of ours that replaces something and may carry a RevisionId carries none.
pub fn check_revisions(lines: &[Line]) -> Result<(), String> {
    let bare = lines.iter().filter(|line| line.writer != CONCURRENT_WRITER && !has_revision(line)).find(|line| {
        let parts: Vec<&str> = line.path.split('/').filter(|part| !part.is_empty()).skip(1).collect();
        matches!(
            (line.method.as_str(), &parts[..]),
            ("PUT", ["functions", _, "configuration" | "code"] | ["functions", _, "aliases", _])
                | ("POST", ["functions", _, "versions"])
        )
    });
    bare.map_or(Ok(()), |line| Err(format!("a write without a RevisionId: {}", line.text())))
}

/// Applies until it succeeds; plans again after a refusal.
async fn apply_repeatedly(
    account: &TestAccount,
    reconciler: &Reconciler,
    options: &PlanOptions,
    writer: &'static str,
) -> Result<(), String> {
    for _ in 0..TRIES {
        match run(reconciler, options, |plan| account.planned(writer, plan)).await {
            RunResult::Empty => return Ok(()),
            RunResult::Ran(report, _) if report.verdict() == Verdict::Applied => return Ok(()),
            // Refused, or partially applied because of a concurrent write.
            _ => {}
        }
    }
    Ok(())
}

/// Makes random manual edits.
async fn edit_manually(account: &TestAccount, mut dice: Dice, times: usize, pause: usize) {
    let router = account.proxy.between(account.router(), CONCURRENT_WRITER);
    for time in 0..times {
        tokio::time::sleep(Duration::from_millis(dice.below(pause) as u64)).await;
        let mappings = get(&account.router(), "/2015-03-31/event-source-mappings").await.unwrap_or_default();
        let mapping = mappings["EventSourceMappings"][0]["UUID"].as_str();
        let (method, path, body) = random_edit(&mut dice, time, mapping.unwrap_or("none"));
        // It may fail because its resource does not exist yet.
        send(&router, method, &path, body).await;
    }
}

/// Picks a manual edit.
fn random_edit(dice: &mut Dice, time: usize, mapping: &str) -> (&'static str, String, Value) {
    let function = *dice.pick(&["orders", "orders", "other"]);
    let path = |date: &str, what: &str| format!("/{date}/functions/{function}{what}");
    let text = format!("by hand {time}");
    let resource = format!("/2017-03-31/tags/arn:aws:lambda:us-east-1:123456789012:function:{function}");
    let provisioned = path("2019-09-30", "/provisioned-concurrency?Qualifier=live");
    match dice.below(12) {
        0 => ("PUT", path("2015-03-31", "/configuration"), json!({"MemorySize": 5001 + time})),
        1 => ("PUT", path("2015-03-31", "/configuration"), json!({"Description": text})),
        2 => ("PUT", path("2015-03-31", "/configuration"), json!({"Environment": {"Variables": {"BY_HAND": text}}})),
        3 => ("PUT", path("2015-03-31", "/aliases/live"), json!({"Description": text})),
        4 | 5 => ("PUT", path("2017-10-31", "/concurrency"), json!({"ReservedConcurrentExecutions": 41 + time})),
        6 => ("DELETE", path("2017-10-31", "/concurrency"), Value::Null),
        // Never more than any spec reserves, so that the declared values still fit.
        7 => ("PUT", provisioned, json!({"ProvisionedConcurrentExecutions": 1 + time % 9})),
        8 => ("DELETE", provisioned, Value::Null),
        9 => {
            let body = json!({"BatchSize": 11 + time, "MaximumBatchingWindowInSeconds": 1});
            ("PUT", format!("/2015-03-31/event-source-mappings/{mapping}"), body)
        }
        10 => ("DELETE", format!("{resource}?tagKeys=tag1"), Value::Null),
        _ => ("POST", resource, json!({"Tags": {"tag1": text}})),
    }
}

/// Picks, now and then, a write right after a read of a resource whose writes carry no RevisionId.
pub fn write_after_read(dice: &mut Dice, line: &Line, number: usize) -> Option<(&'static str, String, Value)> {
    if line.is_write() || line.writer == CONCURRENT_WRITER || dice.below(5) > 0 {
        return None;
    }
    let path = line.path.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).skip(1).collect();
    let text = format!("ambush {number}");
    let reserved = json!({"ReservedConcurrentExecutions": 41 + number % 50});
    match parts[..] {
        ["functions", name] if dice.below(2) == 0 => {
            let path = format!("/2017-03-31/tags/arn:aws:lambda:us-east-1:123456789012:function:{name}");
            Some(("POST", path, json!({"Tags": {"tag1": text}})))
        }
        ["functions", name] | ["functions", name, "concurrency"] => {
            Some(("PUT", format!("/2017-10-31/functions/{name}/concurrency"), reserved))
        }
        ["functions", name, "provisioned-concurrency"] => {
            let path = format!("/2019-09-30/functions/{name}/provisioned-concurrency?Qualifier=live");
            Some(("PUT", path, json!({"ProvisionedConcurrentExecutions": 1 + number % 9})))
        }
        _ => None,
    }
}

/// Sends a write until its reply is conclusive; returns true if it took effect as far as known.
pub async fn send(router: &Router, method: &str, path: &str, body: Value) -> bool {
    sent(router, method, path, body).await == Some(true)
}

/// Sends a write like [`send`]; `None` if it was rejected after an inconclusive reply.
pub async fn sent(router: &Router, method: &str, path: &str, body: Value) -> Option<bool> {
    for attempt in 0..5 {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let response = router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let status = response.status();
        let is_whole = response.into_body().collect().await.is_ok();
        if is_whole && !status.is_server_error() && status != StatusCode::TOO_MANY_REQUESTS {
            return (status.is_success() || attempt == 0).then(|| status.is_success());
        }
    }
    None
}
