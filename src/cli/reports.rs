//! What each command writes as its reports.

use super::pipeline::append;
use super::report_files::{ReportArgs, ReportContent, ReportKind};
use crate::model::of_target;
use crate::show::reports::{
    AppliedTarget, DriftReport, PlanReport, ReportProblem, ReportedPlan, counts, failed_summary, github, html, junit,
    markdown, of_applied, of_plans, outputs, sarif, step_summary, steps, tfplan, withheld_outputs,
};

impl ReportArgs {
    /// Writes the reports of plans. `text` and `json` are what the command prints.
    pub fn write_plans<'a>(
        &self,
        command: &str,
        report: &PlanReport,
        text: impl Fn() -> String,
        json: impl Fn() -> ReportContent<'a>,
    ) -> anyhow::Result<()> {
        self.write(|kind| {
            Ok(ReportContent::Text(match kind {
                ReportKind::Text => text(),
                ReportKind::Json => return Ok(json()),
                ReportKind::TfplanJson => tfplan::render(report),
                ReportKind::Markdown => self.markdown(report)?,
                ReportKind::Github => {
                    append("GITHUB_STEP_SUMMARY", &self.markdown(report)?)?;
                    append("GITHUB_OUTPUT", &github::outputs(report))?;
                    github::annotations(&of_plans(report))
                }
                ReportKind::Gitlab => counts::gitlab(report),
                ReportKind::Junit => junit::render(command, &of_plans(report), &passed(report), false),
                ReportKind::Sarif => sarif::render(&of_plans(report)),
                ReportKind::Html => html::render(report),
                ReportKind::Ndjson => String::new(),
            }))
        })
    }

    /// Writes the reports of what is wrong with a spec. `json` is what the command prints.
    pub fn write_findings<'a>(
        &self,
        problems: &[ReportProblem],
        passed: &[String],
        json: impl Fn() -> ReportContent<'a>,
    ) -> anyhow::Result<()> {
        self.write(|kind| {
            Ok(match kind {
                ReportKind::Json => json(),
                other => of_problems(other, "validate", problems, passed),
            })
        })
    }

    /// Writes the reports of drift. `others` are those that do not list the differences as problems.
    pub fn write_drift<'a>(
        &self,
        report: &DriftReport,
        problems: &[ReportProblem],
        passed: &[String],
        others: impl Fn(ReportKind) -> ReportContent<'a>,
    ) -> anyhow::Result<()> {
        self.write(|kind| {
            Ok(match kind {
                ReportKind::Github => {
                    append("GITHUB_STEP_SUMMARY", &report.render())?;
                    append("GITHUB_OUTPUT", &report.outputs())?;
                    of_problems(kind, "drift", problems, passed)
                }
                // A difference is what the suite looks for.
                ReportKind::Junit => ReportContent::Text(junit::render("drift", problems, passed, true)),
                ReportKind::Sarif => of_problems(kind, "drift", problems, passed),
                ReportKind::Markdown => ReportContent::Text(report.render()),
                other => others(other),
            })
        })
    }

    /// Writes why a plan or a drift failed, in the reports that have a form for it.
    pub fn write_failed(&self, command: &str, problems: &[ReportProblem]) -> anyhow::Result<()> {
        if self.has(ReportKind::Github) {
            // There is no target, and it has failed.
            let failed = vec![(String::new(), String::new())];
            append("GITHUB_STEP_SUMMARY", &failed_summary(&format!("The {command} failed"), problems))?;
            append(
                "GITHUB_OUTPUT",
                &match command {
                    "drift" => DriftReport { failed, ..DriftReport::default() }.outputs(),
                    _ => github::outputs(&PlanReport { failed, ..PlanReport::default() }),
                },
            )?;
        }
        self.write_problems(command, problems)
    }

    fn write_problems(&self, command: &str, problems: &[ReportProblem]) -> anyhow::Result<()> {
        self.of_problems().write(|kind| Ok(of_problems(kind, command, problems, &[])))
    }

    /// Writes why nothing was applied, in the reports that have a form for it.
    pub fn write_withheld(&self, command: &str, problems: &[ReportProblem]) -> anyhow::Result<()> {
        if self.has(ReportKind::Github) {
            let is_refused = problems.iter().any(|problem| problem.code.starts_with("refused"));
            append("GITHUB_STEP_SUMMARY", &failed_summary("Not applied: nothing was changed", problems))?;
            append("GITHUB_OUTPUT", &withheld_outputs(is_refused))?;
        }
        self.write_problems(command, problems)
    }

    /// Writes the reports of an apply. `text` and `json` are what the command prints.
    pub fn write_applied<'a>(
        &self,
        command: &str,
        applied: &[AppliedTarget],
        approved_by: Option<&str>,
        text: impl Fn() -> String,
        json: impl Fn() -> ReportContent<'a>,
    ) -> anyhow::Result<()> {
        let hint = &crate::cloud::hint;
        let problems = of_applied(applied, hint);
        self.write(|kind| {
            Ok(ReportContent::Text(match kind {
                ReportKind::Json => return Ok(json()),
                ReportKind::Github => {
                    append("GITHUB_STEP_SUMMARY", &step_summary(applied, approved_by, hint))?;
                    append("GITHUB_OUTPUT", &outputs(applied))?;
                    github::annotations(&problems)
                }
                ReportKind::Junit => junit::render(command, &problems, &steps(applied), false),
                _ => text(),
            }))
        })
    }

    fn markdown(&self, report: &PlanReport) -> anyhow::Result<String> {
        Ok(markdown::render(report, &self.template()?)?)
    }
}

/// Returns problems in the form of a report that lists them.
fn of_problems(kind: ReportKind, suite: &str, problems: &[ReportProblem], passed: &[String]) -> ReportContent<'static> {
    ReportContent::Text(match kind {
        ReportKind::Github => github::annotations(problems),
        ReportKind::Junit => junit::render(suite, problems, passed, false),
        _ => sarif::render(problems),
    })
}

/// Returns the resources of plans, each of which is a test case that passes unless it has a problem.
fn passed(report: &PlanReport) -> Vec<String> {
    let of_plan = |it: &ReportedPlan| {
        let of = of_target(it.target.as_deref());
        it.plan.resources.iter().map(|planned| format!("{of}{}", planned.address)).collect::<Vec<_>>()
    };
    report.plans.iter().flat_map(of_plan).collect()
}
