//! What went wrong with a command, as the problems that its reports list.

use super::reported::of_repository;
use super::{CommandError, ErrorKind, SpecArgs};
use crate::declaration::rule;
use crate::model::{SourcePlace, of_target};
use crate::session::SpecDiagnostics;
use crate::show::reports::{PlanReport, ProblemLevel, ReportProblem, ReportedPlan, of_diagnostics, of_plans};

/// What went wrong with the targets of a command.
#[derive(Default)]
pub struct TargetProblems {
    /// What is wrong with the spec of each target.
    findings: Vec<(Option<String>, SpecDiagnostics)>,
    others: Vec<ReportProblem>,
}

impl TargetProblems {
    /// Takes in how a target ended.
    pub fn add<T>(&mut self, name: Option<&str>, ended: &Result<T, CommandError>) {
        let (findings, other) = match ended {
            Ok(_) => (SpecDiagnostics::default(), None),
            Err(CommandError { findings: Some(findings), .. }) => (findings.as_ref().clone(), None),
            Err(error) => (SpecDiagnostics::default(), Some(problem(name, error))),
        };
        self.findings.push((name.map(str::to_owned), findings));
        self.others.extend(other);
    }

    /// Takes in why the plan of a target is not applied: its refusals, or the error.
    pub fn add_withheld(
        &mut self,
        name: Option<&str>,
        plan: Option<ReportedPlan>,
        error: CommandError,
    ) -> CommandError {
        let mut refusals = of_plans(&PlanReport { plans: plan.into_iter().collect(), ..PlanReport::default() });
        refusals.retain(|problem| problem.level == ProblemLevel::Error);
        let ended = if refusals.is_empty() { Err(error) } else { Ok(error) };
        self.add(name, &ended);
        self.others.extend(refusals);
        ended.unwrap_or_else(|error| error)
    }

    /// Returns the problems: those of the spec, each once, and the others. What has no place has that of the spec.
    pub fn into_problems(self, spec: &SpecArgs) -> Vec<ReportProblem> {
        let findings = self.findings.iter().map(|(name, findings)| (name.as_deref(), findings.clone()));
        let mut problems = of_findings(&SpecDiagnostics::of_targets(findings));
        problems.extend(self.others);
        for problem in &mut problems {
            problem.place = problem.place.take().or_else(|| beginning(spec));
        }
        problems
    }
}

/// Returns the error of a command as problems.
pub fn of_error(spec: &SpecArgs, error: &CommandError) -> Vec<ReportProblem> {
    let mut problems = TargetProblems::default();
    match &error.findings {
        Some(findings) => problems.findings.push((None, findings.as_ref().clone())),
        None => problems.others.push(problem(None, error)),
    }
    problems.into_problems(spec)
}

/// Returns the findings of a spec as problems.
pub fn of_findings(findings: &SpecDiagnostics) -> Vec<ReportProblem> {
    let title = |code: &str| rule(code).map_or_else(|| code.to_owned(), |rule| rule.title.to_owned());
    let mut problems = of_diagnostics(&findings.diagnostics, &findings.sources, title);
    for problem in &mut problems {
        problem.place = problem.place.take().and_then(of_repository);
    }
    problems
}

fn problem(name: Option<&str>, error: &CommandError) -> ReportProblem {
    ReportProblem {
        code: if error.kind == ErrorKind::Failed { "failed" } else { "refused" }.to_owned(),
        title: "The command failed before anything was written".to_owned(),
        level: ProblemLevel::Error,
        message: format!("{}{}", of_target(name), error.with_details()),
        help: (!error.hints.is_empty()).then(|| error.hints.join("; ")),
        subject: name.map_or_else(|| "run".to_owned(), |name| format!("target {name}")),
        place: None,
    }
}

/// Returns where a spec begins.
fn beginning(spec: &SpecArgs) -> Option<SourcePlace> {
    let file = spec.files.first()?.to_string_lossy().into_owned();
    of_repository(SourcePlace { file, line: 1, column: 1 })
}
