//! `trueup validate`: checks a spec without an account.

use clap::Args;
use serde_json::json;

use super::{CommandError, Exit, OutputArgs, SpecArgs, options, output};
use crate::declaration::Loaded;
use crate::model::visible;
use crate::packages::{self, Absent};
use crate::session::{SessionError, SpecDiagnostics, overlap};

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
        let loaded = options::load(&self.spec)?;
        let builder = options::package_builder(&self.spec);
        let (mut findings, mut is_whole) = (SpecDiagnostics::default(), true);
        for (_, Loaded { stack, diagnostics, sources, secrets, .. }) in &loaded {
            findings.merge(SpecDiagnostics { diagnostics: diagnostics.clone(), sources: sources.clone() });
            match stack {
                Some(stack) => {
                    let diagnostics = packages::build(&builder, stack, |_| true, Absent::Accepted).scrubbed(secrets);
                    findings.merge(SpecDiagnostics { diagnostics, sources: sources.clone() });
                }
                None => is_whole = false,
            }
        }
        let stacks = || loaded.iter().filter_map(|(name, loaded)| Some((name.as_deref(), loaded.stack.as_ref()?)));
        if self.output.json {
            // Targets differ in values, not in resources.
            let resources = stacks().map(|(_, stack)| stack.resources.len()).max().filter(|_| is_whole);
            output::print_json(&json!({
                "diagnostics": crate::show::diagnostics::to_json(&findings.diagnostics, &findings.sources),
                "resources": resources,
            }))?;
            return Ok(if findings.errors() == 0 && is_whole { Exit::Success } else { Exit::Error });
        }
        if !is_whole {
            return Err(SessionError::Spec(findings).into());
        }
        if findings.errors() > 0 {
            return Err(SessionError::Packages(findings).into());
        }
        if let Some(overlap) = overlap(stacks().filter_map(|(name, stack)| Some((name?, stack)))) {
            return Err(SessionError::Overlap(overlap).into());
        }
        options::print_findings(&findings);
        for (name, stack) in stacks() {
            let count = stack.resources.len();
            let resources = if count == 1 { "resource" } else { "resources" };
            let of = name.map_or_else(String::new, |name| format!("target {}: ", visible(name)));
            output::print(&format!("{of}{}: {count} {resources}, no errors.\n", stack.scope.stack))?;
        }
        // The program ends here, and dropping a large stack takes a tenth of the command's time.
        std::mem::forget(loaded);
        Ok(Exit::Success)
    }
}
