//! Holds a tree against a JSON Schema and makes the value out of it, reporting everything that does not fit.
//!
//! The schemas are those that the kinds' own types give (draft-07, nothing behind references), with the field
//! policies on them. Only the keywords that such schemas have are known here.

mod leaves;
mod mismatch;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map as Object, Value};

use super::bounds::{Patterns, check_list, check_map};
use super::broken::BrokenFields;
use super::elsewhere::Elsewhere;
use super::node::{Content, Map, Node, Part};
use super::report::DiagnosticSink;
use super::spot::Spot;
use super::types::{allowed, takes, types, word};
use crate::model::{FieldPath, Secrets, Span};
use crate::resource::field_traits;

/// A text with references in it, and where it stands.
pub struct Pending {
    /// The field.
    pub path: FieldPath,
    /// Its text.
    pub parts: Vec<Part>,
    /// Its place.
    pub span: Span,
}

/// One value on its way from a tree to JSON.
pub struct Shape<'r> {
    /// Takes what does not fit.
    pub report: &'r mut DiagnosticSink,
    /// The patterns that were already compiled.
    pub patterns: &'r mut Patterns,
    /// Takes the values of secret fields.
    pub secrets: &'r mut Secrets,
    /// The owner of the value, such as `` `function` ``, for messages on unknown keys.
    pub owner: String,
    /// Keys that are known beside the schema's, for suggestions.
    pub beside: Vec<&'r str>,
    /// The places where an unknown key may belong.
    pub elsewhere: Option<Elsewhere<'r>>,
    /// A field that was not written: a bare scalar under this key stands for it.
    pub standing_for: Option<(&'static str, String)>,
    /// The texts with references.
    pub pending: Vec<Pending>,
    /// The leaves that are really written.
    pub declared: BTreeSet<FieldPath>,
    /// The leaves that must not be shown, each with what is known of its origin.
    pub secret: BTreeMap<FieldPath, String>,
    /// The fields that do not fit.
    pub broken: BrokenFields,
    /// The keys of [`Shape::beside`] for which misspelled keys probably stand.
    pub misspelled: Vec<&'r str>,
    hidden: usize,
}

impl<'r> Shape<'r> {
    /// Begins with a value of `owner`.
    pub fn new(
        report: &'r mut DiagnosticSink,
        patterns: &'r mut Patterns,
        secrets: &'r mut Secrets,
        owner: String,
    ) -> Self {
        Shape {
            report,
            patterns,
            secrets,
            owner,
            beside: Vec::new(),
            elsewhere: None,
            standing_for: None,
            pending: Vec::new(),
            declared: BTreeSet::new(),
            secret: BTreeMap::new(),
            broken: BrokenFields::default(),
            misspelled: Vec::new(),
            hidden: 0,
        }
    }

    /// Returns the value of `node`, or `None` if it does not fit. A field within it that does not fit is absent from the value,
    /// or null as the item of a list, and is among [`Shape::broken`].
    pub fn read(&mut self, node: &Node, schema: &Value, spot: Spot<'_>) -> Option<Value> {
        let hides = usize::from(field_traits::has(schema, field_traits::SECRET));
        self.hidden += hides;
        let value = self.value(node, schema, spot);
        self.hidden -= hides;
        value
    }

    fn value(&mut self, node: &Node, schema: &Value, spot: Spot<'_>) -> Option<Value> {
        if let Some(word) = node.text().and_then(|text| word(schema, text)) {
            self.declared.insert(spot.path.clone());
            return Some(word.clone());
        }
        let schema = self.branch(node, schema, spot);
        let types = types(schema);
        match &node.content {
            Content::Map(map) if takes(&types, "object") => self.map(map, schema, spot),
            Content::List(items) if takes(&types, "array") => self.list(node, items, schema, spot),
            Content::Scalar(scalar) => self.scalar(node, scalar, &types, schema, spot),
            Content::Template(parts) if takes(&types, "string") => self.template(node, parts, schema, spot),
            Content::Broken => None,
            _ => {
                self.mistyped(node, &types, schema, spot);
                None
            }
        }
    }

    /// The alternative of a schema that fits best.
    fn branch<'s>(&mut self, node: &Node, schema: &'s Value, spot: Spot<'_>) -> &'s Value {
        let alternatives = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema.get(key)?.as_array());
        let Some(alternatives) = alternatives.filter(|_| allowed(schema).is_none()) else { return schema };
        let fits = |branch: &&Value| {
            let types = types(branch);
            match &node.content {
                Content::Map(_) => takes(&types, "object"),
                Content::List(_) => takes(&types, "array"),
                _ => !types.iter().all(|kind| matches!(*kind, "null" | "object" | "array")) || types.is_empty(),
            }
        };
        let candidates: Vec<&Value> = alternatives.iter().filter(fits).collect();
        match candidates.as_slice() {
            [] => alternatives.iter().find(|branch| types(branch) != ["null"]).unwrap_or(schema),
            [only] => self.branch(node, only, spot),
            several => {
                let errors = |branch: &&&'s Value| {
                    let (mut report, mut secrets) = (DiagnosticSink::default(), Secrets::default());
                    let mut trial = Shape::new(&mut report, self.patterns, &mut secrets, String::new());
                    trial.read(node, branch, spot);
                    report.errors()
                };
                let best = several.iter().min_by_key(errors).copied().unwrap_or(schema);
                self.branch(node, best, spot)
            }
        }
    }

    fn map(&mut self, map: &Map, schema: &Value, spot: Spot<'_>) -> Option<Value> {
        let nothing = Object::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&nothing);
        let rest = schema.get("additionalProperties").or_else(|| {
            let patterns = schema.get("patternProperties").and_then(Value::as_object);
            patterns.and_then(|patterns| patterns.values().next())
        });
        // A type that forgets to be closed would lose unknown keys in silence, so only an explicit word opens it.
        let rest = match rest {
            Some(Value::Bool(false)) => None,
            None if !properties.is_empty() => None,
            None => Some(&Value::Bool(true)),
            some => some,
        };
        if let Some(rest) = rest.filter(|_| properties.is_empty()) {
            self.without_value(map, rest, spot);
        }
        let required = required(schema);
        self.without_field_value(map, properties, &required, spot);
        let mut object = Object::new();
        let mut misspelled = Vec::new();
        for (key, field) in map.iter().filter(|(_, field)| !field.node.is_null()) {
            let known = properties.get(key).filter(|schema| !field_traits::has(schema, field_traits::DERIVED));
            let path = spot.path.then(key);
            match known.or(rest) {
                Some(schema) => match self.field(&field.node, schema, Spot { path: &path, key: &field.key }) {
                    Some(value) => drop(object.insert(key.clone(), value)),
                    None => self.broken.replace(path, schema, required.contains(&key.as_str()), &field.key),
                },
                None => {
                    self.broken.reported(path);
                    let meant = self.unknown(key, field, properties, spot.path);
                    // What is meant by the misspelled key is not known, and it is not missing either.
                    if let Some((name, schema)) = meant.filter(|(name, _)| !is_written(map, name)) {
                        let is_required = required.contains(&name.as_str());
                        self.broken.replace(spot.path.then(name), schema, is_required, &field.key);
                        misspelled.push(name.as_str());
                    }
                }
            }
        }
        if object.is_empty() {
            self.declared.insert(spot.path.clone());
        }
        let missing = required.into_iter().filter(|name| !is_written(map, name) && !misspelled.contains(name));
        self.missing(missing, properties, spot);
        if !check_map(object.len(), schema, spot, self.report) {
            self.broken.reported(spot.path.clone());
        }
        Some(Value::Object(object))
    }

    /// Reads a field of a map. A mistake in one that is a resource of its own too is reported there.
    fn field(&mut self, node: &Node, schema: &Value, spot: Spot<'_>) -> Option<Value> {
        let [name] = spot.path.keys() else { return self.read(node, schema, spot) };
        if !self.beside.contains(&name.as_str()) {
            return self.read(node, schema, spot);
        }
        let before = std::mem::take(self.report);
        let value = self.read(node, schema, spot);
        *self.report = before;
        value
    }

    fn list(&mut self, node: &Node, items: &[Node], schema: &Value, spot: Spot<'_>) -> Option<Value> {
        let any = Value::Bool(true);
        let of = schema.get("items").unwrap_or(&any);
        if !check_list(items.len(), schema, spot, self.report) {
            self.broken.reported(spot.path.clone());
        }
        let mut list = Vec::with_capacity(items.len());
        if items.is_empty() {
            self.declared.insert(spot.path.clone());
        }
        for (at, item) in items.iter().enumerate() {
            let path = spot.path.then(at.to_string());
            let key = if item.span.range.is_empty() { &node.span } else { &item.span };
            let value = self.read(item, of, Spot { path: &path, key });
            list.push(value.unwrap_or_else(|| {
                self.broken.replace(path, of, true, key);
                Value::Null
            }));
        }
        Some(Value::Array(list))
    }
}

/// The fields that a schema of a map demands.
fn required(schema: &Value) -> Vec<&str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn is_written(map: &Map, name: &str) -> bool {
    map.get(name).is_some_and(|field| !field.node.is_null())
}
