//! Prints plans, saves them and writes their reports.

use super::pipeline::pipeline_page;
use super::plan_file::PlanFile;
use super::problems::TargetProblems;
use super::report_files::ReportContent;
use super::reported::reported;
use super::showing::Showing;
use super::targets::{TargetResult, Targets};
use super::{CommandError, Exit, output};
use crate::model::PerTarget;
use crate::observe::Depth;
use crate::plan::saved::SavedPlans;
use crate::plan::{ExecutablePlan, MaskedPlan};
use crate::session::Session;
use crate::show::plan::{Display, render, summary};
use crate::show::reports::{PlanReport, ReportedPlan};
use crate::show::{Style, events};

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
    let printer = PlanPrinter { display: Display::default(), showing, next: None };
    printer.present(planned, Some(file), |plan| {
        CommandError::for_unreadable(&plan.not_compared)?;
        Ok(Exit::Success)
    })
}

/// What is printed of plans.
pub struct PlanPrinter<'a> {
    /// How much is shown.
    pub display: Display,
    /// Where.
    pub showing: Showing<'a>,
    /// The command that applies the plans, where they are not saved.
    pub next: Option<String>,
}

impl PlanPrinter<'_> {
    /// Prints the plans, and saves them if a file is given and none of them is missing or refused.
    pub fn present(
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
            let reason = match (exits.len(), report.plans.is_empty()) {
                (1, true) => "there is no plan",
                (1, false) => "the plan is refused",
                _ => "every target needs a plan that is not refused",
            };
            output::eprint(&format!("Not saved to {file}: {reason}."));
            file.remove_former()?;
        }
        let is_new = |it: &ReportedPlan| !it.plan.is_empty() && it.plan.refusals.is_empty();
        let is_quiet = args.json || reports.takes_stdout();
        // One target without a plan, or with a refused one, keeps all from being applied.
        let is_whole = report.plans.len() == exits.len() && report.plans.iter().all(|it| it.plan.refusals.is_empty());
        if let Some(command) = self.next.as_ref().filter(|_| !is_quiet && is_whole && report.plans.iter().any(is_new)) {
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
