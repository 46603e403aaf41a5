//! `trueup plan`: shows what an apply would change.

use clap::{Args, ValueEnum};

use super::plan_file::{PlanFile, SaveArgs};
use super::plan_printer::PlanPrinter;
use super::report_files::{ReportArgs, ReportKind};
use super::sections::Sections;
use super::showing::Showing;
use super::targets;
use super::{
    CloudArgs, CommandError, DisplayArgs, ErrorKind, Exit, OutputArgs, SelectionArgs, SpecArgs, options, output,
};
use crate::change::{self, ChangeExtent};
use crate::declaration::Inputs;
use crate::estimate::estimate;
use crate::model::{NotChecked, NotCheckedKind};
use crate::observe::Depth;
use crate::packages::{self, Absent};
use crate::plan::Coverage;
use crate::session::{SessionError, SpecDiagnostics, TargetSpec, check_targets};

const EXAMPLES: &str = "\
Examples:
  trueup plan -f stack.yaml --out plan.json
  trueup plan -f stack.yaml --var stage=prod --detailed-exitcode";

/// Show what apply would change
///
/// The plan lists every write in order, with every field before and after. Nothing is written to AWS.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct PlanCommand {
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    cloud: CloudArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    save: SaveArgs,
    /// Exit with 2 if there are changes
    #[arg(long, env = "TRUEUP_DETAILED_EXITCODE")]
    detailed_exitcode: bool,
    /// Also read resources the spec does not declare
    #[arg(long, env = "TRUEUP_FULL")]
    full: bool,
    /// Fail if something was not checked
    #[arg(long, env = "TRUEUP_STRICT")]
    strict: bool,
    /// Estimate the calls and the time, and send nothing
    #[arg(long, env = "TRUEUP_ESTIMATE", conflicts_with_all = ["out", "full", "strict", "detailed_exitcode", "outputs"])]
    estimate: bool,
    #[command(flatten)]
    display: DisplayArgs,
    #[command(flatten)]
    reports: ReportArgs,
}

impl PlanCommand {
    /// Runs the command.
    pub async fn run(mut self) -> Result<Exit, CommandError> {
        if self.estimate {
            return self.print_estimate();
        }
        self.reports.check(
            "plan",
            ReportKind::value_variants(),
            self.output.json,
            &self.spec.paths(),
            self.save.out.as_deref(),
        )?;
        self.spec.not_code.extend(self.reports.paths().chain(self.save.out.clone()));
        let log = self.reports.event_log("plan")?;
        let (spec, output, reports) = (&self.spec, &self.output, &self.reports);
        let showing = Showing { command: "plan", spec, output, reports, log: &log };
        log.end(self.plan(showing).await.or_else(|error| showing.fail(error)))
    }

    /// Plans, and prints and saves what comes of it.
    async fn plan(&self, showing: Showing<'_>) -> Result<Exit, CommandError> {
        let options = self.selection.plan_options();
        let (specs, selection) = (targets::read(&self.spec)?, self.selection.selection()?);
        let opened = targets::open(specs, &self.spec, &self.cloud, |_| options.clone(), &selection).await?;
        let file = PlanFile::new(&self.save, &self.spec, &self.cloud, &self.selection.limits)?;
        if let Some(file) = &file {
            file.may_write(&opened)?;
        }
        let (depth, is_saved) = (if self.full { Depth::Full } else { Depth::Declared }, file.is_some());
        let planned = opened
            .then(&showing.status(), move |session, events| async move {
                let executable = match is_saved {
                    true => session.plan_settled(depth, &events).await?,
                    false => session.plan_reporting(depth, &events).await?,
                };
                Ok((session, executable))
            })
            .await;
        let next = (!is_saved).then(|| self.apply_command());
        let printer = PlanPrinter { display: self.display.display(), showing, next };
        printer.present(planned, file, |plan| {
            if self.strict && !plan.not_compared.is_empty() {
                let message = "something was not checked, and --strict was passed";
                let error = CommandError::message(ErrorKind::Failed, message);
                return Err(error.hint(strict_hint(&plan.not_compared)));
            }
            CommandError::for_unreadable(&plan.not_compared)?;
            Ok(if self.detailed_exitcode && !plan.is_empty() { Exit::Changes } else { Exit::Success })
        })
    }

    /// Returns the command that applies what a run with these options plans.
    fn apply_command(&self) -> String {
        let options = self.spec.again().into_iter().chain(self.cloud.again()).chain(self.selection.again());
        ["trueup apply".to_owned()].into_iter().chain(options).collect::<Vec<_>>().join(" ")
    }

    /// Prints an estimate of the calls, from the spec alone.
    fn print_estimate(&self) -> Result<Exit, CommandError> {
        let builder = options::package_builder(&self.spec);
        let mut sections = Sections::without_summary(&self.output);
        let (specs, selection) = (targets::read(&self.spec)?, self.selection.selection()?);
        check_targets(&specs).map_err(CommandError::from)?;
        for TargetSpec { spec, offline: loaded } in specs {
            let mut findings = SpecDiagnostics { diagnostics: loaded.diagnostics, sources: loaded.sources };
            let Some(stack) = loaded.stack else { return Err(SessionError::Spec(findings).into()) };
            let mut selected = self.selection.plan_options();
            selection.choose(&stack, &mut selected).map_err(SessionError::from)?;
            if let Some(reference) = &selection.changed_since {
                let inputs = Inputs { target: spec.target().map(str::to_owned), ..options::inputs(&self.spec) };
                match change::since(reference, &inputs, &stack, &builder).map_err(SessionError::from)? {
                    ChangeExtent::Part(part) => selected.changed = Some(part),
                    ChangeExtent::Everything { reason } => {
                        let warning = output::stderr_style().strong("warning:");
                        output::eprint(&format!("{warning} {reason}, so everything is estimated"));
                    }
                }
            }
            let coverage = Coverage::of(&stack, &selected);
            let built = packages::build(&builder, &stack, |address| coverage.covers(address), Absent::Accepted);
            findings.diagnostics.extend(built.scrubbed(&loaded.secrets));
            if findings.errors() > 0 {
                return Err(SessionError::Packages(findings).into());
            }
            options::print_findings(&findings);
            let estimate = estimate(&stack, &built.packages, &selected);
            let quotas = options::connection(&self.cloud).quotas_at_aws();
            sections.print(
                spec.target(),
                |_| crate::show::estimate::render(&estimate, &stack.scope.stack, |bucket| quotas.rate(bucket)),
                || estimate.to_json(|bucket| quotas.rate(bucket)),
            )?;
        }
        sections.finish()?;
        Ok(Exit::Success)
    }
}

/// Returns the way out for `--strict`: only searches that nobody asked for are a matter of options.
fn strict_hint(not_compared: &[NotChecked]) -> &'static str {
    match not_compared.iter().any(|it| matches!(it.0, NotCheckedKind::Undeclared { .. })) {
        true => "pass --full to read everything",
        false => "the list above names each cause",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::KindId;

    #[test]
    fn full_is_advised_only_for_a_search_that_was_not_asked_for() {
        let undeclared = NotChecked::undeclared(KindId::CapacityProvider);
        assert!(strict_hint(&[NotChecked::excluded(1), undeclared]).contains("--full"));
        assert!(!strict_hint(&[NotChecked::excluded(1)]).contains("--full"));
    }
}
