//! One mistake gives one diagnostic, and hides no other mistake.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::kinds::KINDS;
use crate::model::RuleId;
use crate::resource::field_traits;

/// The findings that depend on a field which their example does not have: they are not made while the field is broken.
const DEPENDENT: [(&str, &str); 23] = [
    ("V001", "function.runtime"),
    ("V010", "function.capacity_provider_config"),
    ("V011", "function.capacity_provider_config"),
    ("V017", "function.function_name"),
    ("V022", "function.vpc_config"),
    ("V024", "function.capacity_provider_config"),
    ("V044", "capacity_provider.instance_requirements"),
    ("V046", "function.capacity_provider_config"),
    ("V047", "function.capacity_provider_config"),
    ("V094", "runtime_management.runtime_version_arn"),
    ("V097", "event_source_mapping.event_source_arn"),
    ("V097", "event_source_mapping.self_managed_event_source"),
    ("V100", "event_source_mapping.starting_position"),
    ("V102", "event_source_mapping.starting_position_timestamp"),
    ("V104", "event_source_mapping.maximum_batching_window_in_seconds"),
    ("V106", "event_source_mapping.self_managed_kafka_event_source_config"),
    ("V114", "event_source_mapping.provisioned_poller_config"),
    ("V125", "event_source_mapping.document_db_event_source_config"),
    ("V127", "event_source_mapping.filter_criteria"),
    ("V129", "event_source_mapping.queues"),
    ("V129", "event_source_mapping.self_managed_event_source"),
    ("V129", "event_source_mapping.topics"),
    ("V135", "capacity_provider.capacity_provider_name"),
];

/// A resource of an example.
struct Example<'v> {
    /// The keys of the tree that lead to it.
    keys: Vec<String>,
    entry: &'static KindEntry,
    value: &'v Value,
}

/// Returns all resources of a spec that are maps.
fn examples(tree: &Value) -> Vec<Example<'_>> {
    let mut all = Vec::new();
    collect(&places::tree(&KINDS), tree, &[], &mut all);
    all
}

fn collect<'v>(place: &places::Place<'static>, value: &'v Value, keys: &[String], all: &mut Vec<Example<'v>>) {
    let Value::Object(map) = value else { return };
    if let Some((entry, _)) = place.kind {
        all.push(Example { keys: keys.to_vec(), entry, value });
    }
    for (key, value) in map {
        let keys: Vec<String> = keys.iter().cloned().chain([key.clone()]).collect();
        let below = place.fields.get(key.as_str()).or(place.each.as_deref());
        below.into_iter().for_each(|place| collect(place, value, &keys, all));
    }
}

impl Example<'_> {
    /// Returns the fields that users write, with their schemas.
    fn fields(&self) -> impl Iterator<Item = (&'static str, &'static Value)> {
        let properties = self.entry.schema().get("properties").and_then(Value::as_object).into_iter().flatten();
        let written = properties.filter(|(_, schema)| !field_traits::has(schema, field_traits::DERIVED));
        written.map(|(name, schema)| (name.as_str(), schema))
    }

    /// Loads a spec in which this resource has a value of a wrong type in each of these fields.
    fn with_wrong<'f>(&self, spec: &str, fields: impl IntoIterator<Item = (&'f str, &'f Value)>) -> Loaded {
        let fields: Value = fields.into_iter().map(|(name, schema)| (name.to_owned(), wrong(schema))).collect();
        let over = self.keys.iter().rev().fold(fields, |value, key| json!({key.as_str(): value}));
        let (inputs, memory) = inputs(&[("stack.yaml", spec), ("over.yaml", &over.to_string())]);
        load(&inputs, &memory, None)
    }

    /// Loads a spec in which this resource has a misspelled field.
    fn with_misspelled(&self, spec: &Value, field: &str) -> Loaded {
        let mut spec = spec.clone();
        let own = self.keys.iter().try_fold(&mut spec, |value, key| value.get_mut(key.as_str()));
        let map = own.and_then(Value::as_object_mut).expect("is a map");
        let value = map.remove(field).expect("is written");
        map.insert(format!("{field}x"), value);
        read(&spec.to_string())
    }
}

fn read(text: &str) -> Loaded {
    let (inputs, memory) = inputs(&[("stack.yaml", text)]);
    load(&inputs, &memory, None)
}

fn tree(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or(Value::Null)
}

/// Returns a value of a type that the schema does not take.
fn wrong(schema: &Value) -> Value {
    if types::types(schema).contains(&"array") { json!("text") } else { json!([[]]) }
}

fn found(loaded: &Loaded) -> BTreeSet<(RuleId, String)> {
    loaded.diagnostics.iter().map(|it| (it.code, it.message.clone())).collect()
}

#[test]
fn wrong_types_in_all_other_fields_hide_no_finding() {
    let (mut failures, mut lost) = (Vec::new(), BTreeSet::new());
    for rule in rules().iter().filter(|rule| rule.aws_page.is_some()) {
        let spec = tree(rule.bad);
        let alone = found(&read(rule.bad));
        for example in examples(&spec) {
            let kind = example.entry.name();
            let others = example.fields().filter(|(field, _)| example.value.get(field).is_none());
            let in_table = |field: &str| {
                let name = format!("{kind}.{field}");
                DEPENDENT.iter().find(|(code, dependent)| rule.id == *code && *dependent == name)
            };
            let (dependent, free): (Vec<_>, Vec<_>) = others.partition(|(field, _)| in_table(field).is_some());
            let count = free.len();
            let both = found(&example.with_wrong(rule.bad, free));
            if !both.is_superset(&alone) || both.len() != alone.len() + count {
                failures.push(format!("{} of a {kind}: {both:#?} for {count} wrong fields", rule.id));
            }
            for field in dependent {
                if example.with_wrong(rule.bad, [field]).diagnostics.len() == 1 {
                    lost.extend(in_table(field.0));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(lost, BTreeSet::from(DEPENDENT), "the findings that depend on fields");
}

#[test]
fn one_mistake_in_a_good_spec_is_reported_once() {
    let mut failures = Vec::new();
    let mut tried = BTreeSet::new();
    let mut check = |mistake: String, loaded: Loaded| {
        if loaded.diagnostics.len() != 1 {
            failures.push(format!("{mistake}: {:#?}", found(&loaded)));
        }
    };
    // The example of a field that is ignored has a second mistake once the field is written.
    for rule in rules().iter().filter(|rule| rule.id != catalog::resources::S030.id()) {
        let spec = tree(rule.good);
        for example in examples(&spec) {
            let kind = example.entry.name();
            for (field, schema) in example.fields() {
                let is_written = example.value.get(field).is_some();
                if !tried.insert((kind, field, is_written)) {
                    continue;
                }
                let name = format!("{kind}.{field} in the good example of {}", rule.id);
                check(format!("wrong {name}"), example.with_wrong(rule.good, [(field, schema)]));
                if is_written {
                    check(format!("misspelled {name}"), example.with_misspelled(&spec, field));
                }
            }
        }
    }
    assert!(tried.len() > 140, "{}", tried.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
