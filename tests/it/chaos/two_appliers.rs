//! Two appliers and a stranger on one estate, their calls in an order that the seed decides.

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
use super::counts::{Tally, Told, WIDTH};
use super::dice::Dice;
use super::lost_updates::{Ledger, STRANGER, is_guarded};
use super::proxy::{Line, Tap};
use super::test_account::{Ended, Estate, run};
use crate::stacks::{Random, stack};

/// How often one applier tries.
const TRIES: usize = 8;

/// The width of the window that is promised: the write follows the last look at what it replaces. A look at a mapping is two
/// reads, because only the first one tells whose tags the second asks for.
const PROMISED: usize = 2;

pub async fn contest(seed: u64) -> Result<Told, String> {
    let mut dice = Dice::new(seed);
    let base = dice.stack();
    let (ours, theirs) = (will(&mut dice, &base), will(&mut dice, &base));
    // Two pipelines of one repository, or of two.
    let theirs = if dice.below(3) == 0 { ours.clone() } else { theirs };
    let settle = Duration::from_millis(*dice.pick(&[0, 0, 300]));
    let estate = account(dice.roll(), settle);
    if dice.below(4) > 0 {
        let base = estate.reconciler_for(&stack(&base), "first");
        estate.converge(&base, &PlanOptions::default(), 1).await?;
    }
    // Now and then, or again and again.
    let (hands, pause) = if dice.below(2) == 0 { (1 + dice.below(12), 900) } else { (10 + dice.below(30), 80) };
    let (first, second) = (estate.reconciler_for(&ours.0, "first"), estate.reconciler_for(&theirs.0, "second"));
    estate.tap.alone.store(false, Ordering::Relaxed);
    let (told, other, ()) = tokio::join!(
        applies(&estate, &first, &ours.1, "first"),
        applies(&estate, &second, &theirs.1, "second"),
        interferes(&estate, dice, hands, pause),
    );
    told.and(other)?;
    // Alone again, the first gets its will.
    estate.tap.alone.store(true, Ordering::Relaxed);
    estate.converge(&first, &ours.1, 3).await?;
    let found = estate.tap.ledger.as_ref().expect("a ledger").findings();
    if !found.lost.is_empty() {
        return Err(format!("lost updates:\n{}\n{}", found.lost.join("\n"), estate.tap.trace()));
    }
    let widest = found.windows.iter().map(|(_, width)| *width).max().unwrap_or(0);
    if widest > PROMISED {
        return Err(format!("a window is too wide:\n{:#?}\n{}", found.windows, estate.tap.trace()));
    }
    unguarded(&estate.tap.lines.lock().unwrap())?;
    let mut tally = Tally::default();
    tally.add("writes", found.writes);
    tally.add("replaced", found.replaced);
    tally.add("windows", found.windows.len() as u64);
    tally.add("taken along", found.taken_along);
    tally.most(WIDTH, widest as u64);
    Ok(Told { tally, trace: estate.tap.trace() })
}

/// What one applier wants, and whether it prunes what it does not want.
fn will(dice: &mut Dice, base: &Random) -> (String, PlanOptions) {
    let wanted = dice.stack();
    match dice.below(4) {
        0 => (stack(&wanted), PlanOptions { prune: true, ..PlanOptions::default() }),
        _ => (stack(&base.edited(&wanted)), PlanOptions::default()),
    }
}

/// An account whose calls are spread by the seed and written into a ledger.
pub fn account(seed: u64, settle: Duration) -> Estate {
    Estate::with("", settle, |router| Tap {
        spread: Some(Mutex::new(Dice::new(seed))),
        ledger: Some(Ledger::new(router)),
        alone: AtomicBool::new(true),
        ..Tap::default()
    })
}

/// Fails if a call of ours that replaces something and may carry a RevisionId carries none.
pub fn unguarded(lines: &[Line]) -> Result<(), String> {
    let bare = lines.iter().filter(|line| line.writer != STRANGER && !is_guarded(line)).find(|line| {
        let parts: Vec<&str> = line.path.split('/').filter(|part| !part.is_empty()).skip(1).collect();
        matches!(
            (line.method.as_str(), &parts[..]),
            ("PUT", ["functions", _, "configuration" | "code"] | ["functions", _, "aliases", _])
                | ("POST", ["functions", _, "versions"])
        )
    });
    bare.map_or(Ok(()), |line| Err(format!("a write without a RevisionId: {}", line.text())))
}

/// Applies until it is done; a refusal is answered by another look.
async fn applies(
    estate: &Estate,
    reconciler: &Reconciler,
    choice: &PlanOptions,
    writer: &'static str,
) -> Result<(), String> {
    for _ in 0..TRIES {
        match run(reconciler, choice, |plan| estate.planned(writer, plan)).await {
            Ended::Empty => return Ok(()),
            Ended::Ran(report, _) if report.verdict() == Verdict::Applied => return Ok(()),
            // Refused, or half done because somebody else came first.
            _ => {}
        }
    }
    Ok(())
}

/// Changes this and that by hand.
async fn interferes(estate: &Estate, mut dice: Dice, times: usize, pause: usize) {
    let router = estate.tap.between(estate.router(), STRANGER);
    for time in 0..times {
        tokio::time::sleep(Duration::from_millis(dice.below(pause) as u64)).await;
        let mappings = get(&estate.router(), "/2015-03-31/event-source-mappings").await.unwrap_or_default();
        let mapping = mappings["EventSourceMappings"][0]["UUID"].as_str();
        let (method, path, body) = deed(&mut dice, time, mapping.unwrap_or("none"));
        // It may come too early for what it wants to change.
        send(&router, method, &path, body).await;
    }
}

/// Something that somebody does by hand.
fn deed(dice: &mut Dice, time: usize, mapping: &str) -> (&'static str, String, Value) {
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
        // Never more than anybody reserves: what is not ours may not stand in the way of what is declared.
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

/// What a stranger does, now and then, right after somebody has looked at what takes no RevisionId.
pub fn ambush(dice: &mut Dice, line: &Line, number: usize) -> Option<(&'static str, String, Value)> {
    if line.is_write() || line.writer == STRANGER || dice.below(5) > 0 {
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

/// Somebody's write, asked for again until the answer tells; says whether it was done, for all that is known.
pub async fn send(router: &Router, method: &str, path: &str, body: Value) -> bool {
    sent(router, method, path, body).await == Some(true)
}

/// The same; nothing if it was refused in the end, and an answer before that did not tell.
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
