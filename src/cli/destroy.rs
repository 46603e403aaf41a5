//! `trueup destroy`: deletes everything that the stack owns.

use clap::Args;

use super::approve::{self, Approval, ApprovalArgs};
use super::execute::{APPLY_REPORTS, execute};
use super::plan_file::{PlanFile, SaveArgs};
use super::plan_printer;
use super::report_files::ReportArgs;
use super::showing::Showing;
use super::{ChosenArgs, CloudArgs, CommandError, ErrorKind, Exit, LimitArgs, OutputArgs, SpecArgs, targets};
use crate::plan::PlanOptions;

const EXAMPLES: &str = "\
Examples:
  trueup destroy -f stack.yaml
  trueup destroy -f stack.yaml --target alias/orders/live --out plan.json";

/// Delete everything that the stack owns
///
/// Resources are deleted in reverse order of their dependencies. The confirmation is the stack's name.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct DestroyCommand {
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    cloud: CloudArgs,
    #[command(flatten)]
    chosen: ChosenArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    approval: ApprovalArgs,
    #[command(flatten)]
    save: SaveArgs,
    #[command(flatten)]
    reports: ReportArgs,
}

impl DestroyCommand {
    /// Runs the command.
    pub async fn run(mut self) -> Result<Exit, CommandError> {
        if self.output.json && self.save.out.is_none() && !self.approval.auto_approve {
            return Err(CommandError::message(ErrorKind::Failed, "--json cannot prompt")
                .hint("pass --auto-approve or --out FILE"));
        }
        self.reports.check(
            "destroy",
            &APPLY_REPORTS,
            self.output.json,
            &self.spec.paths(),
            self.save.out.as_deref(),
        )?;
        self.spec.not_code.extend(self.reports.paths().chain(self.save.out.clone()));
        let log = self.reports.event_log("destroy")?;
        let (spec, output, reports) = (&self.spec, &self.output, &self.reports);
        let showing = Showing { command: "destroy", spec, output, reports, log: &log };
        log.end(match self.approval(showing).await {
            Ok(Approval::Given(approved)) => execute(approved, None, showing).await,
            Ok(Approval::Withheld(exit)) => Ok(exit),
            Err(error) => showing.withhold(error),
        })
    }

    /// Plans and asks, or saves the plan for another day.
    async fn approval(&self, showing: Showing<'_>) -> Result<Approval, CommandError> {
        let options = PlanOptions { destroy: true, limits: self.limits.limits(), ..PlanOptions::default() };
        let (specs, selection) = (targets::read(&self.spec)?, self.chosen.selection()?);
        let opened = targets::open(specs, &self.spec, &self.cloud, |_| options.clone(), &selection).await?;
        if let Some(file) = PlanFile::new(&self.save, &self.spec, &self.cloud, &self.limits)? {
            return Ok(Approval::Withheld(plan_printer::show_and_save(opened, showing, file).await?));
        }
        let planned = opened.then(&showing.status(), approve::plan).await;
        approve::approve(planned, showing, Some(&self.approval))
    }
}
