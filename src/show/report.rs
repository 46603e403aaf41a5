//! The result of an apply as text.

use std::borrow::Borrow;
use std::fmt::Write;

use serde_json::Value;

use super::Style;
use super::value::change_lines;
use crate::apply::{Misprediction, Outcome, Report, StepError, Verdict, WriteStatus};
use crate::model::{AttributeName, Change, plain, visible};
use crate::wire::{Failure, Request};

/// The command whose report it is, which may have to be run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportOf {
    /// An apply that made its plan itself.
    Apply,
    /// An apply of a saved plan, which is applied once.
    SavedPlan,
    /// A destroy.
    Destroy,
}

/// Renders the report of an apply or a destroy; `hint` gives the way out of a failure.
pub fn render(report: &Report, style: Style, of: ReportOf, hint: &dyn Fn(&Failure) -> Option<String>) -> String {
    lines(report, style, hint) + &summary(report, style, of) + "\n"
}

/// Renders the steps that were not done, and the predictions that were wrong.
fn lines(report: &Report, style: Style, hint: &dyn Fn(&Failure) -> Option<String>) -> String {
    let mut text = String::new();
    for (step, outcome) in &report.steps {
        let what = visible(&format!("{:>3}. {} {}", step.id, step.operation, step.address)).into_owned();
        match outcome {
            Outcome::Done => {}
            Outcome::Error(StepError::Refused { reason, changes, write }) => {
                let status = status(*write).unwrap_or("; nothing was written");
                let _ = writeln!(text, "{} {what}: {}{status}", style.wrong("refused"), visible(reason));
                changed_lines(&mut text, changes);
            }
            Outcome::Error(StepError::Failed { reason, failure, write }) => {
                let status = status(*write).unwrap_or_default();
                // The line names the operation of the step already.
                let own = failure.as_ref().filter(|failure| failure.request == Request::Lambda(step.operation));
                let reason = own.map_or_else(|| reason.clone(), |failure| failure.response());
                let _ = writeln!(text, "{} {what}: {}{status}", style.wrong("failed "), visible(&reason));
                if let Some(hint) = failure.as_ref().and_then(|failure| hint(failure)) {
                    let _ = writeln!(text, "         {}", visible(&hint));
                }
            }
            Outcome::Skipped { because } => {
                let _ = writeln!(text, "skipped {what}: step {because} did not succeed");
            }
            Outcome::NotStarted => {
                let _ = writeln!(text, "        {what}: not started (interrupted)");
            }
        }
    }
    // A plan shows no other prediction.
    let versions = report.mispredicted.iter().filter(|it| it.attribute == AttributeName::VERSION.as_str());
    for Misprediction { address, attribute, predicted, returned } in versions {
        let line =
            format!("{address}: {attribute} is {}, and the plan predicted {}", plain(returned), plain(predicted));
        let _ = writeln!(text, "{} {}", style.faint("note:"), visible(&line));
    }
    text
}

/// Describes the status of a write that was sent.
fn status(write: WriteStatus) -> Option<&'static str> {
    match write {
        WriteStatus::NotSent => None,
        WriteStatus::Unknown => Some("; the write was sent and may have taken effect"),
        WriteStatus::Accepted => Some("; Lambda had accepted the write"),
    }
}

/// Appends the fields that changed, from what the plan saw to what is live.
pub fn changed_lines<V: Borrow<Value>>(text: &mut String, changes: &[Change<V>]) {
    for line in changes.iter().flat_map(change_lines) {
        let _ = writeln!(text, "         {line}");
    }
}

/// Returns the result of an apply or a destroy in one line.
pub fn summary(report: &Report, style: Style, of: ReportOf) -> String {
    let count = |is: fn(&Outcome) -> bool| report.steps.iter().filter(|(_, outcome)| is(outcome)).count();
    let parts = [
        (count(|outcome| *outcome == Outcome::Done), "done"),
        (count(Outcome::is_refused), "refused"),
        (count(Outcome::is_failed), "failed"),
        (count(|outcome| matches!(outcome, Outcome::Skipped { .. })), "skipped"),
        (count(|outcome| *outcome == Outcome::NotStarted), "not started"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let has_failed = report.steps.iter().any(|(_, outcome)| matches!(outcome, Outcome::Error(_)));
    let (sentence, remedy) = match report.verdict() {
        Verdict::Applied if parts.is_empty() => return style.well("No changes."),
        Verdict::Applied => return style.well(&format!("Applied: {}.", parts.join(", "))),
        Verdict::Refused => ("Refused", "Run plan again to see the live state."),
        Verdict::Partial => (
            "Partially applied",
            match (has_failed, of) {
                (true, ReportOf::Destroy) => "Fix the cause, then run destroy again.",
                (true, ReportOf::Apply) => "Fix the cause, then run apply again.",
                (true, ReportOf::SavedPlan) => "Fix the cause, then run plan again: this plan is applied in part.",
                (false, ReportOf::Destroy) => "Run destroy again to finish.",
                (false, ReportOf::Apply) => "Run apply again to finish.",
                (false, ReportOf::SavedPlan) => "Run plan again, and apply that to finish.",
            },
        ),
        Verdict::Failed if of == ReportOf::Destroy => ("Destroy failed", "Fix the cause and run it again."),
        Verdict::Failed => ("Apply failed", "Fix the cause and run it again."),
    };
    format!("{} {remedy}", style.wrong(&format!("{sentence}: {}.", parts.join(", "))))
}
