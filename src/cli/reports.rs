//! What each command writes as its reports.

use super::CommandError;
use super::pipeline::append;
use super::report_files::{ReportArgs, ReportContent, ReportKind};
use crate::declaration::rule;
use crate::model::{of_target, visible, without_users};
use crate::session::SpecDiagnostics;
use crate::show::reports::{
    AppliedTarget, PlanReport, ProblemLevel, ReportProblem, ReportedPlan, WITHHELD_OUTPUTS, counts, github, html,
    junit, markdown, of_applied, of_diagnostics, of_plans, outputs, sarif, step_summary, steps, tfplan,
    withheld_summary,
};

impl ReportArgs {
    /// Writes the reports of plans. `text` and `json` are what the command prints.
    pub fn write_plans<'a>(
        &self,
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
                ReportKind::Junit => junit::render("plan", &of_plans(report), &passed(report), false),
                ReportKind::Sarif => sarif::render(&of_plans(report)),
                ReportKind::Html => html::render(report),
                ReportKind::Ndjson => String::new(),
            }))
        })
    }

    /// Writes the reports of problems that are not those of a plan.
    pub fn write_problems<'a>(
        &self,
        suite: &str,
        problems: &[ReportProblem],
        passed: &[String],
        others: impl Fn(ReportKind) -> ReportContent<'a>,
    ) -> anyhow::Result<()> {
        self.write(|kind| {
            Ok(ReportContent::Text(match kind {
                ReportKind::Github => github::annotations(problems),
                // A difference is what the suite looks for, and a warning of the spec is none.
                ReportKind::Junit => junit::render(suite, problems, passed, suite == "drift"),
                ReportKind::Sarif => sarif::render(problems),
                other => return Ok(others(other)),
            }))
        })
    }

    /// Writes what is wrong with a spec, in the reports that have a form for it: a plan or a drift there is none.
    pub fn write_findings(&self, suite: &str, findings: &SpecDiagnostics) -> anyhow::Result<()> {
        self.write_only_problems(suite, &problems(findings))
    }

    /// Writes why nothing was applied, in the reports that have a form for it.
    pub fn write_withheld(&self, problems: &[ReportProblem]) -> anyhow::Result<()> {
        if self.has(ReportKind::Github) {
            append("GITHUB_STEP_SUMMARY", &withheld_summary(problems))?;
            append("GITHUB_OUTPUT", WITHHELD_OUTPUTS)?;
        }
        self.write_only_problems("apply", problems)
    }

    fn write_only_problems(&self, suite: &str, problems: &[ReportProblem]) -> anyhow::Result<()> {
        self.of_problems().write_problems(suite, problems, &[], |_| ReportContent::Text(String::new()))
    }

    /// Writes what is wrong with the spec or its packages, if that is why a command failed.
    pub fn write_error<T>(&self, suite: &str, ended: &Result<T, CommandError>) -> anyhow::Result<()> {
        match ended {
            Err(CommandError { findings: Some(findings), .. }) => self.write_findings(suite, findings),
            _ => Ok(()),
        }
    }

    /// Writes the reports of an apply. `text` and `json` are what the command prints.
    pub fn write_applied<'a>(
        &self,
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
                ReportKind::Junit => junit::render("apply", &problems, &steps(applied), false),
                _ => text(),
            }))
        })
    }

    fn markdown(&self, report: &PlanReport) -> anyhow::Result<String> {
        Ok(markdown::render(report, &self.template()?)?)
    }
}

/// Returns the findings of a spec as problems.
pub fn problems(findings: &SpecDiagnostics) -> Vec<ReportProblem> {
    let title = |code: &str| rule(code).map_or_else(|| code.to_owned(), |rule| rule.title.to_owned());
    of_diagnostics(&findings.diagnostics, &findings.sources, title)
}

/// Returns why the plan of a target is not applied: its refusals, or the error.
pub fn withheld(name: Option<&str>, plan: Option<ReportedPlan>, error: &CommandError) -> Vec<ReportProblem> {
    let report = PlanReport { plans: plan.into_iter().collect(), ..PlanReport::default() };
    let mut problems = of_plans(&report);
    problems.retain(|problem| problem.level == ProblemLevel::Error);
    if problems.is_empty() {
        problems.push(ReportProblem {
            code: "not_applied".to_owned(),
            title: "The plan is not applied".to_owned(),
            level: ProblemLevel::Error,
            message: format!("{}{}", of_target(name), visible(&without_users(&format!("{:#}", error.error)))),
            help: (!error.hints.is_empty()).then(|| error.hints.join("; ")),
            subject: name.map_or_else(|| "plan".to_owned(), |name| format!("target {name}")),
            place: report.plans.first().and_then(|it| it.spec.clone()),
        });
    }
    problems
}

/// Returns the resources of plans, each of which is a test case that passes unless it has a problem.
fn passed(report: &PlanReport) -> Vec<String> {
    let of_plan = |it: &ReportedPlan| {
        let of = of_target(it.target.as_deref());
        it.plan.resources.iter().map(|planned| format!("{of}{}", planned.address)).collect::<Vec<_>>()
    };
    report.plans.iter().flat_map(of_plan).collect()
}
