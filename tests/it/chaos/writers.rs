//! Two appliers and a stranger on one estate, their calls in an order that the seed decides.

use std::sync::Mutex;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use tower::ServiceExt;
use trueup::apply::Verdict;
use trueup::plan::Choice;
use trueup::reconcile::Reconciler;

use super::dice::Dice;
use super::estate::{Ended, Estate, run};
use super::ledger::{Ledger, STRANGER};
use super::tally::{Tally, Told, WIDTH};
use super::tap::Tap;
use crate::stacks::stack;

/// How often one applier tries.
const TRIES: usize = 8;

/// The width of the window that is promised: what comes between the last look at a resource and the write.
const PROMISED: usize = 2;

pub async fn contest(seed: u64) -> Result<Told, String> {
    let mut dice = Dice::new(seed);
    let base = dice.stack();
    let (ours, theirs) = (base.edited(&dice.stack()), base.edited(&dice.stack()));
    let ours = stack(&ours);
    // Two pipelines of one repository, or of two.
    let theirs = if dice.below(3) == 0 { ours.clone() } else { stack(&theirs) };
    let estate = account(dice.roll());
    if dice.below(4) > 0 {
        estate.converge(&estate.reconciler(&stack(&base)), &Choice::default(), 1).await?;
    }
    let hands = 1 + dice.below(6);
    let (first, second) = (estate.reconciler_for(&ours, "first"), estate.reconciler_for(&theirs, "second"));
    let (told, other, ()) = tokio::join!(
        applies(&estate, &first, "first"),
        applies(&estate, &second, "second"),
        interferes(estate.tap.between(estate.router(), STRANGER), dice, hands),
    );
    told.and(other)?;
    // Alone again, the first gets its will.
    estate.converge(&first, &Choice::default(), 3).await?;
    let found = estate.tap.ledger.as_ref().expect("a ledger").findings();
    if !found.lost.is_empty() {
        return Err(format!("lost updates:\n{}\n{}", found.lost.join("\n"), estate.tap.trace()));
    }
    let widest = found.windows.iter().map(|(_, width)| *width).max().unwrap_or(0);
    if widest > PROMISED {
        return Err(format!("a window is too wide:\n{:#?}\n{}", found.windows, estate.tap.trace()));
    }
    let mut tally = Tally::default();
    tally.add("writes", found.writes);
    tally.add("replaced", found.replaced);
    tally.add("windows", found.windows.len() as u64);
    tally.most(WIDTH, widest as u64);
    Ok(Told { tally, trace: estate.tap.trace() })
}

/// An account whose calls are spread by the seed and written into a ledger.
fn account(seed: u64) -> Estate {
    Estate::with("", Duration::ZERO, |router| Tap {
        spread: Some(Mutex::new(Dice::new(seed))),
        ledger: Some(Ledger::new(router)),
        ..Tap::default()
    })
}

/// Applies until it is done; a refusal is answered by another look.
async fn applies(estate: &Estate, reconciler: &Reconciler, writer: &'static str) -> Result<(), String> {
    for _ in 0..TRIES {
        match run(reconciler, &Choice::default(), |plan| estate.planned(writer, &plan)).await {
            Ended::Empty => return Ok(()),
            Ended::Ran(report, _) if report.verdict() == Verdict::Applied => return Ok(()),
            // Refused, or half done because somebody else came first.
            _ => {}
        }
    }
    Ok(())
}

/// Changes this and that by hand.
async fn interferes(router: Router, mut dice: Dice, times: usize) {
    for time in 0..times {
        tokio::time::sleep(Duration::from_millis(dice.below(900) as u64)).await;
        let (method, path, body) = deed(&mut dice, time);
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let request = request.body(Body::from(body.to_string())).unwrap();
        // It may come too early for what it wants to change.
        drop(router.clone().oneshot(request).await.unwrap());
    }
}

/// Something that somebody does by hand; no two of them write the same value.
pub fn deed(dice: &mut Dice, time: usize) -> (&'static str, String, serde_json::Value) {
    let function = *dice.pick(&["orders", "other"]);
    let path = |date: &str, what: &str| format!("/{date}/functions/{function}{what}");
    let text = format!("by hand {time}");
    match dice.below(6) {
        0 => ("PUT", path("2015-03-31", "/configuration"), json!({"MemorySize": 5001 + time})),
        1 => ("PUT", path("2015-03-31", "/configuration"), json!({"Description": text})),
        2 => ("PUT", path("2015-03-31", "/configuration"), json!({"Environment": {"Variables": {"BY_HAND": text}}})),
        3 => ("PUT", path("2015-03-31", "/aliases/live"), json!({"Description": text})),
        4 => ("PUT", path("2017-10-31", "/concurrency"), json!({"ReservedConcurrentExecutions": 41 + time})),
        _ => {
            let resource = format!("arn:aws:lambda:us-east-1:123456789012:function:{function}");
            ("POST", format!("/2017-03-31/tags/{resource}"), json!({"Tags": {"tag1": text}}))
        }
    }
}
