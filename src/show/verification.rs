//! What became of a saved plan, as text.

use std::fmt::Write;

use super::Style;
use super::report::changed_lines;
use crate::model::visible;
use crate::plan::saved::{Standing, Verification};

/// Renders what became of each resource that the plan changes, and a summary.
pub fn render(verification: &Verification, style: Style) -> String {
    let mut text = String::new();
    for resource in &verification.resources {
        let standing = format!("{:<15}", resource.standing);
        let standing = match resource.standing {
            Standing::Same => style.faint(&standing),
            Standing::Applied => style.well(&standing),
            Standing::Moved | Standing::Gone => style.wrong(&standing),
        };
        let _ = writeln!(text, "{standing} {} {}", resource.action, visible(&resource.address.to_string()));
        changed_lines(&mut text, &resource.fields);
    }
    for other in &verification.others {
        let _ = writeln!(text, "{} {}", style.wrong(&format!("{:<15}", "differs")), visible(&other.to_string()));
    }
    let summary = match verification.is_same() {
        true => style.well("The plan would do the same now."),
        false => style.strong(&format!("The plan would not do the same now{}.", counts(verification))),
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
    let counts: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, standing)| format!("{count} {standing}")).collect();
    if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) }
}
