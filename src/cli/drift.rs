//! `trueup drift`: reports differences between the spec and the live account.

use clap::Args;
use serde_json::json;

use super::{CloudArgs, CommandError, Exit, OutputArgs, SpecArgs, output, session};
use crate::observe::Depth;
use crate::plan::PlanOptions;

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
        let session = session::open(&self.spec, &self.cloud, PlanOptions::default()).await?;
        let executable = match self.shallow {
            true => session::plan_shallow(&session, &self.output).await?,
            false => session::plan(&session, Depth::Full, &self.output).await?,
        };
        let plan = executable.plan.masked();
        let drifted = crate::drift::drift(&plan);
        if self.output.json {
            output::print_json(&json!({"drift": drifted, "not_compared": plan.not_compared}))?;
        } else {
            let text = crate::show::drift::render(&drifted, &plan.not_compared, output::style(&self.output));
            output::print(&text)?;
        }
        CommandError::for_unreadable(&plan.not_compared)?;
        Ok(match self.exit_code {
            _ if drifted.is_empty() => Exit::Success,
            Some(code) => Exit::Other(code),
            None => Exit::Changes,
        })
    }
}
