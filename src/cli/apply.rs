//! `trueup apply`: carry out a saved plan, or plan, ask and carry out.
#![expect(
    clippy::disallowed_methods,
    reason = "a second Ctrl-C leaves at once, and progress asks what terminal there is"
)]

use std::fmt::Write;
use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::progress::Progress;
use super::session::Session;
use super::{ChoiceArgs, CloudArgs, Exit, OutputArgs, SpecArgs, output};
use crate::apply::Outcome;
use crate::observe::Depth;
use crate::plan::Prepared;
use crate::plan::file::{self, Stale};
use crate::show::plan::{Detail, render};
use crate::show::report;

/// Carry out a saved plan, exactly or not at all; without one: plan, ask, carry out.
#[derive(Args)]
pub struct Apply {
    /// The file that `plan --out` wrote. Giving it is the approval.
    #[arg(conflicts_with_all = ["targets", "excludes", "prune", "max_deletes"])]
    plan: Option<PathBuf>,
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    cloud: CloudArgs,
    #[command(flatten)]
    choice: ChoiceArgs,
    #[command(flatten)]
    output: OutputArgs,
    /// Do not ask.
    #[arg(long, env = "TRUEUP_AUTO_APPROVE")]
    auto_approve: bool,
    /// Whether questions may be asked; without them, and without approval, nothing is applied.
    #[arg(long, env = "TRUEUP_INPUT", action = clap::ArgAction::Set, default_value_t = true)]
    input: bool,
}

impl Apply {
    pub async fn run(self) -> anyhow::Result<Exit> {
        if self.output.json && self.plan.is_none() && !self.auto_approve {
            anyhow::bail!("--json cannot ask: give a saved plan or --auto-approve");
        }
        let session = match Session::open(&self.spec, &self.cloud).await? {
            Ok(session) => session,
            Err(exit) => return Ok(exit),
        };
        let prepared = match &self.plan {
            Some(path) => match self.verified(&session, path).await? {
                Ok(prepared) => prepared,
                Err(exit) => return Ok(exit),
            },
            None => match self.planned(&session).await? {
                Ok(prepared) => prepared,
                Err(exit) => return Ok(exit),
            },
        };
        self.carry_out(&session, prepared).await
    }

    /// The saved plan, if it is still what would happen.
    async fn verified(&self, session: &Session, path: &std::path::Path) -> anyhow::Result<Result<Prepared, Exit>> {
        let saved = super::show::read(path)?;
        let (stale, prepared) = session.reconciler.verify(&saved).await.map_err(|error| session.reads(error))?;
        if stale.is_empty() {
            return Ok(Ok(prepared));
        }
        let mut text = String::from("The plan is not what would happen now, so nothing was written.\n");
        for stale in &stale {
            let _ = writeln!(text, "refused {stale}");
            if let Stale::Moved { moved, .. } = stale {
                report::moved_lines(&mut text, moved);
            }
        }
        text.push_str("Plan again, and look at what it says now.");
        output::say(&text);
        let other = stale.iter().any(|stale| matches!(stale, Stale::OtherSpec { .. }));
        Ok(Err(if other { Exit::Guarded } else { Exit::Moved }))
    }

    /// A fresh plan that the user has agreed to.
    async fn planned(&self, session: &Session) -> anyhow::Result<Result<Prepared, Exit>> {
        let say = |what: &str| output::say(&format!("Waiting for Lambda to finish: {what}"));
        let prepared = session
            .reconciler
            .plan_settled(&self.choice.choice(), Depth::Declared, &say)
            .await
            .map_err(|error| session.reads(error))?;
        let plan = file::masked(&prepared.plan);
        if !self.output.json {
            let text = render(&plan, Detail::Changes, output::style(&self.output));
            output::text(&text)?;
        }
        if !plan.refusals.is_empty() {
            return Ok(Err(Exit::Guarded));
        }
        if plan.is_empty() {
            if self.output.json {
                output::json(&json!({"verdict": "applied", "steps": []}))?;
            }
            return Ok(Err(Exit::Fine));
        }
        if !self.auto_approve {
            if !self.input || !std::io::stdin().is_terminal() {
                anyhow::bail!("nobody can be asked here: give --auto-approve, or a plan saved with `plan --out`");
            }
            output::say("\nApply these changes? Only `yes` is taken for yes.");
            let mut answer = String::new();
            std::io::stdin().lock().read_line(&mut answer)?;
            if answer.trim() != "yes" {
                output::say("Nothing was applied.");
                return Ok(Err(Exit::Error));
            }
        }
        Ok(Ok(prepared))
    }

    async fn carry_out(&self, session: &Session, prepared: Prepared) -> anyhow::Result<Exit> {
        if !prepared.plan.refusals.is_empty() {
            output::say(&render(&file::masked(&prepared.plan), Detail::Changes, output::style(&self.output)));
            return Ok(Exit::Guarded);
        }
        let stop = CancellationToken::new();
        let stopper = stop.clone();
        let listening = tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                output::say("\nStopping: what is in flight finishes, nothing new starts. Once more to leave at once.");
                stopper.cancel();
                if tokio::signal::ctrl_c().await.is_ok() {
                    std::process::exit(i32::from(Exit::Partly.code()));
                }
            }
        });
        let dumb = self.output.json
            || std::env::var_os("CI").is_some()
            || std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let watch = Arc::new(Progress::new(session.secrets.clone(), dumb));
        let report = session.reconciler.apply(prepared, stop, watch).await.scrubbed(&session.secrets);
        listening.abort();
        if self.output.json {
            let steps = report.steps.iter().map(|(step, outcome)| {
                json!({"id": step.id, "address": step.address, "operation": step.operation, "outcome": outcome_json(outcome)})
            });
            output::json(&json!({"verdict": report.verdict(), "steps": steps.collect::<Vec<_>>()}))?;
        } else {
            let text = report::render(&report, output::style(&self.output), &crate::cloud::hint);
            output::text(&text)?;
        }
        Ok(report.verdict().into())
    }
}

fn outcome_json(outcome: &Outcome) -> serde_json::Value {
    match outcome {
        Outcome::Done => json!({"is": "done"}),
        Outcome::Refused { why, moved } => {
            let moved: Vec<String> = moved.iter().flat_map(crate::show::change_lines).collect();
            json!({"is": "refused", "why": why, "moved": moved})
        }
        Outcome::Failed { why, failure } => json!({
            "is": "failed", "why": why,
            "code": failure.as_ref().map(|failure| &failure.code),
            "request_id": failure.as_ref().and_then(|failure| failure.request_id.clone()),
        }),
        Outcome::Skipped { because } => json!({"is": "skipped", "because": because}),
        Outcome::NotBegun => json!({"is": "not_begun"}),
    }
}
