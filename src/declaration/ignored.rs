//! The fields that a resource says are not ours: they are taken off its tree, and neither compared nor written.

use std::collections::BTreeSet;

use serde_json::Value;

use super::node::{Content, Field, Node};
use super::report::{self, DiagnosticSink};
use super::resources::Written;
use crate::model::{FieldPath, Span};
use crate::resource::field_traits;

/// Takes the fields away that `ignore` names. `own` is what the user has written, without the defaults.
pub fn take_away(it: &mut Written<'_>, own: &Node, field: &Field, report: &mut DiagnosticSink) {
    let single = [&field.node];
    let items: Vec<&Node> = match &field.node.content {
        Content::List(items) => items.iter().collect(),
        _ => single.to_vec(),
    };
    let mut seen = BTreeSet::new();
    for item in items {
        let Some(text) = item.text() else {
            if item.content == Content::Broken {
                continue;
            }
            let message = format!("`ignore` takes a list of fields, not {}", item.what());
            report.error(report::TYPE, item.mark(Some(&field.key)), message).label(item.what());
            continue;
        };
        let path = FieldPath::parse(text);
        if !is_field(it, &path, item, report) || !seen.insert(path.clone()) {
            continue;
        }
        // A required field cannot be absent: where it is ignored, its value serves for the creation alone.
        if !is_required(it.entry.schema(), &path) {
            if let Some(place) = declared(own, &path) {
                report
                    .error(report::IGNORED, place, format!("`{path}` is declared, and ignored at the same time"))
                    .label("declared here")
                    .related(item.span.clone(), "ignored here")
                    .help("take one of the two away");
            }
            it.node.remove(&path);
        }
        it.ignore.push(path);
    }
}

/// Whether the kind has a field of that name; if not, that is reported.
fn is_field(it: &Written<'_>, path: &FieldPath, item: &Node, report: &mut DiagnosticSink) -> bool {
    let mut schema = it.entry.schema();
    for key in &path.0 {
        let properties = field_traits::present(schema).get("properties").and_then(Value::as_object);
        schema = field_traits::field(schema, key);
        if schema.is_null() || field_traits::has(schema, field_traits::DERIVED) {
            let names = properties.into_iter().flat_map(|names| names.keys().map(String::as_str));
            let near = report.did_you_mean(key, names);
            let message = format!("`{}` has no field `{path}`", it.entry.name());
            report.error(report::IGNORED, &item.span, message).label("unknown field").maybe_help(near);
            return false;
        }
    }
    if path.0.is_empty() {
        report.error(report::IGNORED, &item.span, "`ignore` names a field, and this is empty");
    }
    !path.0.is_empty()
}

/// Where the user has written the field, something within it, or a value around it that is no map.
fn declared<'n>(own: &'n Node, path: &FieldPath) -> Option<&'n Span> {
    let mut here = own;
    let mut place = None;
    for name in &path.0 {
        match (&here.content, here.below(name)) {
            (_, Some((key, node))) if !node.is_null() => (here, place) = (node, Some(node.mark(key))),
            (Content::Map(_) | Content::Null { .. }, _) => return None,
            _ => return place,
        }
    }
    place
}

/// Whether the schema demands the field.
fn is_required(schema: &Value, path: &FieldPath) -> bool {
    let Some((last, parents)) = path.0.split_last() else { return false };
    let parent = parents.iter().fold(schema, |schema, key| field_traits::field(schema, key));
    let required = field_traits::present(parent).get("required").and_then(Value::as_array);
    required.is_some_and(|names| names.iter().any(|name| name == last))
}
