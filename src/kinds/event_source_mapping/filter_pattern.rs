//! Filter patterns, checked as Lambda checks them: those of EventBridge.
//!
//! [AWS: filter rule syntax](https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax).

use serde_json::{Map, Value};

/// The comparisons that a list may hold as objects.
const COMPARISONS: [&str; 8] =
    ["exists", "numeric", "cidr", "equals-ignore-case", "wildcard", "anything-but", "prefix", "suffix"];

/// Returns the reason why Lambda would reject the pattern.
pub(super) fn check(pattern: &str) -> Result<(), String> {
    let fields: Map<String, Value> =
        serde_json::from_str(pattern).map_err(|error| format!("not a JSON object: {error}"))?;
    object(&fields, "")
}

/// Checks an object, which names fields of the record: each leads to an object or to a list of values to match.
fn object(fields: &Map<String, Value>, path: &str) -> Result<(), String> {
    for (name, value) in fields {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match value {
            Value::Array(alternatives) if name == "$or" => {
                not_empty(alternatives, &path)?;
                for alternative in alternatives {
                    let fields = alternative
                        .as_object()
                        .ok_or_else(|| format!("`{path}` holds something other than objects"))?;
                    object(fields, &path)?;
                }
            }
            Value::Array(values) => {
                not_empty(values, &path)?;
                values.iter().try_for_each(|value| matcher(value, &path))?;
            }
            Value::Object(inner) => object(inner, &path)?,
            single => return Err(format!("`{path}` must be a list: write [{single}]")),
        }
    }
    Ok(())
}

fn not_empty(list: &[Value], path: &str) -> Result<(), String> {
    if list.is_empty() { Err(format!("the list of `{path}` is empty")) } else { Ok(()) }
}

/// Checks a value to match: a string, a number, a boolean, null, or an object with one comparison.
fn matcher(value: &Value, path: &str) -> Result<(), String> {
    let comparison = match value {
        Value::Object(comparison) => comparison,
        Value::Array(_) => return Err(format!("`{path}` holds a list within a list")),
        _ => return Ok(()),
    };
    let mut parts = comparison.iter();
    let (Some((name, operand)), None) = (parts.next(), parts.next()) else {
        return Err(format!("a comparison of `{path}` has {} keys, not one", comparison.len()));
    };
    let expected = match name.as_str() {
        "exists" => (!operand.is_boolean()).then_some("true or false"),
        "numeric" => {
            (!operand.as_array().is_some_and(|parts| is_numeric(parts))).then_some("a list like [\">\", 0, \"<=\", 5]")
        }
        "cidr" | "equals-ignore-case" | "wildcard" => (!operand.is_string()).then_some("a string"),
        "anything-but" | "prefix" | "suffix" => operand.is_null().then_some("a value"),
        other => {
            return Err(format!("unknown comparison `{other}` of `{path}`; use one of {}", COMPARISONS.join(", ")));
        }
    };
    expected.map_or(Ok(()), |expected| Err(format!("`{name}` of `{path}` takes {expected}")))
}

/// Returns true for one comparison with a number, or for a lower and then an upper bound.
fn is_numeric(parts: &[Value]) -> bool {
    let operator = |part: &Value, known: &[&str]| part.as_str().is_some_and(|text| known.contains(&text));
    match parts {
        [comparison, number] => operator(comparison, &["=", "<", "<=", ">", ">="]) && number.is_number(),
        [lower, least, upper, most] => {
            let is_ordered = least.as_f64().zip(most.as_f64()).is_some_and(|(least, most)| least < most);
            operator(lower, &[">", ">="]) && operator(upper, &["<", "<="]) && is_ordered
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_lambda_takes_pass() {
        for pattern in [
            r"{}",
            r#"{"a": {}}"#,
            r#"{"body": {"kind": ["order", 7, null, true]}}"#,
            r#"{"$or": [{"a": [1]}, {"b": [2]}]}"#,
            r#"{"a": [{"exists": false}], "b": [{"numeric": [">", 0, "<=", 5]}], "c": [{"numeric": ["=", 5]}]}"#,
            r#"{"a": [{"prefix": "x"}, {"anything-but": ["y"]}, {"anything-but": {"prefix": "z"}}, {"suffix": "q"}]}"#,
            r#"{"a": [{"cidr": "10.0.0.0/8"}, {"equals-ignore-case": "x"}, {"wildcard": "a*"}]}"#,
        ] {
            assert_eq!(check(pattern), Ok(()), "{pattern}");
        }
    }

    #[test]
    fn other_patterns_are_refused_with_the_reason() {
        let rows = [
            (r#"{"name": "value"}"#, "`name` must be a list: write [\"value\"]"),
            (r#"{"a": {"b": 7}}"#, "`a.b` must be a list: write [7]"),
            (r#"{"a": []}"#, "the list of `a` is empty"),
            (r#"{"a": [[1]]}"#, "`a` holds a list within a list"),
            (r#"{"a": [{}]}"#, "a comparison of `a` has 0 keys, not one"),
            (r#"{"a": [{"prefix": "x", "suffix": "y"}]}"#, "a comparison of `a` has 2 keys, not one"),
            (r#"{"a": [{"exists": "yes"}]}"#, "`exists` of `a` takes true or false"),
            (r#"{"$or": [1]}"#, "`$or` holds something other than objects"),
            (r#"{"a": [{"wildcard": 7}]}"#, "`wildcard` of `a` takes a string"),
        ];
        for (pattern, why) in rows {
            assert_eq!(check(pattern), Err(why.to_owned()), "{pattern}");
        }
        for pattern in [
            "[]",
            "{",
            r#"{"a": [{"numeric": [">", 5, "<", 1]}]}"#,
            r#"{"a": [{"numeric": ["!", 5]}]}"#,
            r#"{"a": [{"regex": "x"}]}"#,
            r#"{"a": [{"prefix": null}]}"#,
        ] {
            assert!(check(pattern).is_err(), "{pattern}");
        }
    }
}
