//! Renders a field before and after: on one line, or as a text diff if it has several lines.

use std::borrow::Borrow;

use serde_json::Value;
use similar::ChangeTag;
use similar::algorithms::{Capture, Compact, Replace, myers};

use crate::model::{Change, FieldPath, MASK, is_hidden, visible};
use crate::resource::field_traits;

/// Returns the lines that show a change, without indentation.
pub fn change_lines<V: Borrow<Value>>(change: &Change<V>) -> Vec<String> {
    let path = if change.path.is_root() { "(value)".to_owned() } else { visible(&change.path.shown()).into_owned() };
    if change.path.is_digest() && change.before.is_some() && change.after.is_some() {
        return vec![format!("{path}: other content")];
    }
    let mut lines = value_lines(change);
    let separator = if lines[0].is_empty() || lines[0].starts_with(" (") { ":" } else { ": " };
    lines[0] = format!("{path}{separator}{}", lines[0]);
    lines
}

/// Returns the values of a change: on one line, or a text diff below the first one.
pub fn value_lines<V: Borrow<Value>>(change: &Change<V>) -> Vec<String> {
    let (before, after) = (change.before.as_ref().map(V::borrow), change.after.as_ref().map(V::borrow));
    let awaited = change.unknown && after.is_some_and(is_reference);
    let replaces = change.forces_replacement;
    let tail = match (change.unknown && !awaited, replaces) {
        (true, true) => " (predicted; forces replacement)",
        (true, false) => " (predicted)",
        (false, true) => " (forces replacement)",
        (false, false) => "",
    };
    if let (Some(Value::String(before)), Some(Value::String(after)), false) = (before, after, change.secret)
        && (before.contains('\n') || after.contains('\n'))
    {
        return text_diff(before, after, tail);
    }
    let show = |value: &Value| if change.secret { MASK.to_owned() } else { one_line(value) };
    let line = match (before, after) {
        (None, Some(_)) if awaited => "(known after apply)".to_owned(),
        (Some(before), Some(_)) if awaited => format!("{} → (known after apply)", show(before)),
        (None, Some(after)) => show(after),
        (Some(before), None) => format!("{} → (none)", show(before)),
        (Some(_), Some(_)) if change.secret => "(sensitive, changed)".to_owned(),
        (Some(before), Some(after)) => format!("{} → {}", show(before), show(after)),
        (None, None) => String::new(),
    };
    vec![line + tail]
}

fn is_reference(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains("${"))
}

/// The longest summary of an undeclared resource, in characters.
const BRIEF: usize = 160;

/// Returns a live value as its fields on one line, without derived ones.
pub fn brief(value: &Value, schema: &Value) -> String {
    let mut fields = Vec::new();
    leaves(value, schema, &FieldPath::root(), &mut fields);
    let mut text = fields.join(", ");
    if text.chars().count() > BRIEF {
        text = text.chars().take(BRIEF).chain(['…']).collect();
    }
    text
}

fn leaves(value: &Value, schema: &Value, path: &FieldPath, fields: &mut Vec<String>) {
    if field_traits::has(schema, field_traits::DERIVED) || schema.get("default") == Some(value) {
        return;
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                leaves(value, field_traits::field(schema, key), &path.then(key.as_str()), fields);
            }
        }
        Value::Null => {}
        Value::Array(list) if list.is_empty() => {}
        value if path.is_root() => fields.push(one_line(value)),
        value => fields.push(format!("{} {}", visible(&path.to_string()), one_line(value))),
    }
}

/// Renders a value on one line.
pub fn one_line(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() && !text.contains(is_hidden) => format!("\"{text}\""),
        Value::Number(number) => number
            .as_f64()
            .filter(|n| n.fract() == 0.0 && n.abs() < 1e15)
            .map_or_else(|| number.to_string(), |n| format!("{n}")),
        other => visible(&other.to_string()).into_owned(),
    }
}

fn text_diff(before: &str, after: &str, tail: &str) -> Vec<String> {
    let [before, after]: [Vec<&str>; 2] = [before, after].map(|text| text.split_inclusive('\n').collect());
    // The choice of the algorithm at run time would link every algorithm of the library: half a megabyte.
    let mut diff = Compact::new(Replace::new(Capture::new()), &before, &after);
    let Ok(()) = myers::diff(&mut diff, &before, 0..before.len(), &after, 0..after.len());
    let operations = diff.into_inner().into_inner().into_ops();
    let lines = operations.iter().flat_map(|operation| operation.iter_changes(&before, &after)).map(|line| {
        let sign = match line.tag() {
            ChangeTag::Delete => "-",
            ChangeTag::Insert => "+",
            ChangeTag::Equal => " ",
        };
        format!("  {sign} {}", visible(line.value().trim_end_matches('\n')))
    });
    std::iter::once(tail.to_owned()).chain(lines).collect()
}
