//! The first of two layers of validation: what the framework in front of the service checks, with its texts.
//!
//! It knows nothing of Lambda but the model. All violations of a request are reported in one answer.

use serde_json::{Map, Value};

use super::service_model::{Shape, Type, model};
use crate::sim::context::api_error::ApiError;

/// Holds `input` to the structure called `shape`.
pub(crate) fn check(shape: &str, input: &Map<String, Value>) -> Result<(), ApiError> {
    let mut violations = Vec::new();
    if let Some(shape) = model().shape(shape) {
        check_members(shape, input, "", &mut violations);
    }
    let noun = match violations.len() {
        0 => return Ok(()),
        1 => "error",
        _ => "errors",
    };
    let texts: Vec<String> = violations.iter().map(Violation::text).collect();
    Err(ApiError::validation(format!("{} validation {noun} detected: {}", violations.len(), texts.join("; "))))
}

struct Violation {
    value: Shown,
    path: String,
    constraint: String,
}

/// A value in a message.
enum Shown {
    Missing,
    Is(String),
    /// It is sensitive, so that the message says nothing in its place.
    Not,
}

impl Violation {
    fn new(shape: &Shape, value: &Value, path: &str, constraint: String) -> Violation {
        let value = if shape.sensitive { Shown::Not } else { Shown::Is(print(shape, value)) };
        Violation { value, path: path.to_owned(), constraint }
    }

    fn text(&self) -> String {
        let value = match &self.value {
            Shown::Missing => " null".to_owned(),
            Shown::Is(value) => format!(" '{value}'"),
            Shown::Not => String::new(),
        };
        format!("Value{value} at '{}' failed to satisfy constraint: {}", self.path, self.constraint)
    }
}

fn check_members(shape: &Shape, input: &Map<String, Value>, path: &str, out: &mut Vec<Violation>) {
    for (name, member) in &shape.members {
        let path = join(path, name);
        match input.get(name) {
            None if shape.required.contains(name) => {
                out.push(Violation { value: Shown::Missing, path, constraint: "Member must not be null".to_owned() });
            }
            None => {}
            Some(value) => {
                if let Some(shape) = model().shape(&member.shape) {
                    check_value(shape, value, &path, out);
                }
            }
        }
    }
}

fn check_value(shape: &Shape, value: &Value, path: &str, out: &mut Vec<Violation>) {
    match (shape.kind, value) {
        (Type::Structure, Value::Object(members)) => check_members(shape, members, path, out),
        (Type::List, Value::Array(items)) => check_list(shape, items, value, path, out),
        (Type::Map, Value::Object(entries)) => check_map(shape, entries, value, path, out),
        _ => violate(violations(shape, value), shape, value, path, out),
    }
}

fn check_list(shape: &Shape, items: &[Value], value: &Value, path: &str, out: &mut Vec<Violation>) {
    violate(broken_size(shape, items.len()), shape, value, path, out);
    let Some(element) = shape.member.as_deref().and_then(|name| model().shape(name)) else { return };
    if matches!(element.kind, Type::Structure | Type::List | Type::Map) {
        for (index, item) in items.iter().enumerate() {
            check_value(element, item, &format!("{path}.{}.member", index + 1), out);
        }
    } else if items.iter().any(|item| !violations(element, item).is_empty()) {
        let constraint = format!("Member must satisfy constraint: [{}]", element_constraints(element).join(", "));
        out.push(Violation::new(shape, value, path, constraint));
    }
}

fn check_map(shape: &Shape, entries: &Map<String, Value>, value: &Value, path: &str, out: &mut Vec<Violation>) {
    violate(broken_size(shape, entries.len()), shape, value, path, out);
    let mut whole = |constraint: String| out.push(Violation::new(shape, value, path, constraint));
    if let Some(key) = shape.key.as_deref().and_then(|name| model().shape(name))
        && entries.keys().any(|name| !violations(key, &Value::String(name.clone())).is_empty())
    {
        whole(format!("Map keys must satisfy constraint: [{}]", all(key).join(", ")));
    }
    let Some(element) = shape.value.as_deref().and_then(|name| model().shape(name)) else { return };
    if matches!(element.kind, Type::Structure | Type::List | Type::Map) {
        for (name, item) in entries {
            check_value(element, item, &format!("{path}.{name}.member"), out);
        }
    } else if entries.values().any(|item| !violations(element, item).is_empty()) {
        whole(format!("Map value must satisfy constraint: [{}]", element_constraints(element).join(", ")));
    }
}

fn violate(broken: Vec<String>, shape: &Shape, value: &Value, path: &str, out: &mut Vec<Violation>) {
    out.extend(broken.into_iter().map(|constraint| Violation::new(shape, value, path, constraint)));
}

/// The constraints of a scalar that `value` breaks.
fn violations(shape: &Shape, value: &Value) -> Vec<String> {
    let mut out = Vec::new();
    match value {
        Value::String(text) if shape.kind == Type::String => {
            // Public reports on several services have the pattern before the length.
            if !shape.matches(text) {
                out.extend(pattern(shape));
            }
            out.extend(broken_size(shape, text.chars().count()));
            if !shape.values.is_empty() && !shape.values.contains(text) {
                out.extend(values(shape));
            }
        }
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or(0.0);
            out.extend(shape.max.filter(|max| number > *max).map(|max| at_most(shape, max)));
            out.extend(shape.min.filter(|min| number < *min).map(|min| at_least(shape, min)));
        }
        _ => {}
    }
    out
}

#[expect(clippy::cast_precision_loss, reason = "no request is 2^53 long")]
fn broken_size(shape: &Shape, size: usize) -> Vec<String> {
    let size = size as f64;
    let longest = shape.max.filter(|max| size > *max).map(shorter);
    let shortest = shape.min.filter(|min| size < *min).map(longer);
    longest.into_iter().chain(shortest).collect()
}

/// All constraints of an element or of a map's value, as the framework lists them when one of them breaks one.
fn element_constraints(shape: &Shape) -> Vec<String> {
    let mut out = all(shape);
    // Recorded: what may be an empty text (a security group, the value of a tag) may be missing too; all else may not.
    if shape.kind != Type::String || shape.min != Some(0.0) {
        out.push("Member must not be null".to_owned());
    }
    out
}

/// All constraints that a shape itself has, which for the key of a map are all that there are.
fn all(shape: &Shape) -> Vec<String> {
    let mut out = Vec::new();
    if shape.kind == Type::String {
        out.extend(shape.max.map(shorter));
        out.extend(shape.min.map(longer));
        out.extend(pattern(shape));
        out.extend(values(shape));
    } else {
        out.extend(shape.max.map(|max| at_most(shape, max)));
        out.extend(shape.min.map(|min| at_least(shape, min)));
    }
    out
}

fn shorter(max: f64) -> String {
    format!("Member must have length less than or equal to {max}")
}

fn longer(min: f64) -> String {
    format!("Member must have length greater than or equal to {min}")
}

fn at_most(shape: &Shape, max: f64) -> String {
    format!("Member must have value less than or equal to {}", bound(shape, max))
}

fn at_least(shape: &Shape, min: f64) -> String {
    format!("Member must have value greater than or equal to {}", bound(shape, min))
}

fn pattern(shape: &Shape) -> Option<String> {
    shape.pattern.as_ref().map(|pattern| format!("Member must satisfy regular expression pattern: {pattern}"))
}

fn values(shape: &Shape) -> Option<String> {
    let values = shape.values.join(", ");
    (!values.is_empty()).then(|| format!("Member must satisfy enum value set: [{values}]"))
}

fn bound(shape: &Shape, bound: f64) -> String {
    if matches!(shape.kind, Type::Double | Type::Float) { format!("{bound:?}") } else { format!("{bound}") }
}

/// A value as the framework prints it: in the way of Java's collections.
fn print(shape: &Shape, value: &Value) -> String {
    let inner = |name: Option<&str>, value: &Value| {
        name.and_then(|name| model().shape(name)).map_or_else(|| value.to_string(), |shape| print(shape, value))
    };
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if matches!(shape.kind, Type::Double | Type::Float) => {
            format!("{:?}", number.as_f64().unwrap_or(0.0))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| inner(shape.member.as_deref(), item)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(key, value)| format!("{key}={}", inner(shape.value.as_deref(), value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// `routingConfig.additionalVersionWeights`.
fn join(path: &str, name: &str) -> String {
    let lower = spelt(name);
    if path.is_empty() { lower } else { format!("{path}.{lower}") }
}

/// A member's name as messages have it: spelt as in Java.
pub(crate) fn spelt(name: &str) -> String {
    let mut letters = name.chars();
    // A name that starts with several capitals (`UUID`, `KMSKeyArn`) keeps them but for the first word.
    let capitals = name.chars().take_while(char::is_ascii_uppercase).count();
    match capitals {
        0 => name.to_owned(),
        1 => letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect(),
        _ => {
            let word = if capitals == name.len() { capitals } else { capitals - 1 };
            name.char_indices().map(|(i, c)| if i < word { c.to_ascii_lowercase() } else { c }).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(shape: &str, input: Value) -> String {
        let Value::Object(input) = input else { return String::new() };
        check(shape, &input).expect_err("a violation").message().to_owned()
    }

    #[test]
    fn an_element_is_refused_with_all_its_constraints() {
        let input = json!({"FunctionName": "f", "Role": "arn:aws:iam::123456789012:role/r", "Code": {}, "Architectures": ["X86_64"]});
        assert_eq!(
            refusal("CreateFunctionRequest", input),
            "1 validation error detected: Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must satisfy \
             constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"
        );
    }

    #[test]
    fn what_is_sensitive_is_not_repeated() {
        let input = json!({"FunctionName": "f", "Environment": {"Variables": {"1": "secret"}}});
        assert_eq!(
            refusal("UpdateFunctionConfigurationRequest", input),
            "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy \
             constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]"
        );
    }

    #[test]
    fn weights_are_printed_as_java_prints_doubles() {
        let input = json!({"FunctionName": "f", "Name": "live", "FunctionVersion": "1",
            "RoutingConfig": {"AdditionalVersionWeights": {"2": 2}}});
        assert_eq!(
            refusal("CreateAliasRequest", input),
            "1 validation error detected: Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy \
             constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must \
             have value greater than or equal to 0.0, Member must not be null]"
        );
    }

    #[test]
    fn runtimes_are_the_frameworks_business_for_layers_only() {
        let layer = json!({"LayerName": "l", "Content": {}, "CompatibleRuntimes": ["cobol"], "CompatibleArchitectures": ["vax"]});
        let text = refusal("PublishLayerVersionRequest", layer);
        assert!(text.starts_with("2 validation errors detected: "), "{text}");
        assert!(
            text.contains("Value '[cobol]' at 'compatibleRuntimes' failed to satisfy constraint: Member must satisfy"),
            "{text}"
        );
        let text = refusal("ListLayersRequest", json!({"CompatibleRuntime": "cobol"}));
        assert!(
            text.contains(
                "Value 'cobol' at 'compatibleRuntime' failed to satisfy constraint: Member must satisfy enum"
            ),
            "{text}"
        );
        let Value::Object(function) =
            json!({"FunctionName": "f", "Role": "arn:aws:iam::123456789012:role/r", "Code": {}, "Runtime": "cobol"})
        else {
            return;
        };
        assert_eq!(check("CreateFunctionRequest", &function), Ok(()));
    }

    #[test]
    fn of_one_value_the_pattern_comes_before_the_length() {
        let sid = "*".repeat(101);
        let input =
            json!({"FunctionName": "f", "StatementId": sid, "Action": "lambda:InvokeFunction", "Principal": "*"});
        let text = refusal("AddPermissionRequest", input);
        assert_eq!(
            text,
            format!(
                "2 validation errors detected: Value '{sid}' at 'statementId' failed to satisfy constraint: Member must satisfy \
                 regular expression pattern: ([a-zA-Z0-9-_]+); Value '{sid}' at 'statementId' failed to satisfy constraint: \
                 Member must have length less than or equal to 100"
            )
        );
    }

    #[test]
    fn several_violations_come_at_once() {
        let text = refusal("PutFunctionConcurrencyRequest", json!({"FunctionName": "*"}));
        assert!(text.starts_with("2 validation errors detected: Value '*' at 'functionName'"), "{text}");
        assert!(text.ends_with(
            "Value null at 'reservedConcurrentExecutions' failed to satisfy constraint: Member must not be null"
        ));
    }
}
