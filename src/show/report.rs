//! What became of an apply, as text.

use std::borrow::Borrow;
use std::fmt::Write;

use serde_json::Value;

use super::Style;
use super::value::change_lines;
use crate::apply::{Outcome, Report, Sent, Verdict};
use crate::model::Change;

/// The report as text; `hint` knows what to do about a failure.
pub fn render(report: &Report, style: Style, hint: &dyn Fn(&crate::wire::Failure) -> Option<String>) -> String {
    let mut text = String::new();
    for (step, outcome) in &report.steps {
        let what = format!("{:>3}. {} {}", step.id, step.operation, step.address);
        match outcome {
            Outcome::Done => {}
            Outcome::Refused { why, moved, sent } => {
                let effect = effect(*sent).unwrap_or("; nothing was written");
                let _ = writeln!(text, "{} {what}: {why}{effect}", style.wrong("refused"));
                moved_lines(&mut text, moved);
            }
            Outcome::Failed { why, failure, sent } => {
                let effect = effect(*sent).unwrap_or_default();
                // The step has named its operation already.
                let why = why.strip_prefix(&format!("{}: ", step.operation)).unwrap_or(why);
                let _ = writeln!(text, "{} {what}: {why}{effect}", style.wrong("failed "));
                if let Some(hint) = failure.as_ref().and_then(|failure| hint(failure)) {
                    let _ = writeln!(text, "         {hint}");
                }
            }
            Outcome::Skipped { because } => {
                let _ = writeln!(text, "skipped {what}: step {because} did not succeed");
            }
            Outcome::NotBegun => {
                let _ = writeln!(text, "remains {what}: the run was stopped before it");
            }
        }
    }
    let _ = writeln!(text, "{}", summary(report, style));
    text
}

/// What to say of a write that was sent.
fn effect(sent: Sent) -> Option<&'static str> {
    match sent {
        Sent::No => None,
        Sent::Perhaps => Some("; the write was sent, and may have taken effect"),
        Sent::Taken => Some("; Lambda had taken the write"),
    }
}

/// Fields that moved, from what was seen to what is there.
pub fn moved_lines<V: Borrow<Value>>(text: &mut String, moved: &[Change<V>]) {
    for line in moved.iter().flat_map(change_lines) {
        let _ = writeln!(text, "         {line}");
    }
}

fn summary(report: &Report, style: Style) -> String {
    let count = |is: fn(&Outcome) -> bool| report.steps.iter().filter(|(_, outcome)| is(outcome)).count();
    let parts = [
        (count(|outcome| *outcome == Outcome::Done), "done"),
        (count(|outcome| matches!(outcome, Outcome::Refused { .. })), "refused"),
        (count(|outcome| matches!(outcome, Outcome::Failed { .. })), "failed"),
        (count(|outcome| matches!(outcome, Outcome::Skipped { .. })), "skipped"),
        (count(|outcome| *outcome == Outcome::NotBegun), "not begun"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let (sentence, remedy) = match report.verdict() {
        Verdict::Applied if parts.is_empty() => return style.well("No changes. Live state is as declared."),
        Verdict::Applied => return style.well(&format!("Applied: {}.", parts.join(", "))),
        Verdict::Refused => ("Refused", "Plan again to see the world as it is now."),
        Verdict::Partly => ("Applied in part", "Plan again: it picks up where this run ended."),
        Verdict::Failed => ("Not applied", "Plan again once the cause is mended."),
    };
    format!("{} {remedy}", style.wrong(&format!("{sentence}: {}.", parts.join(", "))))
}
