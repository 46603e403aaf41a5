//! What became of a saved plan, as text.

use std::fmt::Write;

use super::Style;
use super::report::changed_lines;
use crate::model::{Refusal, visible};
use crate::plan::saved::{Standing, Verification};

/// Says whose values a plan without a key does not hold, if there are any: an apply writes those of the spec.
pub fn unbound(verification: &Verification) -> Option<String> {
    let values = match verification.unbound_secrets {
        0 => return None,
        1 => "The value of 1 variable or secret is".to_owned(),
        count => format!("The values of {count} variables or secrets are"),
    };
    Some(format!(
        "{values} not compared: the plan was saved without a plan key, so apply writes what the spec has now."
    ))
}

/// Renders what became of each resource that the plan changes, what would be refused all the same, and a summary.
pub fn render(verification: &Verification, refusals: &[Refusal], style: Style) -> String {
    let mut text = String::new();
    for resource in &verification.resources {
        let standing = format!("{:<15}", resource.standing);
        let standing = match resource.standing {
            Standing::Same => style.faint(&standing),
            Standing::Applied => style.well(&standing),
            Standing::Moved | Standing::Gone => style.wrong(&standing),
        };
        // That it is as planned or gone says enough.
        let change = resource.change.filter(|_| resource.standing == Standing::Moved);
        let change = change.map_or_else(String::new, |change| format!(": {change}"));
        let applied = resource.modified.as_ref().filter(|_| resource.standing == Standing::Applied);
        let change = applied.map_or(change, |at| format!(" (last modified on {at})"));
        let address = resource.address.to_string();
        let _ = writeln!(text, "{standing} {} {}{change}", resource.action, visible(&address));
        changed_lines(&mut text, &resource.fields);
    }
    for other in verification.others() {
        let mark = format!("{:<15}", "differs");
        let mark = if other.is_harmless() { style.faint(&mark) } else { style.wrong(&mark) };
        let _ = writeln!(text, "{mark} {}", visible(&other.to_string()));
        changed_lines(&mut text, other.fields());
    }
    for refusal in refusals {
        let _ = writeln!(text, "{} {}", style.wrong(&format!("{:<15}", "refused")), visible(&refusal.message()));
        let _ = writeln!(text, "{:16}{}", "", visible(refusal.help()));
    }
    if let Some(line) = unbound(verification) {
        let _ = writeln!(text, "{line}");
    }
    let summary = match (verification.is_same(), refusals.is_empty()) {
        (true, true) if !verification.is_current() => style
            .well("The plan would do the same now. To apply it, run plan again: a plan is applied with its own spec."),
        (true, true) => style.well("The plan would do the same now."),
        (true, false) => style.wrong("The plan would be refused."),
        (false, _) if verification.is_applied() => {
            style.well("The plan has been applied. There is nothing left to do.")
        }
        (false, _) => {
            let counts = counts(verification);
            style.strong(&format!("The plan would not do the same now{counts}. Apply refuses it; run plan again."))
        }
    };
    let _ = writeln!(text, "{summary}");
    text
}

/// Counts the resources by what became of them.
fn counts(verification: &Verification) -> String {
    let counts = [Standing::Same, Standing::Applied, Standing::Moved, Standing::Gone].map(|standing| {
        let count = verification.resources.iter().filter(|it| it.standing == standing).count();
        (count, standing)
    });
    let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, standing)| format!("{count} {standing}"));
    let differing = verification.others().filter(|it| !it.is_harmless()).count();
    let differing =
        (differing > 0).then(|| format!("{differing} {}", if differing == 1 { "differs" } else { "differ" }));
    let counts: Vec<String> = counts.chain(differing).collect();
    if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) }
}
