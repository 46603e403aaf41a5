//! What each command writes as its reports.

use super::pipeline::append;
use super::report_files::{ReportArgs, ReportContent, ReportKind};
use crate::model::of_target;
use crate::show::reports::{
    AppliedTarget, DriftReport, PlanReport, ReportProblem, ReportedPlan, WITHHELD_OUTPUTS, counts, github, html, junit,
    markdown, of_applied, of_plans, outputs, sarif, step_summary, steps, tfplan, withheld_summary,
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

    /// Writes why a command failed, in the reports that have a form for it: a plan or a drift there is none.
    pub fn write_failed(&self, command: &str, problems: &[ReportProblem]) -> anyhow::Result<()> {
        self.of_problems().write(|kind| Ok(of_problems(kind, command, problems, &[])))
    }

    /// Writes why nothing was applied, in the reports that have a form for it.
    pub fn write_withheld(&self, command: &str, problems: &[ReportProblem]) -> anyhow::Result<()> {
        if self.has(ReportKind::Github) {
            append("GITHUB_STEP_SUMMARY", &withheld_summary(problems))?;
            append("GITHUB_OUTPUT", WITHHELD_OUTPUTS)?;
        }
        self.write_failed(command, problems)
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
