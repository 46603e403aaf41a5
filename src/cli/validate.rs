//! `trueup validate`: checks a spec without an account.

use clap::Args;
use serde_json::json;

use super::problems::of_findings;
use super::report_files::{ReportArgs, ReportContent, ReportKind};
use super::{CommandError, Exit, OutputArgs, SpecArgs, options, output, targets};
use crate::declaration::Loaded;
use crate::model::of_target;
use crate::packages::{self, Absent};
use crate::session::{SessionError, SpecDiagnostics, TargetSpec};

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
    #[command(flatten)]
    reports: ReportArgs,
}

/// The reports of findings.
const REPORTS: [ReportKind; 4] = [ReportKind::Json, ReportKind::Github, ReportKind::Junit, ReportKind::Sarif];

impl ValidateCommand {
    /// Runs the command.
    pub fn run(mut self) -> Result<Exit, CommandError> {
        self.reports.check("validate", &REPORTS, self.output.json, &self.spec.paths(), None)?;
        self.spec.not_code.extend(self.reports.paths());
        let specs = targets::read(&self.spec)?;
        let builder = options::package_builder(&self.spec);
        let findings = SpecDiagnostics::of_targets(specs.iter().map(|TargetSpec { spec, offline }| {
            let Loaded { stack, diagnostics, sources, secrets, .. } = offline;
            let built = stack.iter().map(|stack| packages::build(&builder, stack, |_| true, Absent::Accepted));
            let of_packages = built.flat_map(|built| built.scrubbed(secrets));
            let diagnostics = diagnostics.iter().cloned().chain(of_packages).collect();
            (spec.target(), SpecDiagnostics { diagnostics, sources: sources.clone() })
        }));
        let is_whole = specs.iter().all(|it| it.offline.stack.is_some());
        let stacks = || specs.iter().filter_map(|it| Some((it.spec.target(), it.offline.stack.as_ref()?)));
        // Targets differ in values, not in resources.
        let document = || {
            let resources = stacks().map(|(_, stack)| stack.resources.len()).max().filter(|_| is_whole);
            json!({
                "diagnostics": crate::show::diagnostics::to_json(&findings.diagnostics, &findings.sources),
                "resources": resources,
            })
        };
        let problems = of_findings(&findings);
        let files: Vec<String> = self.spec.files.iter().map(|file| file.display().to_string()).collect();
        self.reports.write_findings(&problems, &files, || ReportContent::json(document()))?;
        if self.output.json {
            output::print_json(&document())?;
            return Ok(if findings.errors() == 0 && is_whole { Exit::Success } else { Exit::Error });
        }
        if !is_whole {
            return Err(SessionError::Spec(findings).into());
        }
        if findings.errors() > 0 {
            return Err(SessionError::Packages(findings).into());
        }
        options::print_findings(&findings);
        for (name, stack) in stacks() {
            let count = stack.resources.len();
            let resources = if count == 1 { "resource" } else { "resources" };
            let of = of_target(name);
            if !self.reports.takes_stdout() {
                output::print(&format!("{of}{}: {count} {resources}, no errors.\n", stack.scope.stack))?;
            }
        }
        // The program ends here, and dropping a large stack takes a tenth of the command's time.
        std::mem::forget(specs);
        Ok(Exit::Success)
    }
}
