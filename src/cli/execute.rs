//! Applies an approved plan: shows the progress, stops on signals, prints the report.
#![expect(clippy::disallowed_methods, reason = "a second Ctrl-C aborts at once")]

use anyhow::Context;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::interrupts::Interrupts;
use super::progress::{self, StatusLine};
use super::{CommandError, Exit, OutputArgs, output};
use crate::apply::Outcome;
use crate::plan::ApprovedPlan;
use crate::session::Session;
use crate::show::report;

/// Applies the plan and prints its report.
pub async fn execute(session: &Session, approved: ApprovedPlan, args: &OutputArgs) -> Result<Exit, CommandError> {
    let stop = CancellationToken::new();
    let stopper = stop.clone();
    let mut interrupts = Interrupts::new().context("could not listen to signals")?;
    let status = StatusLine::new(args.json);
    let said = status.clone();
    let listening = tokio::spawn(async move {
        interrupts.next().await;
        said.println("\nStopping after the calls in progress. Press Ctrl-C again to abort now.");
        stopper.cancel();
        interrupts.next().await;
        std::process::exit(i32::from(Exit::Partial.code()));
    });
    let (events, drawing) = progress::draw(status);
    let report = session.apply(approved, stop, events).await;
    drawing.await.context("could not draw the progress")?;
    listening.abort();
    if args.json {
        let steps = report.steps.iter().map(|(step, outcome)| {
                json!({"id": step.id, "address": step.address, "operation": step.operation, "outcome": outcome_json(outcome)})
            });
        output::print_json(&json!({"verdict": report.verdict(), "steps": steps.collect::<Vec<_>>()}))?;
    } else {
        output::print(&report::render(&report, output::style(args), &crate::cloud::hint))?;
    }
    Ok(report.verdict().into())
}

fn outcome_json(outcome: &Outcome) -> serde_json::Value {
    match outcome {
        Outcome::Done => json!({"is": "done"}),
        Outcome::Refused { why, moved, sent } => {
            let moved: Vec<String> = moved.iter().flat_map(crate::show::change_lines).collect();
            json!({"is": "refused", "why": why, "moved": moved, "sent": sent})
        }
        Outcome::Failed { why, failure, sent } => json!({
            "is": "failed", "why": why, "sent": sent,
            "code": failure.as_ref().map(|failure| &failure.code),
            "request_id": failure.as_ref().and_then(|failure| failure.request_id.clone()),
        }),
        Outcome::Skipped { because } => json!({"is": "skipped", "because": because}),
        Outcome::NotBegun => json!({"is": "not_begun"}),
    }
}
