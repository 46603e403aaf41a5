//! Fields that do not fit their schema, and the values that stand in for them.
//!
//! The rules of a resource run even if one of its fields is missing or of the wrong type, so that all that is wrong with it
//! is reported at once. What a broken field should have been is unknown. So a finding counts only if it holds for each of
//! several values that the field could have: one that depends on the field follows from the mistake that was reported
//! already, and is no second one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map as Object, Number, Value};

use super::places::Place;
use super::types::{allowed, types};
use crate::model::{Address, FieldPath, KindId, Span};
use crate::resource::{Document, KindEntry, field_traits};

/// The most values that are tried for a field.
const MOST: usize = 16;

/// The beginning of a text that stands for an unknown one. To rules it looks like a reference, which is unknown too.
const UNKNOWN: &str = "${?";

/// The fields of one resource about which something was reported.
#[derive(Default)]
pub struct BrokenFields {
    /// The values that each field could have; `None` if it could be absent.
    replaced: BTreeMap<FieldPath, Vec<Option<Value>>>,
    /// The fields that keep their values, such as a list that is too long, and unknown keys.
    reported: BTreeSet<FieldPath>,
}

impl BrokenFields {
    /// Adds a field whose value cannot be used. `place` distinguishes its unknown texts from those of other fields.
    pub fn replace(&mut self, path: FieldPath, schema: &Value, is_required: bool, place: &Span) {
        let unknown = format!("{UNKNOWN}{}:{}:{path}}}", place.source, place.range.start);
        let absent = (!is_required).then_some(None);
        let values = absent.into_iter().chain(samples(schema, &unknown).into_iter().map(Some)).take(MOST).collect();
        self.replaced.insert(path, values);
    }

    /// Adds a field that was reported and whose value can be used.
    pub fn reported(&mut self, path: FieldPath) {
        self.reported.insert(path);
    }

    /// Tests whether all fields fit.
    pub fn is_empty(&self) -> bool {
        self.replaced.is_empty() && self.reported.is_empty()
    }

    /// Tests whether a finding on the field at `path` repeats what was reported.
    pub fn covers(&self, path: &FieldPath) -> bool {
        let keys = path.keys();
        self.reported.contains(path)
            || (0..=keys.len()).any(|length| self.replaced.contains_key(&keys[..length].iter().collect()))
    }

    /// Returns the values that the whole resource could have, of which `value` is the part that fits. None is returned if
    /// nothing can stand in for a field.
    pub fn possible_values(&self, value: &Value, entry: &KindEntry) -> Vec<Document> {
        if self.replaced.is_empty() {
            return entry.normal(value).into_iter().collect();
        }
        let count = self.replaced.values().map(Vec::len).max().unwrap_or(1);
        let value_of = |round: usize| {
            let mut value = value.clone();
            for (path, values) in &self.replaced {
                path.set(&mut value, values.get(round % values.len().max(1))?.clone());
            }
            entry.normal(&value).ok()
        };
        (0..count).filter_map(value_of).collect()
    }
}

/// Tests whether a text depends on one that is unknown.
pub fn is_unknown(text: &str) -> bool {
    text.contains(UNKNOWN)
}

/// A resource with fields that do not fit.
pub struct BrokenResource {
    /// The fields.
    pub fields: BrokenFields,
    /// The values that it could have; at least one.
    pub values: Vec<Document>,
}

impl BrokenResource {
    /// Returns the value that stands for the resource in a round of the rules.
    pub fn value(&self, round: usize) -> &Document {
        &self.values[round % self.values.len()]
    }

    /// Returns what follows from every value that the resource could have.
    pub fn certain<T: PartialEq>(&self, follow: impl Fn(&Document) -> Vec<T>) -> Vec<T> {
        let mut certain = follow(self.value(0));
        for value in &self.values[1..] {
            let other = follow(value);
            certain.retain(|it| other.contains(it));
        }
        certain
    }
}

/// A part of the spec whose resources are unknown: its key is misspelled, or its value is no map.
pub struct BrokenPlace {
    words: String,
    resources: Vec<Address>,
}

/// Stands for a key that is unknown. No resource can have it.
const ANY: &str = "*";

impl BrokenPlace {
    /// Makes the broken part that references would name with these words, such as `functions.orders.aliases`.
    pub fn new(root: &Place<'_>, words: String) -> Self {
        let (mut here, mut keys) = (Some(root), Vec::new());
        for word in words.split('.') {
            here = here.and_then(|place| {
                place.fields.get(word).or_else(|| {
                    keys.push(word.to_owned());
                    place.each.as_deref()
                })
            });
        }
        let mut resources = Vec::new();
        here.into_iter().for_each(|place| all_below(place, keys.clone(), &mut resources));
        BrokenPlace { words, resources }
    }

    /// Tests whether a reference leads into this part.
    pub fn has(&self, reference: &str) -> bool {
        reference.strip_prefix(&self.words).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// Tests whether the resource may be declared in this part.
    pub fn may_declare(&self, address: &Address) -> bool {
        self.below(address.kind, &address.keys).any(|it| it.keys.len() == address.keys.len())
    }

    /// Returns addresses that stand for the resources of a kind that may be declared here, below these keys.
    pub fn below(&self, kind: KindId, keys: &[String]) -> impl Iterator<Item = &Address> {
        self.resources.iter().filter(move |it| {
            let is_below = it.keys.len() >= keys.len();
            is_below && it.kind == kind && it.keys.iter().zip(keys).all(|(own, key)| own == key || own == ANY)
        })
    }
}

fn all_below(place: &Place<'_>, keys: Vec<String>, all: &mut Vec<Address>) {
    all.extend(place.kind.map(|(entry, _)| Address::new(entry.id(), &keys)));
    place.fields.values().for_each(|place| all_below(place, keys.clone(), all));
    if let Some(place) = &place.each {
        let keys = keys.into_iter().chain([ANY.to_owned()]).collect();
        all_below(place, keys, all);
    }
}

/// Returns values of different kinds that a schema takes.
fn samples(schema: &Value, unknown: &str) -> Vec<Value> {
    let text = || Value::from(unknown);
    let mut samples: Vec<Value> = Vec::new();
    if let Some(Value::Object(words)) = schema.get(field_traits::WORDS) {
        samples.extend(words.values().cloned());
    }
    if let Some(values) = allowed(schema) {
        samples.extend(values.into_iter().cloned());
        if schema.get(field_traits::OPEN_ENUM).is_some() {
            samples.push(text());
        }
        return samples;
    }
    if let Some(branches) = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema.get(key)?.as_array()) {
        samples.extend(branches.iter().flat_map(|branch| self::samples(branch, unknown)));
        return samples;
    }
    let types = types(schema);
    for kind in &types {
        match *kind {
            "string" => samples.push(text()),
            "boolean" => samples.extend([Value::Bool(false), Value::Bool(true)]),
            "integer" | "number" => samples.extend(numbers(schema)),
            "array" => {
                samples.push(Value::Array(Vec::new()));
                let item = schema.get("items").and_then(|items| self::samples(items, unknown).into_iter().next());
                samples.extend(item.map(|item| Value::Array(vec![item])));
            }
            "object" => samples.extend(maps(schema, unknown)),
            _ => {}
        }
    }
    if types.is_empty() {
        samples.push(text());
    }
    samples
}

/// Returns the smallest and the largest number that a schema takes.
fn numbers(schema: &Value) -> [Value; 2] {
    let bound = |key: &str| schema.get(key).and_then(Value::as_number).cloned();
    let least = bound("minimum").or_else(|| bound("exclusiveMinimum"));
    let most = bound("maximum").or_else(|| bound("exclusiveMaximum"));
    [least.unwrap_or_else(|| Number::from(0)), most.unwrap_or_else(|| Number::from(i32::MAX))].map(Value::Number)
}

/// Returns a map of the required fields, and maps that have one field more or another value in one of them.
fn maps(schema: &Value, unknown: &str) -> Vec<Value> {
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let fields = fields.filter(|(_, schema)| !field_traits::has(schema, field_traits::DERIVED));
    let (mut base, mut others) = (Object::new(), Vec::new());
    for (name, schema) in fields {
        let mut values = samples(schema, unknown).into_iter();
        if required.contains(&name.as_str())
            && let Some(value) = values.next()
        {
            base.insert(name.clone(), value);
        }
        others.extend(values.map(|value| (name.clone(), value)));
    }
    let with = |field| base.clone().into_iter().chain([field]).collect();
    let others: Vec<Value> = others.into_iter().take(MOST).map(with).collect();
    [Value::Object(base)].into_iter().chain(others).collect()
}
