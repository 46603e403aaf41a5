//! The fields that a resource leaves to other clients: they are removed from its tree, and neither compared nor written.

use std::collections::BTreeSet;

use serde_json::Value;

use super::node::{Content, Field, Node};
use super::report::{self, DiagnosticSink};
use super::written::Written;
use crate::model::{FieldPath, Span};
use crate::resource::field_traits;

/// Takes the fields away that `ignore` names. `own` is what the user has written, without the defaults, and `nested` what
/// was cut out of it.
pub fn take_away(
    it: &mut Written<'_>,
    own: Option<&Node>,
    nested: &[(String, Field)],
    field: &Field,
    report: &mut DiagnosticSink,
) {
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
            let message = format!("`ignore`: expected a list of field names, found {}", item.what());
            report.error(report::TYPE, item.mark(Some(&field.key)), message).label(item.what());
            continue;
        };
        let path = match text.parse::<FieldPath>() {
            Ok(path) => path,
            Err(error) => {
                report.error(report::IGNORED, &item.span, error.to_string()).label("not a field path");
                continue;
            }
        };
        if !is_field(it, &path, item, report) || !seen.insert(path.clone()) {
            continue;
        }
        // A required field cannot be absent: where it is ignored, its value serves for the creation alone.
        if !is_required(it.entry.schema(), &path) {
            let is_it = |(name, _): &&(String, Field)| path.keys() == [name.as_str()];
            let nested = nested.iter().find(is_it).map(|(_, field)| &field.key);
            if let Some(place) = own.and_then(|own| declared(own, &path)).or(nested) {
                report
                    .error(report::IGNORED, place, format!("`{path}` is both declared and ignored"))
                    .label("declared here")
                    .related(item.span.clone(), "ignored here")
                    .help("remove one of the two");
            }
            it.node.remove(&path);
        }
        it.ignore.push(path);
    }
}

/// Tests whether the kind has the field, and reports it if not.
fn is_field(it: &Written<'_>, path: &FieldPath, item: &Node, report: &mut DiagnosticSink) -> bool {
    if it.nested_fields.iter().any(|name| path.keys() == [*name]) {
        return true;
    }
    let kind = it.entry.name();
    if path.is_root() {
        report.error(report::IGNORED, &item.span, "`ignore`: expected a field name, found an empty string");
        return false;
    }
    let mut schema = it.entry.schema();
    for (at, key) in path.keys().iter().enumerate() {
        let parent = schema;
        schema = field_traits::field(parent, key);
        if schema.is_null() || field_traits::has(schema, field_traits::DERIVED) {
            let properties = field_traits::present(parent).get("properties").and_then(Value::as_object);
            let names = properties.into_iter().flat_map(|names| names.keys().map(String::as_str));
            let help = quoted(path, at, it.entry.schema()).or_else(|| report.did_you_mean(key, names));
            report
                .error(report::IGNORED, &item.span, format!("`{kind}` has no field `{path}`"))
                .label("unknown field")
                .maybe_help(help);
            return false;
        }
    }
    true
}

/// Returns the help for a key with dots that was written without quotes: the keys from `at` on, and the one before them,
/// are one key of a map whose keys users choose.
fn quoted(path: &FieldPath, at: usize, schema: &Value) -> Option<String> {
    let (map, key) = path.keys().split_at_checked(at.checked_sub(1)?)?;
    let schema = map.iter().fold(schema, |schema, key| field_traits::field(schema, key));
    let is_of_names = field_traits::present(schema).get("properties").is_none();
    let whole = map.iter().collect::<FieldPath>().then(key.join("."));
    (is_of_names && !map.is_empty()).then(|| format!("write a key that contains dots in quotes: `{whole}`"))
}

/// Returns the place of the field, of something within it, or of a value around it that is not a map, as the user wrote it.
fn declared<'n>(own: &'n Node, path: &FieldPath) -> Option<&'n Span> {
    let mut here = own;
    let mut place = None;
    for name in path.keys() {
        match (&here.content, here.below(name)) {
            (_, Some((key, node))) if !node.is_null() => (here, place) = (node, Some(node.mark(key))),
            (Content::Map(_) | Content::Null { .. }, _) => return None,
            _ => return place,
        }
    }
    place
}

/// Tests whether the schema requires the field.
fn is_required(schema: &Value, path: &FieldPath) -> bool {
    let Some((last, parents)) = path.keys().split_last() else { return false };
    let parent = parents.iter().fold(schema, |schema, key| field_traits::field(schema, key));
    let required = field_traits::present(parent).get("required").and_then(Value::as_array);
    required.is_some_and(|names| names.iter().any(|name| name == last))
}
