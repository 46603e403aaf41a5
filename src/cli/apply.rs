//! `trueup apply`: applies a saved plan, or plans, confirms and applies.

use std::path::{Path, PathBuf};

use clap::Args;

use super::approve::{self, ApprovalArgs, SessionPlan};
use super::execute::execute;
use super::targets::{self, TargetResult, Targets};
use super::{CloudArgs, CommandError, ErrorKind, Exit, OutputArgs, PlanKeyArgs, SelectionArgs, SpecArgs, quoted};
use crate::plan::SealedPlan;
use crate::plan::saved::SavedPlans;
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
            Some(path) => Some(self.saved(path)?),
            None => None,
        };
        let mut spec = self.spec.clone();
        if let Some(plans) = &saved {
            spec.only = plans.0.iter().filter_map(|(name, _)| name.clone()).collect();
        }
        let plan_of = |name: Option<&str>| saved.as_ref()?.0.iter().find(|(of, _)| of.as_deref() == name);
        let options =
            |name: Option<&str>| plan_of(name).map_or_else(|| self.selection.plan_options(), |it| it.1.options.clone());
        let opened = targets::open(&spec, &self.cloud, options, self.selection.changed_since.as_deref()).await?;
        let planned = match (&self.plan, &saved) {
            (Some(path), Some(plans)) => self.verified(path, plans, opened).await?,
            _ => opened.then(&self.output, approve::plan).await?,
        };
        let approval = saved.is_none().then_some(&self.approval);
        match approve::approve(planned, &self.output, approval)? {
            Ok(approved) => execute(approved, &self.output).await,
            Err(exit) => Ok(exit),
        }
    }

    /// Reads the saved plans: those of the targets to work on.
    fn saved(&self, path: &Path) -> Result<SavedPlans, CommandError> {
        let SavedPlans(mut plans) = super::show::read(path, &self.command())?;
        let names: Vec<String> = plans.iter().filter_map(|(name, _)| name.clone()).collect();
        if let Some(name) = self.spec.only.iter().find(|name| !names.contains(name)) {
            let message = format!("{} has no plan for the target `{}`", quoted::path(path), quoted::argument(name));
            return Err(CommandError::message(ErrorKind::Failed, message).hint("leave --only out, or plan again"));
        }
        plans.retain(|(name, _)| {
            self.spec.only.is_empty() || name.as_ref().is_some_and(|it| self.spec.only.contains(it))
        });
        Ok(SavedPlans(plans))
    }

    /// Makes the saved plans again, and refuses those that are stale.
    async fn verified(
        &self,
        path: &Path,
        saved: &SavedPlans,
        opened: Targets<Session>,
    ) -> Result<Targets<SessionPlan>, CommandError> {
        let (own, key) = (self.selection.limits(), self.key.read()?);
        for (_, plan) in &saved.0 {
            check_key(path, plan, key.is_some())?;
        }
        let opened = opened.0.into_iter().map(|TargetResult { name, result }| {
            let plan = saved.0.iter().find(|(of, _)| *of == name).map(|(_, plan)| plan.clone());
            TargetResult { name, result: result.map(|session| (session, plan)) }
        });
        let verify = |(session, plan): (Session, Option<SealedPlan>), _| {
            let (own, key) = (own, key.clone());
            async move {
                let Some(plan) = plan else {
                    let message = "the plan is for a spec without `targets`, and this one has them";
                    return Err(CommandError::message(ErrorKind::Refused, message).hint("run plan again"));
                };
                let (differences, executable) = session.verify(&plan, key).await?;
                if !differences.is_empty() {
                    return Err(CommandError::stale(&differences));
                }
                let limits = own.stricter(&executable.plan.options.limits);
                Ok(SessionPlan { session, executable, limits })
            }
        };
        Targets(opened.collect()).then(&self.output, verify).await
    }
}

/// Refuses a saved plan if only one of it and the command has a plan key.
fn check_key(path: &Path, plan: &SealedPlan, is_given: bool) -> Result<(), CommandError> {
    let refused = |why: &str, hint: &str| {
        let message = format!("{} was saved {why}", quoted::path(path));
        Err(CommandError::message(ErrorKind::Failed, message).hint(hint))
    };
    match (plan.plan_key.is_some(), is_given) {
        (true, false) => refused("with a plan key, and none is given", "pass the same key with --plan-key FILE"),
        // It holds nothing that the key could check, so somebody may have put it in the place of one that does.
        (false, true) => {
            let hint = "save the plan with --plan-key FILE, or leave the key out";
            refused("without a plan key, and one is given", hint)
        }
        (true, true) | (false, false) => Ok(()),
    }
}
