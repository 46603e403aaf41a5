//! `trueup destroy`: delete everything that the stack owns.

use std::path::PathBuf;

use clap::Args;

use super::carry_out::{ApprovalArgs, agreed, carry_out};
use super::session::Session;
use super::{CloudArgs, Exit, OutputArgs, SpecArgs, address, plan};
use crate::model::Address;
use crate::plan::PlanOptions;

/// Delete everything that the stack owns, in the reverse order of its making. Asks for the stack's name.
#[derive(Args)]
pub struct Destroy {
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    cloud: CloudArgs,
    /// Only this resource and what hangs on it or points to it, such as `alias/orders/live`.
    #[arg(long = "target", value_name = "ADDRESS", env = "TRUEUP_TARGET", value_parser = address, conflicts_with = "excludes")]
    targets: Vec<Address>,
    /// All but this resource and what it needs.
    #[arg(long = "exclude", value_name = "ADDRESS", env = "TRUEUP_EXCLUDE", value_parser = address)]
    excludes: Vec<Address>,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    approval: ApprovalArgs,
    /// Only show and save the plan, to be carried out as it is with `trueup apply FILE`.
    #[arg(long, value_name = "FILE", env = "TRUEUP_OUT")]
    out: Option<PathBuf>,
}

impl Destroy {
    pub async fn run(self) -> anyhow::Result<Exit> {
        if self.output.json && self.out.is_none() && !self.approval.auto_approve {
            anyhow::bail!("--json cannot ask: give --auto-approve or --out FILE");
        }
        let session = match Session::open(&self.spec, &self.cloud).await? {
            Ok(session) => session,
            Err(exit) => return Ok(exit),
        };
        let (targets, excludes) = (self.targets, self.excludes);
        let choice = PlanOptions { destroy: true, targets, excludes, ..PlanOptions::default() };
        if let Some(path) = &self.out {
            return plan::show_and_save(&session, &choice, &self.output, path).await;
        }
        match agreed(&session, &choice, &self.output, &self.approval).await? {
            Ok(prepared) => carry_out(&session, prepared, &choice.limits, &self.output).await,
            Err(exit) => Ok(exit),
        }
    }
}
