//! From a plan to its end: asks the user, carries it out, and tells how it went.
#![expect(
    clippy::disallowed_methods,
    reason = "a second Ctrl-C leaves at once, and progress asks what terminal there is"
)]

use std::io::{BufRead, IsTerminal};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::interrupts::Interrupts;
use super::progress::Progress;
use super::session::Session;
use super::{Exit, OutputArgs, output};
use crate::apply::Outcome;
use crate::observe::Depth;
use crate::plan::{ExecutablePlan, Limits, PlanOptions, RefusedPlan};
use crate::show::plan::{Detail, render};
use crate::show::report;

/// Who approves.
#[derive(Args, Clone, Debug)]
pub struct ApprovalArgs {
    /// Do not ask.
    #[arg(long, env = "TRUEUP_AUTO_APPROVE")]
    pub auto_approve: bool,
    /// Whether questions may be asked; without them, and without approval, nothing is applied.
    #[arg(long, env = "TRUEUP_INPUT", action = clap::ArgAction::Set, default_value_t = true)]
    pub input: bool,
}

/// A fresh plan that the user has agreed to; the inner error is an exit whose reason has been told.
pub async fn agreed(
    session: &Session,
    choice: &PlanOptions,
    args: &OutputArgs,
    approval: &ApprovalArgs,
) -> anyhow::Result<Result<ExecutablePlan, Exit>> {
    let prepared = session.plan_settled(choice, Depth::Declared).await?;
    let plan = prepared.plan.masked();
    if !args.json {
        output::text(&render(&plan, Detail::Changes, output::style(args)))?;
    }
    if !plan.refusals.is_empty() {
        return Ok(Err(Exit::Guarded));
    }
    if plan.is_empty() {
        if args.json {
            output::json(&json!({"verdict": "applied", "steps": []}))?;
        }
        return Ok(Err(Exit::Fine));
    }
    // Whoever destroys a stack says its name, so that habit does not answer the question.
    let (question, wanted) = match choice.destroy {
        true => ("Delete all of this? Nothing brings it back. Only the stack's name is taken for yes.", &*plan.stack),
        false => ("Apply these changes? Only `yes` is taken for yes.", "yes"),
    };
    if !approval.auto_approve {
        if !approval.input || !std::io::stdin().is_terminal() {
            anyhow::bail!("nobody can be asked here: give --auto-approve, or a plan saved with `--out`");
        }
        output::say(&format!("\n{question}"));
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer)?;
        if answer.trim() != wanted {
            output::say("Nothing was applied.");
            return Ok(Err(Exit::Error));
        }
    }
    Ok(Ok(prepared))
}

/// Carries out a plan while showing how it goes, and tells how it ended.
///
/// The limits are those of this run, and not those that a saved plan was made with.
pub async fn carry_out(
    session: &Session,
    prepared: ExecutablePlan,
    limits: &Limits,
    args: &OutputArgs,
) -> anyhow::Result<Exit> {
    let approved = match prepared.approve(limits) {
        Ok(approved) => approved,
        Err(RefusedPlan(refusals)) => {
            for refusal in &refusals {
                output::say(&format!("refused: {}\n  {}", refusal.message(), refusal.help()));
            }
            return Ok(Exit::Guarded);
        }
    };
    let stop = CancellationToken::new();
    let stopper = stop.clone();
    let mut interrupts = Interrupts::new().context("could not listen to signals")?;
    let listening = tokio::spawn(async move {
        interrupts.next().await;
        output::say("\nStopping: what is in flight finishes, nothing new starts. Once more to leave at once.");
        stopper.cancel();
        interrupts.next().await;
        std::process::exit(i32::from(Exit::Partly.code()));
    });
    let dumb = args.json || std::env::var_os("CI").is_some() || std::env::var("TERM").is_ok_and(|term| term == "dumb");
    let watch = Arc::new(Progress::new(session.secrets.clone(), dumb));
    let report = session.reconciler.apply(approved, stop, watch).await.scrubbed(&session.secrets);
    listening.abort();
    if args.json {
        let steps = report.steps.iter().map(|(step, outcome)| {
                json!({"id": step.id, "address": step.address, "operation": step.operation, "outcome": outcome_json(outcome)})
            });
        output::json(&json!({"verdict": report.verdict(), "steps": steps.collect::<Vec<_>>()}))?;
    } else {
        let text = report::render(&report, output::style(args), &crate::cloud::hint);
        output::text(&text)?;
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
