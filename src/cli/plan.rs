//! `trueup plan`: shows what an apply would change.

use clap::{Args, ValueEnum};

use super::pipeline::pipeline_page;
use super::plan_file::{PlanFile, SaveArgs};
use super::problems::TargetProblems;
use super::report_files::{ReportArgs, ReportContent, ReportKind};
use super::reported::reported;
use super::sections::Sections;
use super::showing::Showing;
use super::targets::{self, TargetResult, Targets};
use super::{
    CloudArgs, CommandError, DisplayArgs, ErrorKind, Exit, OutputArgs, SelectionArgs, SpecArgs, options, output,
};
use crate::change::{self, ChangeExtent};
use crate::declaration::Inputs;
use crate::estimate::estimate;
use crate::model::{NotChecked, NotCheckedKind, PerTarget};
use crate::observe::Depth;
use crate::packages::{self, Absent};
use crate::plan::saved::SavedPlans;
use crate::plan::{Coverage, ExecutablePlan, MaskedPlan};
use crate::session::{Session, SessionError, SpecDiagnostics, TargetSpec, check_targets};
use crate::show::plan::{Display, render, summary};
use crate::show::reports::{PlanReport, ReportedPlan};
use crate::show::{Style, events};

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
    pub async fn run(self) -> Result<Exit, CommandError> {
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
        let printing = Printing { display: self.display.display(), showing, next };
        printing.present(planned, file, |plan| {
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

/// Shows and saves plans that are to be applied later.
pub async fn show_and_save(
    opened: Targets<Session>,
    showing: Showing<'_>,
    file: PlanFile<'_>,
) -> Result<Exit, CommandError> {
    file.may_write(&opened)?;
    let planned = opened
        .then(&showing.status(), |session, events| async move {
            let executable = session.plan_settled(Depth::Declared, &events).await?;
            Ok((session, executable))
        })
        .await;
    let printing = Printing { display: Display::default(), showing, next: None };
    printing.present(planned, Some(file), |plan| {
        CommandError::for_unreadable(&plan.not_compared)?;
        Ok(Exit::Success)
    })
}

/// What is printed of plans.
struct Printing<'a> {
    display: Display,
    showing: Showing<'a>,
    /// The command that applies the plans, where they are not saved.
    next: Option<String>,
}

impl Printing<'_> {
    /// Prints the plans, and saves them if a file is given and none of them is missing or refused.
    fn present(
        &self,
        planned: Targets<(Session, ExecutablePlan)>,
        file: Option<PlanFile<'_>>,
        end: impl Fn(&MaskedPlan) -> Result<Exit, CommandError>,
    ) -> Result<Exit, CommandError> {
        let Showing { spec, output: args, reports, log, .. } = self.showing;
        let (mut sealed, mut results, mut problems) = (Vec::new(), Vec::new(), TargetProblems::default());
        let mut report = PlanReport { link: pipeline_page(), ..PlanReport::default() };
        for TargetResult { name, result } in planned.0 {
            let number = result.map(|(session, mut executable)| {
                if let Some(file) = file.as_ref().filter(|_| executable.plan.refusals.is_empty()) {
                    executable.plan.provenance = Some(file.provenance());
                    sealed.push((name.clone(), file.sealed(&session, &executable)));
                }
                let reported = reported(name.as_deref(), &session, &executable);
                log.write(name.as_deref(), events::planned(&reported.plan));
                report.plans.push(reported);
                report.plans.len() - 1
            });
            if let (Some(name), Err(error)) = (&name, &number) {
                report.failed.push((name.clone(), error.shown()));
            }
            problems.add(name.as_deref(), &number);
            results.push((name, number));
        }
        // A plan that is refused cannot be applied, so a file of it could only be mistaken for one that can.
        let (saved, unsaved) = match file {
            Some(file) if sealed.len() == results.len() => (Some(file), None),
            other => (None, other),
        };
        let digest = saved.as_ref().map(|file| file.save(&SavedPlans(sealed))).transpose()?.unwrap_or_default();
        report.problems = problems.into_problems(spec);
        report.digest = Some(digest.clone()).filter(|digest| !digest.is_empty());
        report.apply_command = saved.as_ref().map(PlanFile::command);
        match report.plans.is_empty() {
            true => reports.write_failed(self.showing.command, &report.problems)?,
            false => self.write_reports(&report)?,
        }
        let mut sections = self.showing.sections();
        let mut exits = Vec::new();
        for (name, number) in results {
            let name = name.as_deref();
            let ended = number.and_then(|number| {
                let plan = &report.plans[number].plan;
                sections.print(name, |style| render(plan, self.display, style), || plan)?;
                sections.sum_up(name, |_| summary(plan));
                if plan.refusals.is_empty() {
                    return end(plan);
                }
                log.write(name, [events::failed("the plan is refused".to_owned())]);
                Ok(Exit::Refused)
            });
            exits.push(sections.end(name, ended));
        }
        sections.finish()?;
        if let Some(file) = saved.filter(|_| !args.json) {
            output::eprint(&format!("Saved to {file} ({digest}). To apply exactly this plan, run: {}", file.command()));
        }
        if let Some(file) = unsaved {
            let reason =
                if exits.len() > 1 { "every target needs a plan that is not refused" } else { "the plan is refused" };
            output::eprint(&format!("Not saved to {file}: {reason}."));
        }
        let is_new = |it: &ReportedPlan| !it.plan.is_empty() && it.plan.refusals.is_empty();
        let is_quiet = args.json || reports.takes_stdout();
        if let Some(command) = self.next.as_ref().filter(|_| !is_quiet && report.plans.iter().any(is_new)) {
            output::eprint(&format!("Nothing has been changed. Apply with: {command}"));
        }
        Ok(Exit::worst(exits))
    }

    /// Writes the reports of plans.
    fn write_reports(&self, report: &PlanReport) -> anyhow::Result<()> {
        let Showing { output: args, reports, .. } = self.showing;
        let (style, display) = (output::style(args), self.display);
        let style = if reports.takes_stdout() { style } else { Style::default() };
        let text = || {
            let of = |target: &String| style.strong(&format!("target {target}")) + "\n";
            let plan =
                |it: &ReportedPlan| it.target.as_ref().map_or_else(String::new, of) + &render(&it.plan, display, style);
            let failed = report.failed.iter().map(|(target, error)| format!("{}error: {error}\n", of(target)));
            report.plans.iter().map(plan).chain(failed).collect::<Vec<_>>().join("\n")
        };
        let json = || {
            let plans = report.plans.iter().map(|it| (it.target.clone(), &it.plan));
            ReportContent::json(PerTarget::of(plans).with_failed(&report.failed))
        };
        reports.write_plans(self.showing.command, report, text, json)
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
