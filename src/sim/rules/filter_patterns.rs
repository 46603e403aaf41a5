//! The patterns by which a mapping chooses events: those of EventBridge, by its documented rules.

use serde_json::{Map, Value};

use crate::sim::context::api_error::ApiError;

/// The model has no bound; the Developer Guide has five, and ten on request. How Lambda says it is not recorded.
const FILTERS: usize = 10;

/// Refuses filters that choose nothing because they say nothing.
pub(crate) fn check(input: &Map<String, Value>) -> Result<(), ApiError> {
    let filters = input.get("FilterCriteria").and_then(|criteria| criteria.get("Filters")).and_then(Value::as_array);
    if filters.is_some_and(|filters| filters.len() > FILTERS) {
        return Err(ApiError::invalid_parameter(format!("A mapping takes at most {FILTERS} filters.")));
    }
    for filter in filters.into_iter().flatten() {
        let pattern = filter.get("Pattern").and_then(Value::as_str).unwrap_or_default();
        let valid = serde_json::from_str::<Value>(pattern).is_ok_and(|pattern| is_pattern(&pattern));
        if !valid {
            return Err(ApiError::invalid_parameter("Invalid filter pattern definition."));
        }
    }
    Ok(())
}

/// A pattern is an object whose leaves are non-empty lists of things to match.
fn is_pattern(pattern: &Value) -> bool {
    let Value::Object(fields) = pattern else { return false };
    fields.iter().all(|(name, value)| match value {
        Value::Array(rules) if name == "$or" => !rules.is_empty() && rules.iter().all(is_pattern),
        Value::Array(rules) => !rules.is_empty() && rules.iter().all(is_rule),
        nested => is_pattern(nested),
    })
}

/// A thing to match is a value, or an object with one comparison.
fn is_rule(rule: &Value) -> bool {
    let Value::Object(comparison) = rule else { return !rule.is_array() };
    let mut parts = comparison.iter();
    let (Some((name, with)), None) = (parts.next(), parts.next()) else { return false };
    match name.as_str() {
        "exists" => with.is_boolean(),
        "numeric" => with.as_array().is_some_and(|parts| is_numeric(parts)),
        "cidr" | "equals-ignore-case" | "wildcard" => with.is_string(),
        // What these compare with may itself be an object or a list.
        "anything-but" | "prefix" | "suffix" => !with.is_null(),
        _ => false,
    }
}

/// One number to equal, one bound, or a lower bound and then an upper one.
fn is_numeric(parts: &[Value]) -> bool {
    let is = |operator: &Value, any: [&str; 2]| operator.as_str().is_some_and(|operator| any.contains(&operator));
    match parts {
        [operator, number] => {
            (operator == "=" || is(operator, [">", ">="]) || is(operator, ["<", "<="])) && number.is_number()
        }
        [above, low, below, high] => {
            let ordered = low.as_f64().zip(high.as_f64()).is_some_and(|(low, high)| low < high);
            is(above, [">", ">="]) && is(below, ["<", "<="]) && ordered
        }
        _ => false,
    }
}
