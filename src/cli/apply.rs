//! `trueup apply`: applies a saved plan, or plans, confirms and applies.

use std::path::PathBuf;

use clap::Args;

use super::approve::{self, Approval, ApprovalArgs, SessionPlan};
use super::execute::execute;
use super::saved_plans::SavedPlanFile;
use super::status_line::StatusLine;
use super::{CloudArgs, CommandError, ErrorKind, Exit, OutputArgs, PlanKeyArgs, SelectionArgs, SpecArgs, targets};
use crate::apply::EventSender;
use crate::plan::saved::PlanKey;
use crate::plan::{Limits, SealedPlan};
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  trueup apply -f stack.yaml
  trueup apply -f stack.yaml plan.json";

/// Apply a saved plan, or plan, confirm and apply
///
/// A saved plan is applied exactly or not at all: if the live state or the spec has changed, nothing is written.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct ApplyCommand {
    /// Apply this plan, written by `plan --out`; it needs no confirmation
    #[arg(value_name = "PLAN", conflicts_with_all = ["targets", "excludes", "changed_since", "prune"])]
    plan: Option<PathBuf>,
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    cloud: CloudArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    key: PlanKeyArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    approval: ApprovalArgs,
}

impl ApplyCommand {
    /// Returns the command that applies to the same server.
    fn command(&self) -> String {
        std::iter::once("apply".to_owned()).chain(self.cloud.again()).collect::<Vec<_>>().join(" ")
    }

    /// Runs the command.
    pub async fn run(self) -> Result<Exit, CommandError> {
        if self.output.json && self.plan.is_none() && !self.approval.auto_approve {
            return Err(CommandError::message(ErrorKind::Failed, "--json cannot prompt")
                .hint("pass --auto-approve or a saved plan"));
        }
        let status = StatusLine::new(self.output.json);
        let planned = match &self.plan {
            Some(path) => {
                let file = SavedPlanFile::read(path, &self.spec, &self.command())?;
                let (opened, key) = file.open(&self.spec, &self.cloud, &self.key).await?;
                let own = self.selection.limits.limits();
                opened.then(&status, |(session, plan), events| verified(session, plan, key.clone(), own, events)).await
            }
            None => {
                let since = self.selection.changed_since.as_deref();
                let options = |_: Option<&str>| self.selection.plan_options();
                let opened = targets::open(targets::read(&self.spec)?, &self.spec, &self.cloud, options, since).await?;
                opened.then(&status, approve::plan).await
            }
        };
        let approval = self.plan.is_none().then_some(&self.approval);
        match approve::approve(planned, &self.output, approval)? {
            Approval::Given(approved) => execute(approved, &self.output).await,
            Approval::Withheld(exit) => Ok(exit),
        }
    }
}

/// Makes a saved plan again, and refuses it if it is stale.
async fn verified(
    session: Session,
    plan: SealedPlan,
    key: Option<PlanKey>,
    own: Limits,
    events: EventSender,
) -> Result<SessionPlan, CommandError> {
    let (verification, executable) = session.verify(&plan, key, &events).await?;
    if !verification.is_same() {
        return Err(CommandError::stale(&verification.differences));
    }
    let limits = own.stricter(&executable.plan.options.limits);
    Ok(SessionPlan { session, executable, limits })
}
