//! `trueup verify`: says whether a saved plan would still do the same.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::progress::StatusLine;
use super::saved_plans::SavedPlanFile;
use super::sections::Sections;
use super::targets::TargetResult;
use super::{CloudArgs, CommandError, Exit, OutputArgs, PlanKeyArgs, SpecArgs};
use crate::plan::saved::{Verification, VerifiedResource};
use crate::show::verification::render;

const EXAMPLES: &str = "\
Examples:
  trueup verify plan.json -f stack.yaml
  trueup verify plan.json -f stack.yaml --json";

/// Say whether a saved plan would still do the same
///
/// Nothing is written. Each resource that the plan changes is the same as then, already applied, moved, or gone. Exits with 2
/// if anything differs.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct VerifyCommand {
    /// Verify this plan, written by `plan --out`
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    cloud: CloudArgs,
    #[command(flatten)]
    key: PlanKeyArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// What `verify --json` prints.
#[derive(Serialize)]
struct VerificationDocument {
    same: bool,
    resources: Vec<VerifiedResource>,
    differences: Vec<String>,
}

impl VerifyCommand {
    /// Runs the command.
    pub async fn run(self) -> Result<Exit, CommandError> {
        let file = SavedPlanFile::read(&self.plan, &self.spec, "plan")?;
        let (opened, key) = file.open(&self.spec, &self.cloud, &self.key).await?;
        let status = StatusLine::new(self.output.json);
        let verified = opened.then(&status, |(session, plan), events| {
            let key = key.clone();
            async move { Ok(session.verify_reporting(&plan, key, &events).await?) }
        });
        let mut sections = Sections::new(&self.output);
        let mut exits = Vec::new();
        for TargetResult { name, result } in verified.await.0 {
            let name = name.as_deref();
            let ended = result.and_then(|verification| {
                let exit = if verification.is_same() { Exit::Success } else { Exit::Changes };
                sections.print(name, |style| render(&verification, style), || document(&verification))?;
                Ok(exit)
            });
            exits.push(sections.end(name, ended));
        }
        sections.finish()?;
        Ok(Exit::worst(exits))
    }
}

fn document(verification: &Verification) -> VerificationDocument {
    VerificationDocument {
        same: verification.is_same(),
        resources: verification.resources.clone(),
        differences: verification.others.iter().map(ToString::to_string).collect(),
    }
}
