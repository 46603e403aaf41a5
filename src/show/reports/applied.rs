//! The end of an apply for pipelines: the steps that failed as problems, and the result as outputs and a summary of a step.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::markdown_text::{block, code};
use super::{ProblemLevel, ReportProblem, of_failed_reads};
use crate::apply::{Outcome, Report, StepError, Verdict};
use crate::model::{Address, NotChecked, SourcePlace, of_target, visible};
use crate::show::Style;
use crate::show::report::{self, ReportOf};
use crate::wire::{Failure, Request};

/// The end of the apply of a target.
#[derive(Clone, Debug)]
pub struct AppliedTarget {
    /// Its name; none if the spec has no `targets`.
    pub target: Option<String>,
    /// The stack's name.
    pub stack: String,
    /// The report.
    pub report: Report,
    /// Where each resource is declared.
    pub places: BTreeMap<Address, SourcePlace>,
    /// Where the spec begins.
    pub spec: Option<SourcePlace>,
    /// What could not be read, and was left as it is.
    pub not_compared: Vec<NotChecked>,
    /// The command that applied it.
    pub by: ReportOf,
}

/// Returns the steps that did not succeed; `hint` gives the way out of a failure.
pub fn of_applied(applied: &[AppliedTarget], hint: &dyn Fn(&Failure) -> Option<String>) -> Vec<ReportProblem> {
    let mut problems = Vec::new();
    for it in applied {
        problems.extend(of_failed_reads(it.target.as_deref(), &it.not_compared, it.spec.as_ref()));
        let of = of_target(it.target.as_deref());
        for (step, outcome) in &it.report.steps {
            let (level, message, help) = match outcome {
                Outcome::Done => continue,
                Outcome::Error(StepError::Refused { reason, .. }) => (ProblemLevel::Error, reason.clone(), None),
                Outcome::Error(StepError::Failed { reason, failure, .. }) => {
                    // The message names the operation of the step already.
                    let own = failure.as_ref().filter(|failure| failure.request == Request::Lambda(step.operation));
                    let reason = own.map_or_else(|| reason.clone(), |failure| failure.response());
                    (ProblemLevel::Error, reason, failure.as_deref().and_then(hint))
                }
                Outcome::Skipped { because } => {
                    (ProblemLevel::Warning, format!("step {because} did not succeed"), None)
                }
                Outcome::NotStarted => (ProblemLevel::Warning, "not started (interrupted)".to_owned(), None),
            };
            problems.push(ReportProblem {
                code: format!("apply/{}", outcome.code()),
                title: "A step did not succeed".to_owned(),
                level,
                message: format!("{of}{} {}: {message}", step.operation, step.address),
                help,
                subject: format!("{of}{}. {} {}", step.id, step.operation, step.address),
                place: it.places.get(&step.address).cloned(),
            });
        }
    }
    problems
}

/// Returns every step, each of which is a test case that passes unless it has a problem.
pub fn steps(applied: &[AppliedTarget]) -> Vec<String> {
    let of_one = |it: &AppliedTarget| {
        let of = of_target(it.target.as_deref());
        let steps = it.report.steps.iter();
        steps.map(|(step, _)| format!("{of}{}. {} {}", step.id, step.operation, step.address)).collect::<Vec<_>>()
    };
    applied.iter().flat_map(of_one).collect()
}

/// Renders the outputs of a GitHub step.
pub fn outputs(applied: &[AppliedTarget]) -> String {
    let outcomes = || applied.iter().flat_map(|it| &it.report.steps).map(|(_, outcome)| outcome);
    let count = |is: fn(&Outcome) -> bool| outcomes().filter(|outcome| is(outcome)).count();
    format!(
        "verdict={}\ndone={}\nfailed={}\nnot_done={}\nincomplete={}\n",
        Verdict::of(outcomes()).code(),
        count(|it| *it == Outcome::Done),
        count(|it| matches!(it, Outcome::Error(_))),
        count(|it| matches!(it, Outcome::Skipped { .. } | Outcome::NotStarted)),
        applied.iter().any(|it| it.not_compared.iter().any(NotChecked::is_unreadable))
    )
}

/// Renders the outputs of a GitHub step that applied nothing.
pub fn withheld_outputs(is_refused: bool) -> String {
    let verdict = if is_refused { Verdict::Refused } else { Verdict::Failed };
    format!("verdict={}\ndone=0\nfailed=0\nnot_done=0\nincomplete=false\n", verdict.code())
}

/// Renders the summary of a step that could not do its work.
pub fn failed_summary(title: &str, problems: &[ReportProblem]) -> String {
    let mut text = format!("### {title}\n\n");
    for problem in problems {
        let lines: Vec<String> = problem.message.lines().map(code).collect();
        let _ = writeln!(text, "- {}", lines.join("<br>"));
    }
    text
}

/// Renders the summary of a GitHub step.
pub fn step_summary(
    applied: &[AppliedTarget],
    approved_by: Option<&str>,
    hint: &dyn Fn(&Failure) -> Option<String>,
) -> String {
    let mut text = String::new();
    for it in applied {
        let of = it.target.as_ref().map_or_else(String::new, |target| format!(" ({target})"));
        let what = if it.by == ReportOf::Destroy { "Destroy" } else { "Apply" };
        let _ = writeln!(text, "### {what}: {}\n", code(&format!("{}{of}", it.stack)));
        let whole = report::render(&it.report, Style::default(), it.by, hint);
        let _ = writeln!(text, "{}", block("text", &whole));
    }
    if let Some(name) = approved_by {
        let _ = writeln!(text, "Approved by {}.", code(&visible(name)));
    }
    text
}
