//! The JSON Schema of a whole spec, put together from the kinds by their places; for editors.

use serde_json::{Map, Value, json};

use super::resources::children;
use crate::kinds::{Entry, policy};

/// The schema, in draft 7, which every editor knows.
pub fn stack_schema() -> Value {
    let mut properties = Map::new();
    properties.insert("version".to_owned(), json!({"const": 1, "description": "The version of this format."}));
    properties.insert(
        "stack".to_owned(),
        json!({"type": "string", "minLength": 1, "maxLength": 128, "description": "The owner, written to live resources as the tag `trueup:stack`."}),
    );
    properties.insert(
        "target".to_owned(),
        json!({
            "type": "object", "additionalProperties": false, "description": "Refuses every other account and region.",
            "properties": {"account": {"type": "string", "pattern": "^\\d{12}$"}, "region": {"type": "string"}},
        }),
    );
    properties.insert(
        "vars".to_owned(),
        json!({"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}, "description": "Variables, for `${var.NAME}`; `--var` and `--var-file` win over them."}),
    );
    properties.insert(
        "prune".to_owned(),
        json!({"type": "boolean", "description": "Delete what the stack's resources have beside the spec."}),
    );
    let mut defaults = Map::new();
    for (field, kind, many) in children("") {
        let item = resource(kind, &format!("{field}.*"));
        if many {
            let mut default = item.clone();
            default.as_object_mut().map(|schema| schema.remove("required"));
            defaults.insert(field.strip_suffix('s').unwrap_or(field).to_owned(), default);
        }
        properties.insert(field.to_owned(), json!({"type": "object", "additionalProperties": item}));
    }
    properties.insert("defaults".to_owned(), json!({"type": "object", "additionalProperties": false, "properties": defaults, "description": "Laid under every resource of a kind."}));
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "trueup stack",
        "type": "object",
        "additionalProperties": false,
        "patternProperties": {"^x-": {}},
        "required": ["version", "stack"],
        "properties": properties,
    })
}

fn resource(kind: &Entry, prefix: &str) -> Value {
    let mut schema = written(kind.schema());
    let Some(map) = schema.as_object_mut() else { return schema };
    map.remove("$schema");
    map.remove("title");
    let properties = map.entry("properties").or_insert_with(|| json!({}));
    if let Some(properties) = properties.as_object_mut() {
        for (field, child, many) in children(prefix) {
            let below = format!("{prefix}.{field}");
            let item = resource(child, &if many { format!("{below}.*") } else { below });
            let shape = if many { json!({"type": "object", "additionalProperties": item}) } else { item };
            properties.insert(field.to_owned(), shape);
        }
        properties.insert("ignore".to_owned(), json!({"type": "array", "items": {"type": "string"}, "description": "Fields that are not ours: neither compared nor written."}));
        properties.insert(
            "prevent_destroy".to_owned(),
            json!({"type": "boolean", "description": "Never delete or replace it."}),
        );
        properties.insert(
            "prune".to_owned(),
            json!({"type": "boolean", "description": "Delete what it has beside the spec."}),
        );
    }
    match kind.shorthand().and_then(|field| schema.get("properties")?.get(field).cloned()) {
        Some(short) => json!({"anyOf": [short, schema]}),
        None => schema,
    }
}

/// A schema of what users write: without what is worked out, and with `${…}` wherever a single value may stand.
fn written(schema: &Value) -> Value {
    let Some(map) = schema.as_object() else { return schema.clone() };
    let mut out = Map::new();
    for (key, value) in map {
        let value = match key.as_str() {
            "properties" => {
                let fields =
                    value.as_object().into_iter().flatten().filter(|(_, field)| !policy::has(field, policy::DERIVED));
                Value::Object(fields.map(|(name, field)| (name.clone(), written(field))).collect())
            }
            "items" | "additionalProperties" => written(value),
            "anyOf" => Value::Array(value.as_array().into_iter().flatten().map(written).collect()),
            _ => value.clone(),
        };
        out.insert(key.clone(), value);
    }
    let interpolated = json!({"type": "string", "pattern": "\\$\\{"});
    let single = match map.get("type") {
        Some(Value::String(kind)) => matches!(kind.as_str(), "integer" | "number" | "boolean"),
        Some(Value::Array(kinds)) => {
            kinds.iter().any(|kind| matches!(kind.as_str(), Some("integer" | "number" | "boolean")))
        }
        _ => false,
    };
    if single || map.contains_key("enum") || map.contains_key("pattern") {
        let about = out.remove("description");
        let mut any = json!({"anyOf": [Value::Object(out), interpolated]});
        if let (Some(about), Some(any)) = (about, any.as_object_mut()) {
            any.insert("description".to_owned(), about);
        }
        return any;
    }
    if let Some(words) = map.get(policy::WORDS).and_then(Value::as_object) {
        let words: Vec<&String> = words.keys().collect();
        return json!({"anyOf": [Value::Object(out), {"enum": words}]});
    }
    Value::Object(out)
}
