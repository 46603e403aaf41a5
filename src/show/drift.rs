//! Drift as text: a line for each thing, and a line for each field.

use std::fmt::Write;

use super::Style;
use super::value::one_line;
use crate::drift::{Drifted, How};
use crate::model::{Action, Change, MASK};

/// The drift as text, with what was not compared.
pub fn render(drifted: &[Drifted], not_compared: &[String], style: Style) -> String {
    let mut text = String::new();
    for item in drifted {
        let address = &item.address;
        let _ = match &item.how {
            How::Missing => {
                writeln!(text, "{} {address}: declared, and not there", style.action(Action::Delete, "missing  "))
            }
            How::NotOurs => {
                writeln!(text, "{} {address}: there without our tag", style.action(Action::Adopt, "not ours "))
            }
            How::Unmanaged { field: None } => {
                writeln!(text, "{} {address}: there, and not declared", style.action(Action::Update, "unmanaged"))
            }
            How::Unmanaged { field: Some(field) } => {
                writeln!(
                    text,
                    "{} {address}: {field} is there, and not declared",
                    style.action(Action::Update, "unmanaged")
                )
            }
            How::Changed { fields } => {
                let mark = style.action(Action::Update, "changed  ");
                fields.iter().try_for_each(|field| writeln!(text, "{mark} {address}: {}", field_line(field)))
            }
        };
        for note in &item.notes {
            let _ = writeln!(text, "          {} {note}", style.faint("note:"));
        }
    }
    if let Some(line) = super::not_compared(not_compared) {
        let _ = writeln!(text, "{} {line}", style.faint("not compared:"));
    }
    let _ = match drifted.len() {
        0 => writeln!(text, "{}", style.well("No drift. Live state is as declared.")),
        1 => writeln!(text, "{}", style.strong("Drift: 1 resource or key is not as declared.")),
        count => writeln!(text, "{}", style.strong(&format!("Drift: {count} resources or keys are not as declared."))),
    };
    text
}

fn field_line(change: &Change) -> String {
    let show = |value: &Option<serde_json::Value>| match value {
        None => "nothing".to_owned(),
        Some(_) if change.secret => MASK.to_owned(),
        Some(value) => one_line(value),
    };
    let path = if change.path.0.is_empty() { String::new() } else { format!("{} ", change.path) };
    format!("{path}is {}, declared {}", show(&change.after), show(&change.before))
}
