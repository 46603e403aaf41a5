//! The types, attributes and blocks of the AWS provider, as its published bindings list them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trueup::kinds::KINDS;
use trueup::model::{Change, FieldPath};
use trueup::plan::MaskedPlan;
use trueup::resource::field_traits;
use trueup::show::reports::{PlanReport, ReportedPlan, tfplan};

use crate::harness::{Fixture, block_on};

/// What the provider has not, or has in another form: fields that are newer than it is, and what only trueup does.
const OTHERS: [&str; 10] = [
    "aws_lambda_capacity_provider.propagate_tags",
    "aws_lambda_capacity_provider.telemetry_config",
    "aws_lambda_event_source_mapping.destination_config.on_success",
    "aws_lambda_event_source_mapping.logging_config",
    "aws_lambda_event_source_mapping.self_managed_event_source.endpoints is [{\"KAFKA_BOOTSTRAP_SERVERS\":[\"text\"]}] where \
     the provider has \"stringMap\"",
    "aws_lambda_event_source_mapping.self_managed_kafka_event_source_config.consumption_mode",
    "aws_lambda_function.durable_config.kms_key_arn",
    "aws_lambda_function.file_system_config.s3_files_config",
    "aws_lambda_function_url.public_statements",
    "aws_lambda_layer_version.retain_versions",
];

/// Returns the provider's types; see `provider_schema.py`.
fn provider() -> Value {
    serde_json::from_str(include_str!("provider_schema.json")).unwrap()
}

/// Returns a plan in Terraform's form.
fn changes(plan: MaskedPlan) -> Vec<Value> {
    let plan = ReportedPlan { target: None, plan, places: Default::default(), spec: None, dependencies: Vec::new() };
    let text = tfplan::render(&PlanReport { plans: vec![plan], ..PlanReport::default() });
    let document: Value = serde_json::from_str(&text).unwrap();
    document["resource_changes"].as_array().unwrap().clone()
}

/// Returns a value with every field that a schema allows.
fn whole(schema: &Value) -> Value {
    let schema = field_traits::present(schema);
    if let Some(fields) = schema.get("properties").and_then(Value::as_object) {
        return fields.iter().map(|(name, schema)| (name.clone(), whole(schema))).collect();
    }
    if let Some(first) = schema.get("enum").and_then(|values| values.get(0)) {
        return first.clone();
    }
    let kind = schema.get("type").map(|kind| kind.get(0).unwrap_or(kind)).and_then(Value::as_str);
    match kind {
        Some("object") => json!({"key": whole(field_traits::field(schema, "key"))}),
        Some("array") => json!([whole(field_traits::field(schema, ""))]),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        _ => json!("text"),
    }
}

/// Lists what the provider has not.
fn unknown(path: &str, value: &Value, schema: &Value, found: &mut BTreeSet<String>) {
    let wrong = |what: &str| format!("{path} is {what} where the provider has {schema}");
    match (value, schema) {
        (Value::Null, _) => {}
        (value, Value::String(kind)) => {
            let is = match kind.as_str() {
                "string" => value.is_string(),
                "number" => value.is_number(),
                "boolean" => value.is_boolean(),
                "stringList" => value.as_array().is_some_and(|all| all.iter().all(Value::is_string)),
                "stringMap" => value.as_object().is_some_and(|all| all.values().all(Value::is_string)),
                "numberMap" => value.as_object().is_some_and(|all| all.values().all(Value::is_number)),
                _ => true,
            };
            if !is {
                found.insert(wrong(&value.to_string()));
            }
        }
        (value, block) => {
            let Some(list) = value.as_array() else {
                found.insert(wrong("no list"));
                return;
            };
            for fields in list {
                let Some(fields) = fields.as_object() else {
                    found.insert(wrong("no block"));
                    continue;
                };
                for (name, value) in fields {
                    let path = format!("{path}.{name}");
                    match block["of"].get(name) {
                        Some(schema) => unknown(&path, value, schema, found),
                        None => drop(found.insert(path)),
                    }
                }
            }
        }
    }
}

#[test]
fn every_attribute_is_one_that_the_provider_has() {
    let provider = provider();
    let mut found = BTreeSet::new();
    for kind in KINDS.iter() {
        let fixture = Fixture::new();
        let mut plan = block_on(fixture.plan(kind.example()));
        for planned in plan.resources.iter_mut().filter(|planned| planned.address.kind == kind.id()) {
            let change = Change {
                path: FieldPath::root(),
                before: None,
                after: Some(whole(kind.schema()).into()),
                forces_replacement: false,
                secret: false,
                unknown: false,
            };
            planned.changes = vec![change];
        }
        for change in changes(plan.masked()) {
            let name = change["type"].as_str().unwrap();
            match provider.get(name) {
                Some(schema) => unknown(name, &json!([change["change"]["after"]]), &json!({"of": schema}), &mut found),
                None => drop(found.insert(name.to_owned())),
            }
        }
    }
    assert_eq!(found, OTHERS.iter().map(|it| (*it).to_owned()).collect(), "{found:#?}");
}
