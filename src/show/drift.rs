//! Renders drift as text: a line for each resource and each field.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::Value;

use super::Style;
use super::value::{brief, one_line};
use crate::drift::{DriftKind, Drifted};
use crate::kinds;
use crate::model::{Action, Change, MASK, NotChecked, NotCheckedKind, visible};
use crate::resource::field_traits;

/// Renders drift, and what was not checked.
pub fn render(drifted: &[Drifted], not_checked: &[NotChecked], style: Style) -> String {
    let mut text = String::new();
    for item in drifted {
        let address = visible(&item.address.to_string()).into_owned();
        let _ = match &item.kind {
            DriftKind::Missing => {
                writeln!(text, "{} {address}: declared, but does not exist", style.action(Action::Delete, "missing  "))
            }
            DriftKind::Untagged => {
                writeln!(
                    text,
                    "{} {address}: exists without the tag of this stack",
                    style.action(Action::Adopt, "untagged ")
                )
            }
            DriftKind::Unmanaged { field, live } => {
                let mark = style.action(Action::Update, "unmanaged");
                let what = field
                    .as_ref()
                    .map_or("exists".to_owned(), |field| format!("{} exists", visible(&field.to_string())));
                let schema = kinds::entry(item.address.kind).schema();
                let steps = field.iter().flat_map(|field| field.keys());
                let schema = steps.fold(schema, |schema, key| field_traits::field(schema, key));
                let fields = live.as_ref().map_or(String::new(), |live| brief(live, schema));
                let colon = if fields.is_empty() { "" } else { ": " };
                writeln!(text, "{mark} {address}: {what}, but is not declared{colon}{fields}")
            }
            DriftKind::Changed { fields } => {
                let mark = style.action(Action::Update, "changed  ");
                fields.iter().try_for_each(|field| writeln!(text, "{mark} {address}: {}", field_line(field)))
            }
        };
        for note in &item.notes {
            let _ = writeln!(text, "          {} {}", style.faint("note:"), visible(note));
        }
    }
    if let Some(line) = super::not_checked(not_checked) {
        let _ = writeln!(text, "{}", style.faint(&line));
    }
    let is_clean = drifted.is_empty() && !not_checked.iter().any(NotChecked::is_unreadable);
    let summary = summary(drifted, not_checked);
    let _ = writeln!(text, "{}", if is_clean { style.well(&summary) } else { style.strong(&summary) });
    text
}

/// Returns drift in one line.
pub fn summary(drifted: &[Drifted], not_checked: &[NotChecked]) -> String {
    let resources = drifted.iter().map(|item| &item.address).collect::<BTreeSet<_>>().len();
    match drifted.iter().map(|item| lines(&item.kind)).sum::<usize>() {
        0 if not_checked.iter().any(NotChecked::is_unreadable) => "No drift in what could be read.".to_owned(),
        0 if not_checked.iter().any(|it| matches!(it.0, NotCheckedKind::OnlyListed { .. })) => {
            "No drift in what listings show.".to_owned()
        }
        0 => "No drift.".to_owned(),
        1 => "Drift: 1 difference.".to_owned(),
        count if resources == 1 => format!("Drift: {count} differences in 1 resource."),
        count => format!("Drift: {count} differences in {resources} resources."),
    }
}

/// Returns the number of lines that show a drifted resource.
fn lines(kind: &DriftKind) -> usize {
    match kind {
        DriftKind::Changed { fields } => fields.len(),
        _ => 1,
    }
}

fn field_line(change: &Change<Value>) -> String {
    let path = if change.path.is_root() { String::new() } else { format!("{} ", visible(&change.path.to_string())) };
    format!("{path}{}", difference(change))
}

/// Returns what a field is, and what it is declared to be.
pub fn difference(change: &Change<Value>) -> String {
    let show = |value: &Option<serde_json::Value>| match value {
        None => "not set".to_owned(),
        Some(_) if change.secret => MASK.to_owned(),
        Some(value) => one_line(value),
    };
    match change.secret && change.before.is_some() && change.after.is_some() {
        true => format!("differs {MASK}"),
        false => format!("is {}, declared {}", show(&change.after), show(&change.before)),
    }
}
