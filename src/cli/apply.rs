//! `trueup apply`: carry out a saved plan, or plan, ask and carry out.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;

use super::carry_out::{ApprovalArgs, agreed, carry_out};
use super::session::Session;
use super::{ChoiceArgs, CloudArgs, Exit, OutputArgs, SpecArgs, output};
use crate::plan::ExecutablePlan;
use crate::plan::saved::Stale;
use crate::show::report;

/// Carry out a saved plan, exactly or not at all; without one: plan, ask, carry out.
#[derive(Args)]
pub struct Apply {
    /// The file that `plan --out` wrote. Giving it is the approval.
    #[arg(conflicts_with_all = ["targets", "excludes", "prune"])]
    plan: Option<PathBuf>,
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    cloud: CloudArgs,
    #[command(flatten)]
    choice: ChoiceArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    approval: ApprovalArgs,
}

impl Apply {
    pub async fn run(self) -> anyhow::Result<Exit> {
        if self.output.json && self.plan.is_none() && !self.approval.auto_approve {
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
            None => match agreed(&session, &self.choice.choice(), &self.output, &self.approval).await? {
                Ok(prepared) => prepared,
                Err(exit) => return Ok(exit),
            },
        };
        carry_out(&session, prepared, &self.choice.limits(), &self.output).await
    }

    /// The saved plan, if it is still what would happen.
    async fn verified(
        &self,
        session: &Session,
        path: &std::path::Path,
    ) -> anyhow::Result<Result<ExecutablePlan, Exit>> {
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
}
