//! `trueup drift`: reports differences between the spec and the live account.

use clap::Args;
use serde_json::{Value, json};

use super::sections::Sections;
use super::status_line::StatusLine;
use super::targets::{self, TargetResult};
use super::{CloudArgs, CommandError, Exit, OutputArgs, SpecArgs};
use crate::observe::Depth;
use crate::plan::{MaskedPlan, PlanOptions};
use crate::session::ChosenResources;

const EXAMPLES: &str = "\
Examples:
  trueup drift -f stack.yaml
  trueup drift -f stack.yaml --json --exit-code 0";

/// Report differences between the spec and the live account
///
/// Resources that the spec does not declare are reported too. Exits with 2 if there is any difference.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct DriftCommand {
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    cloud: CloudArgs,
    #[command(flatten)]
    output: OutputArgs,
    /// Read only functions that listings show to differ
    #[arg(long, env = "TRUEUP_SHALLOW")]
    shallow: bool,
    /// Exit with N instead of 2 if there is drift
    #[arg(long, value_name = "N", env = "TRUEUP_EXIT_CODE", value_parser = clap::value_parser!(u8))]
    exit_code: Option<u8>,
}

impl DriftCommand {
    /// Runs the command.
    pub async fn run(self) -> Result<Exit, CommandError> {
        let (specs, everything) = (targets::read(&self.spec)?, ChosenResources::default());
        let opened = targets::open(specs, &self.spec, &self.cloud, |_| PlanOptions::default(), &everything).await?;
        let is_shallow = self.shallow;
        let status = StatusLine::new(self.output.json);
        let planned = opened.then(&status, move |session, events| async move {
            Ok(match is_shallow {
                true => session.plan_shallow(&events).await?,
                false => session.plan_reporting(Depth::Full, &events).await?,
            })
        });
        let planned = planned.await;
        let mut sections = Sections::new(&self.output);
        let mut exits = Vec::new();
        for TargetResult { name, result } in planned.0 {
            let name = name.as_deref();
            let ended = result.and_then(|executable| self.present(name, &executable.plan.masked(), &mut sections));
            exits.push(sections.end(name, ended));
        }
        sections.finish()?;
        Ok(Exit::worst(exits))
    }

    fn present(
        &self,
        name: Option<&str>,
        plan: &MaskedPlan,
        sections: &mut Sections<'_, Value>,
    ) -> Result<Exit, CommandError> {
        let drifted = crate::drift::drift(plan);
        sections.print(
            name,
            |style| crate::show::drift::render(&drifted, &plan.not_compared, style),
            || json!({"drift": drifted, "not_compared": plan.not_compared}),
        )?;
        CommandError::for_unreadable(&plan.not_compared)?;
        Ok(match self.exit_code {
            _ if drifted.is_empty() => Exit::Success,
            Some(code) => Exit::Other(code),
            None => Exit::Changes,
        })
    }
}
