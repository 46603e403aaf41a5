//! The types, words and values that a schema allows, and the value of a scalar among them.

use serde_json::{Number, Value};

use super::node::Scalar;
use crate::model::suggest::listed;
use crate::resource::field_traits;

/// The word's meaning, if the schema knows the word.
pub fn word<'s>(schema: &'s Value, text: &str) -> Option<&'s Value> {
    let own = |schema: &'s Value| schema.get(field_traits::WORDS)?.get(text);
    own(schema).or_else(|| own(field_traits::present(schema)))
}

/// The types that a schema names; none if it takes all.
pub fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => match allowed(schema) {
            Some(values) if values.iter().all(|value| value.is_string()) => vec!["string"],
            _ => Vec::new(),
        },
    }
}

/// The values that a schema allows, if it lists them.
pub fn allowed(schema: &Value) -> Option<Vec<&Value>> {
    let own = |schema| match (Value::get(schema, "enum"), Value::get(schema, "const")) {
        (Some(Value::Array(values)), _) => Some(values.iter().collect()),
        (_, Some(value)) => Some(vec![value]),
        _ => None,
    };
    own(schema).or_else(|| {
        let branches = schema.get("oneOf")?.as_array()?;
        let lists: Option<Vec<Vec<&Value>>> = branches.iter().map(own).collect();
        lists.map(|lists| lists.into_iter().flatten().collect())
    })
}

pub fn takes(types: &[&str], kind: &str) -> bool {
    types.is_empty() || types.contains(&kind)
}

/// Returns the value of a scalar where these types are allowed. Without quotes it is of the type that is wanted, in quotes it
/// is a string.
pub fn typed(scalar: &Scalar, types: &[&str]) -> Option<Value> {
    let text = scalar.text.as_str();
    if scalar.plain {
        if takes(types, "boolean") && matches!(text, "true" | "false") {
            return Some(Value::Bool(text == "true"));
        }
        let (takes_integer, takes_number) = (takes(types, "integer"), takes(types, "number"));
        if (takes_integer || takes_number)
            && let Ok(Value::Number(number)) = serde_json::from_str(text)
            && (takes_number || number.is_i64() || number.is_u64())
        {
            return Some(Value::Number(number));
        }
    }
    takes(types, "string").then(|| Value::String(text.to_owned()))
}

/// A plain integer, of whatever size, where one is taken.
pub fn integer(scalar: &Scalar, types: &[&str]) -> Option<Number> {
    let digits = scalar.text.strip_prefix('-').unwrap_or(&scalar.text);
    let is_whole = scalar.plain && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_whole && takes(types, "integer")).then(|| serde_json::from_str(&scalar.text).ok()).flatten()
}

pub fn article(kind: &str) -> &str {
    match kind {
        "object" => "a map",
        "array" => "a list",
        "string" => "a string",
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        other => other,
    }
}

/// The most fields that an example names.
const FIELDS: usize = 8;

/// Returns an example of a map, from the schema.
pub fn example(schema: &Value) -> Option<String> {
    let properties = schema.get("properties")?.as_object()?;
    let known = properties.iter().filter(|(_, schema)| !field_traits::has(schema, field_traits::DERIVED));
    let names: Vec<&str> = known.map(|(name, _)| name.as_str()).collect();
    Some(match names.len() {
        1 => format!("its field is {}", listed(names)),
        count if count > FIELDS => format!("some of its fields are {}", listed(names.into_iter().take(FIELDS))),
        _ => format!("its fields are {}", listed(names)),
    })
}
