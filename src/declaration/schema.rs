//! The JSON Schema of a whole spec, for editors: composed of the kinds' own schemas by their places.

use serde_json::{Map as Object, Value, json};

use super::places::{self, Place};
use super::{targets, top};
use crate::kinds::KINDS;
use crate::resource::field_traits;

/// A text with an expression in it, which may stand for any scalar; or nothing, which means the same as absent.
const EXPRESSION: &str = r"\$\{";

/// The JSON Schema (draft-07) of a spec. The same table gives the same bytes.
pub fn stack_schema() -> Value {
    let root = places::tree(&KINDS);
    let mut schema = top::schema();
    // The top is small and read before the rest, so that editors help most here: expressions only where they work.
    open(&mut schema);
    let mut properties = Object::new();
    let description = "Variables and their values, used as `${var.NAME}` and set with `--var NAME=VALUE`. One without a \
        value must be given.";
    properties.insert("vars".to_owned(), variables(description));
    let each = &mut schema["properties"][targets::KEY]["additionalProperties"];
    each["properties"]["vars"] = variables("Values of the spec's variables there.");
    let defaults: Object<String, Value> = KINDS
        .iter()
        .map(|entry| (entry.name().to_owned(), optional(resource(entry.schema(), &Place::default()))))
        .collect();
    properties.insert(
        "defaults".to_owned(),
        json!({
            "description": "Default fields for every resource of a type.",
            "type": ["object", "null"],
            "additionalProperties": false,
            "properties": defaults,
        }),
    );
    properties.extend(root.fields.iter().map(|(name, place)| ((*name).to_owned(), point(place))));
    if let Some(Value::Object(own)) = schema.get_mut("properties") {
        own.append(&mut properties);
    }
    schema["patternProperties"] = json!({"^x-": true});
    schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    schema["title"] = json!("A trueup stack");
    schema
}

fn variables(description: &str) -> Value {
    let scalar = json!({"type": ["string", "number", "boolean", "null"]});
    json!({"description": description, "type": ["object", "null"], "additionalProperties": scalar})
}

/// The schema of what stands at a place.
fn point(place: &Place<'_>) -> Value {
    let Some((entry, _)) = place.kind else { return collection(place) };
    let whole = resource(entry.schema(), place);
    let mut choices: Vec<Value> = words(entry.schema()).into_iter().collect();
    if let Some(short) = entry.shorthand() {
        let mut short = field_traits::field(entry.schema(), short).clone();
        open(&mut short);
        choices.push(short);
    }
    if choices.is_empty() {
        return whole;
    }
    let description = whole.get("description").cloned();
    choices.push(whole);
    let mut schema = json!({"anyOf": choices});
    if let Some(description) = description {
        schema["description"] = description;
    }
    schema
}

fn collection(place: &Place<'_>) -> Value {
    let fields: Object<String, Value> =
        place.fields.iter().map(|(name, place)| ((*name).to_owned(), point(place))).collect();
    let mut schema = json!({"type": ["object", "null"], "additionalProperties": false, "properties": fields});
    if let Some(each) = &place.each {
        schema["additionalProperties"] = point(each);
        schema["properties"]["prune"] = prune();
    }
    schema
}

/// A kind's schema with the fields of the kinds below it and the common words.
fn resource(own: &Value, place: &Place<'_>) -> Value {
    let mut schema = own.clone();
    open(&mut schema);
    if schema.get("type").is_some_and(|kind| kind == "object") {
        let nested = place.fields.iter().map(|(name, place)| ((*name).to_owned(), point(place)));
        let common = [
            (
                "ignore".to_owned(),
                json!({
                    "description": "Fields that trueup neither compares nor writes.",
                    "type": ["array", "null"],
                    "items": {"type": "string"},
                }),
            ),
            (
                "prevent_destroy".to_owned(),
                json!({"description": "True to refuse any plan that deletes it.", "type": ["boolean", "null"]}),
            ),
            ("prune".to_owned(), prune()),
        ];
        let added: Vec<(String, Value)> = nested.chain(common).collect();
        let properties = schema["properties"].as_object_mut();
        match properties {
            Some(properties) => properties.extend(added),
            None => schema["properties"] = Value::Object(added.into_iter().collect()),
        }
    }
    schema
}

fn prune() -> Value {
    json!({
        "description": "True to delete live resources below it that the spec does not declare.",
        "type": ["boolean", "null"],
    })
}

/// A schema without its required fields: defaults need not be whole.
fn optional(mut schema: Value) -> Value {
    if let Value::Object(schema) = &mut schema {
        schema.remove("required");
    }
    schema
}

/// The words that stand for a whole map.
fn words(schema: &Value) -> Option<Value> {
    let words = schema.get(field_traits::WORDS)?.as_object()?;
    Some(json!({"enum": words.keys().collect::<Vec<_>>()}))
}

/// Makes a schema say what the loader takes: no derived fields, and expressions where scalars stand.
fn open(schema: &mut Value) {
    let Value::Object(object) = schema else { return };
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        let derived: Vec<String> = properties
            .iter()
            .filter(|(_, schema)| field_traits::has(schema, field_traits::DERIVED))
            .map(|(name, _)| name.clone())
            .collect();
        properties.retain(|name, _| !derived.contains(name));
        properties.values_mut().for_each(open);
        if let Some(Value::Array(required)) = object.get_mut("required") {
            required.retain(|name| !derived.iter().any(|derived| name == derived));
        }
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = object.get_mut(key) {
            open(inner);
        }
    }
    if let Some(Value::Object(patterns)) = object.get_mut("patternProperties") {
        patterns.values_mut().for_each(open);
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        if let Some(Value::Array(branches)) = object.get_mut(key) {
            branches.iter_mut().for_each(open);
        }
    }
    let choices = words(schema);
    loosen(schema, choices);
}

/// Wraps a scalar's schema so that an expression, and a word, may stand in its place.
fn loosen(schema: &mut Value, words: Option<Value>) {
    let kind = schema.get("type").cloned();
    let is = |name: &str| match &kind {
        Some(Value::String(kind)) => kind == name,
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == name),
        _ => false,
    };
    let is_bound =
        ["enum", "const", "pattern", "format", "minLength", "maxLength"].iter().any(|key| schema.get(key).is_some());
    let is_list = schema.get("enum").is_some() || schema.get("const").is_some();
    let is_number = is("integer") || is("number") || is("boolean");
    if is("string") && !is_bound {
        // A plain number or boolean in the place of a text is the text that was written.
        schema["type"] = json!(["string", "number", "boolean", "null"]);
    } else if is("string") || is_number || is_list {
        let description = schema.get("description").cloned();
        // A list of values that grows is offered by editors, and not held against the user.
        let more = if field_traits::has(schema, field_traits::OPEN_ENUM) {
            json!({"type": ["string", "null"]})
        } else {
            json!({"type": ["string", "null"], "pattern": EXPRESSION})
        };
        *schema = match words {
            Some(words) => json!({"anyOf": [schema.take(), words, more]}),
            None => json!({"anyOf": [schema.take(), more]}),
        };
        if let Some(description) = description {
            schema["description"] = description;
        }
    } else if let Some(words) = words {
        let description = schema.get("description").cloned();
        *schema = json!({"anyOf": [words, schema.take()]});
        if let Some(description) = description {
            schema["description"] = description;
        }
    }
}
