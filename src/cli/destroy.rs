//! `trueup destroy`: deletes everything that the stack owns.

use std::path::PathBuf;

use clap::Args;

use super::approve::{self, Approval, ApprovalArgs};
use super::arguments::address;
use super::execute::execute;
use super::plan;
use super::plan_file::PlanFile;
use super::status_line::StatusLine;
use super::{CloudArgs, CommandError, ErrorKind, Exit, OutputArgs, PlanKeyArgs, SpecArgs, targets};
use crate::model::Address;
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
    /// Delete only this resource and its dependents, e.g. alias/orders/live
    #[arg(long = "target", value_name = "ADDRESS", env = "TRUEUP_TARGET", value_parser = address, conflicts_with = "excludes")]
    targets: Vec<Address>,
    /// Keep this resource and its dependencies
    #[arg(long = "exclude", value_name = "ADDRESS", env = "TRUEUP_EXCLUDE", value_parser = address)]
    excludes: Vec<Address>,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    approval: ApprovalArgs,
    /// Save the plan to FILE instead of applying it
    #[arg(long, value_name = "FILE", env = "TRUEUP_OUT")]
    out: Option<PathBuf>,
    /// Replace FILE even if it is not a plan of this stack
    #[arg(long, env = "TRUEUP_FORCE")]
    force: bool,
    #[command(flatten)]
    key: PlanKeyArgs,
}

impl DestroyCommand {
    /// Runs the command.
    pub async fn run(self) -> Result<Exit, CommandError> {
        if self.output.json && self.out.is_none() && !self.approval.auto_approve {
            return Err(CommandError::message(ErrorKind::Failed, "--json cannot prompt")
                .hint("pass --auto-approve or --out FILE"));
        }
        let (targets, excludes) = (self.targets, self.excludes);
        let options = PlanOptions { destroy: true, targets, excludes, ..PlanOptions::default() };
        let opened =
            targets::open(targets::read(&self.spec)?, &self.spec, &self.cloud, |_| options.clone(), None).await?;
        if let Some(path) = &self.out {
            let file = PlanFile::new(path, &self.key, &self.spec, &self.cloud, None)?;
            return plan::show_and_save(opened, &self.output, file, self.force).await;
        }
        let planned = opened.then(&StatusLine::new(self.output.json), approve::plan).await;
        match approve::approve(planned, &self.output, Some(&self.approval))? {
            Approval::Given(approved) => execute(approved, &self.output).await,
            Approval::Withheld(exit) => Ok(exit),
        }
    }
}
