//! `trueup apply`: applies a saved plan, or plans, confirms and applies.

use std::path::{Path, PathBuf};

use clap::Args;

use super::approve::{ApprovalArgs, approve};
use super::execute::execute;
use super::{
    CloudArgs, CommandError, ErrorKind, Exit, OutputArgs, PlanKeyArgs, SelectionArgs, SpecArgs, quoted, session,
};
use crate::plan::{ExecutablePlan, SealedPlan};
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
        let saved = match &self.plan {
            Some(path) => Some(SavedPlan { path, plan: super::show::read(path, &self.command())? }),
            None => None,
        };
        let options = saved.as_ref().map_or_else(|| self.selection.plan_options(), |saved| saved.plan.options.clone());
        let session =
            session::open_since(&self.spec, &self.cloud, options, self.selection.changed_since.clone()).await?;
        let approved = match &saved {
            Some(saved) => {
                let executable = verified(&session, saved, &self.key).await?;
                let limits = self.selection.limits().stricter(&executable.plan.options.limits);
                Some(executable.approve(&limits)?)
            }
            None => approve(&session, &self.output, &self.approval).await?,
        };
        match approved {
            Some(approved) => execute(&session, approved, &self.output).await,
            None => Ok(Exit::Success),
        }
    }
}

/// A saved plan and its file.
struct SavedPlan<'a> {
    path: &'a Path,
    plan: SealedPlan,
}

/// Refuses a saved plan if it is stale, or if only one of it and the command has a plan key.
async fn verified(session: &Session, saved: &SavedPlan<'_>, key: &PlanKeyArgs) -> Result<ExecutablePlan, CommandError> {
    let SavedPlan { path, plan } = saved;
    let key = key.read()?;
    let refused = |why: &str, hint: &str| {
        let message = format!("{} was saved {why}", quoted::path(path));
        Err(CommandError::message(ErrorKind::Failed, message).hint(hint))
    };
    match (plan.plan_key.is_some(), key.is_some()) {
        (true, false) => {
            return refused("with a plan key, and none is given", "pass the same key with --plan-key FILE");
        }
        // It holds nothing that the key could check, so somebody may have put it in the place of one that does.
        (false, true) => {
            let hint = "save the plan with --plan-key FILE, or leave the key out";
            return refused("without a plan key, and one is given", hint);
        }
        (true, true) | (false, false) => {}
    }
    let (differences, executable) = session.verify(plan, key).await?;
    if differences.is_empty() { Ok(executable) } else { Err(CommandError::stale(&differences)) }
}
