//! `trueup verify`: says whether a saved plan would still do the same.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::saved_plans::{ExpectedPlanArgs, SavedPlanFile};
use super::sections::Sections;
use super::status_line::StatusLine;
use super::targets::TargetResult;
use super::{CloudArgs, CommandError, ErrorKind, Exit, LimitArgs, OutputArgs, PlanKeyArgs, SpecArgs, output};
use crate::model::Refusal;
use crate::plan::RefusedPlan;
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
    limits: LimitArgs,
    #[command(flatten)]
    key: PlanKeyArgs,
    #[command(flatten)]
    expected: ExpectedPlanArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// What `verify --json` prints.
#[derive(Default, Serialize)]
struct VerificationDocument {
    same: bool,
    resources: Vec<VerifiedResource>,
    /// The differences that are not those of single resources.
    differences: Vec<String>,
    /// The reasons for which the plan would be refused all the same.
    refusals: Vec<Refusal>,
    /// The secret values that are not compared, for want of a plan key.
    unbound_secrets: usize,
}

impl VerifyCommand {
    /// Runs the command.
    pub async fn run(mut self) -> Result<Exit, CommandError> {
        self.spec.not_code.push(self.plan.clone());
        let file = match SavedPlanFile::read(&self.plan, &self.expected, &self.spec, "plan") {
            // It is not the approved plan, or holds no more: as for any difference, only the words are others.
            Err(error) if error.kind == ErrorKind::Stale => {
                if self.output.json {
                    output::print_json(&VerificationDocument {
                        differences: vec![error.shown()],
                        ..VerificationDocument::default()
                    })?;
                }
                error.report();
                return Ok(Exit::Changes);
            }
            read => read?,
        };
        let (opened, key) = file.open(&self.spec, &self.cloud, &self.key).await?;
        let status = StatusLine::new(self.output.json);
        let own = self.limits.limits();
        let verified = opened.then(&status, |(session, plan), events| {
            let (key, own) = (key.clone(), own.clone());
            async move {
                let (verification, executable) = session.verify(&plan, key, &events).await?;
                let limits = own.stricter(&plan.options.limits);
                let refusals = executable.approve(&limits).err().map(|RefusedPlan(refusals)| refusals);
                Ok((verification, refusals.unwrap_or_default()))
            }
        });
        let mut sections = Sections::new(&self.output);
        let mut exits = Vec::new();
        for TargetResult { name, result } in verified.await.0 {
            let name = name.as_deref();
            let ended =
                result.and_then(|(verification, refusals)| present(name, &verification, &refusals, &mut sections));
            exits.push(sections.end(name, ended));
        }
        sections.finish()?;
        Ok(Exit::worst(exits))
    }
}

/// Prints what became of the plan of a target.
fn present(
    name: Option<&str>,
    verification: &Verification,
    refusals: &[Refusal],
    sections: &mut Sections<'_, VerificationDocument>,
) -> Result<Exit, CommandError> {
    sections.print(
        name,
        |style| render(verification, refusals, style),
        || VerificationDocument {
            same: verification.is_same(),
            resources: verification.resources.clone(),
            differences: verification.others().map(ToString::to_string).collect(),
            refusals: refusals.to_vec(),
            unbound_secrets: verification.unbound_secrets,
        },
    )?;
    let is_same = verification.is_same() && refusals.is_empty();
    Ok(if is_same { Exit::Success } else { Exit::Changes })
}
