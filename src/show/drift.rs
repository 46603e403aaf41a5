//! Drift as text: a line for each thing, and a line for each field.

use std::fmt::Write;

use serde_json::Value;

use super::Style;
use super::value::{brief, one_line};
use crate::drift::{Drifted, How};
use crate::kinds;
use crate::model::{Action, Change, MASK};
use crate::resource::field_traits;

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
            How::Unmanaged { field, live } => {
                let mark = style.action(Action::Update, "unmanaged");
                let what = field.as_ref().map_or("there".to_owned(), |field| format!("{field} is there"));
                let schema = kinds::entry(address.kind).schema();
                let steps = field.iter().flat_map(|field| field.keys());
                let schema = steps.fold(schema, |schema, key| field_traits::field(schema, key));
                let fields = live.as_ref().map_or(String::new(), |live| brief(live, schema));
                let colon = if fields.is_empty() { "" } else { ": " };
                writeln!(text, "{mark} {address}: {what}, and not declared{colon}{fields}")
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

fn field_line(change: &Change<Value>) -> String {
    let show = |value: &Option<serde_json::Value>| match value {
        None => "nothing".to_owned(),
        Some(_) if change.secret => MASK.to_owned(),
        Some(value) => one_line(value),
    };
    let path = if change.path.is_root() { String::new() } else { format!("{} ", change.path) };
    format!("{path}is {}, declared {}", show(&change.after), show(&change.before))
}
