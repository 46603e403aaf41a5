//! `trueup validate`: check a spec, offline.

use clap::Args;
use serde_json::json;

use super::{CommandError, Exit, OutputArgs, SpecArgs, output, session};
use crate::session::{SessionError, SpecDiagnostics};

/// Check a spec, without touching AWS: every error at once, with file, line and column.
#[derive(Args)]
pub struct ValidateCommand {
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl ValidateCommand {
    pub fn run(self) -> Result<Exit, CommandError> {
        let loaded = session::load(&self.spec);
        let resources = loaded.stack.as_ref().map(|stack| stack.resources.len());
        let findings = SpecDiagnostics { diagnostics: loaded.diagnostics, sources: loaded.sources };
        if self.output.json {
            output::print_json(&json!({
                "diagnostics": crate::show::diagnostics::to_json(&findings.diagnostics, &findings.sources),
                "resources": resources,
            }))?;
            return Ok(if resources.is_some() { Exit::Success } else { Exit::Error });
        }
        let Some(stack) = &loaded.stack else { return Err(SessionError::Spec(findings).into()) };
        session::print_findings(&findings);
        output::print(&format!("{}: {} resources, no errors.\n", stack.scope.stack, stack.resources.len()))?;
        Ok(Exit::Success)
    }
}
