//! `trueup apply`: applies a saved plan, or plans, confirms and applies.

use std::path::PathBuf;

use clap::Args;

use super::approve::{self, Approval, ApprovalArgs, SessionPlan};
use super::execute::{APPLY_REPORTS, execute};
use super::report_files::ReportArgs;
use super::saved_plans::{ExpectedPlanArgs, SavedPlanFile};
use super::showing::Showing;
use super::{
    CloudArgs, CommandError, ErrorKind, Exit, OutputArgs, PlanKeyArgs, SelectionArgs, SpecArgs, output, targets,
};
use crate::apply::{EventSender, PlanApproval};
use crate::plan::saved::PlanKey;
use crate::plan::{Limits, SealedPlan};
use crate::session::Session;
use crate::show::verification;

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
    #[arg(value_name = "PLAN", conflicts_with_all = ["targets", "target_file", "excludes", "exclude_file", "changed_since", "prune"])]
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
    #[command(flatten)]
    expected: ExpectedPlanArgs,
    /// Record who approved the saved plan in the report
    #[arg(long, value_name = "NAME", env = "TRUEUP_APPROVED_BY", requires = "plan")]
    approved_by: Option<String>,
    #[command(flatten)]
    reports: ReportArgs,
}

impl ApplyCommand {
    /// Returns the command that applies to the same server.
    fn command(&self) -> String {
        std::iter::once("apply".to_owned()).chain(self.cloud.again()).collect::<Vec<_>>().join(" ")
    }

    /// Runs the command.
    pub async fn run(mut self) -> Result<Exit, CommandError> {
        if self.output.json && self.plan.is_none() && !self.approval.auto_approve {
            return Err(CommandError::message(ErrorKind::Failed, "--json cannot prompt")
                .hint("pass --auto-approve or a saved plan"));
        }
        let read = [self.spec.paths(), Vec::from_iter(self.plan.clone())].concat();
        self.reports.check("apply", &APPLY_REPORTS, self.output.json, &read, None)?;
        if self.reports.takes_stdout() && self.plan.is_none() && !self.approval.auto_approve {
            return Err(CommandError::message(ErrorKind::Failed, "a report on stdout leaves no place for a prompt")
                .hint("pass --auto-approve or a saved plan, or write the report to a file"));
        }
        self.spec.not_code.extend(self.reports.paths().chain(self.plan.clone()));
        let log = self.reports.event_log("apply")?;
        let (spec, output, reports) = (&self.spec, &self.output, &self.reports);
        let showing = Showing { command: "apply", spec, output, reports, log: &log };
        log.end(match self.approval(showing).await {
            Ok((Approval::Given(approved), given)) => execute(approved, given, showing).await,
            Ok((Approval::Withheld(exit), _)) => Ok(exit),
            Err(error) => showing.withhold(error),
        })
    }

    /// Takes the approval that a saved plan is, or plans and asks.
    async fn approval(&self, showing: Showing<'_>) -> Result<(Approval, Option<PlanApproval>), CommandError> {
        let status = showing.status();
        let mut given = None;
        let planned = match &self.plan {
            Some(path) => {
                let file = SavedPlanFile::read(path, &self.expected, &self.spec, &self.command())?;
                let (opened, key) = file.open(&self.spec, &self.cloud, &self.key).await?;
                let own = self.selection.limits.limits();
                let (plan_digest, approved_by) = (file.digest.clone(), self.approved_by.clone());
                given = Some(PlanApproval { plan_digest, approved_by });
                opened
                    .then(&status, |(session, plan), events| verified(session, plan, key.clone(), own.clone(), events))
                    .await
            }
            None => {
                let (specs, selection) = (targets::read(&self.spec)?, self.selection.selection()?);
                let options = |_: Option<&str>| self.selection.plan_options();
                let opened = targets::open(specs, &self.spec, &self.cloud, options, &selection).await?;
                opened.then(&status, approve::plan).await
            }
        };
        let approval = self.plan.is_none().then_some(&self.approval);
        Ok((approve::approve(planned, showing, approval)?, given))
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
    if !verification.is_current() {
        return Err(CommandError::stale(&verification));
    }
    if let Some(line) = verification::unbound(&verification) {
        output::eprint(&line);
    }
    let limits = own.stricter(&executable.plan.options.limits);
    Ok(SessionPlan { session, executable, limits })
}
