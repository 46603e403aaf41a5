//! `trueup validate`: checks a spec without an account.

use clap::Args;
use serde_json::json;

use super::{CommandError, Exit, OutputArgs, SpecArgs, output, session};
use crate::packages::{self, Absent};
use crate::session::{SessionError, SpecDiagnostics};

const EXAMPLES: &str = "\
Examples:
  trueup validate -f stack.yaml
  trueup validate -f stack.yaml -f prod.yaml --json";

/// Check a spec without contacting AWS
///
/// Every error is reported at once, with file, line and column. Packages that exist are checked too.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct ValidateCommand {
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl ValidateCommand {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, CommandError> {
        let loaded = session::load(&self.spec);
        let resources = loaded.stack.as_ref().map(|stack| stack.resources.len());
        let mut findings = SpecDiagnostics { diagnostics: loaded.diagnostics, sources: loaded.sources };
        if let Some(stack) = &loaded.stack {
            findings.diagnostics.extend(packages::build(stack, |_| true, Absent::Accepted).scrubbed(&loaded.secrets));
        }
        if self.output.json {
            output::print_json(&json!({
                "diagnostics": crate::show::diagnostics::to_json(&findings.diagnostics, &findings.sources),
                "resources": resources,
            }))?;
            return Ok(if findings.errors() == 0 && resources.is_some() { Exit::Success } else { Exit::Error });
        }
        let Some(stack) = &loaded.stack else { return Err(SessionError::Spec(findings).into()) };
        if findings.errors() > 0 {
            return Err(SessionError::Packages(findings).into());
        }
        session::print_findings(&findings);
        let count = stack.resources.len();
        let resources = if count == 1 { "resource" } else { "resources" };
        output::print(&format!("{}: {count} {resources}, no errors.\n", stack.scope.stack))?;
        // The program ends here, and dropping a large stack takes a tenth of the command's time.
        std::mem::forget(loaded.stack);
        Ok(Exit::Success)
    }
}
