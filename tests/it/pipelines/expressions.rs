//! The expressions of GitHub's workflows, as far as the examples use them.

use serde_json::Value;

/// Returns the text with every `${{ … }}` replaced by its value.
pub fn filled(template: &str, context: &Value) -> String {
    let mut shown = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, after) = after.split_once("}}").expect("an expression ends");
        shown.push_str(before);
        shown.push_str(&text(&value(expression, context)));
        rest = after;
    }
    shown + rest
}

/// Returns true if a condition holds.
pub fn holds(condition: &str, context: &Value) -> bool {
    let condition = condition.trim().trim_start_matches("${{").trim_end_matches("}}");
    is_true(&value(condition, context))
}

/// Returns the value of an expression: `||` binds weakest, then `&&`, then comparisons.
fn value(expression: &str, context: &Value) -> Value {
    let expression = expression.trim();
    if let Some((left, right)) = expression.split_once("||") {
        let left = value(left, context);
        return if is_true(&left) { left } else { value(right, context) };
    }
    if let Some((left, right)) = expression.split_once("&&") {
        let left = value(left, context);
        return if is_true(&left) { value(right, context) } else { left };
    }
    for (operator, wanted) in [("==", true), ("!=", false)] {
        if let Some((left, right)) = expression.split_once(operator) {
            return Value::Bool((text(&value(left, context)) == text(&value(right, context))) == wanted);
        }
    }
    if let Some(quoted) = expression.strip_prefix('\'') {
        return Value::from(quoted.strip_suffix('\'').expect("a text ends"));
    }
    match expression {
        "true" | "always()" => Value::Bool(true),
        "false" => Value::Bool(false),
        "success()" => Value::Bool(context["job"]["status"] == "success"),
        "failure()" => Value::Bool(context["job"]["status"] == "failure"),
        path => {
            let is_path = path.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter));
            assert!(is_path, "the player knows no expression `{path}`");
            path.split('.').fold(context, |value, key| &value[key]).clone()
        }
    }
}

fn is_true(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value != ""
}

/// Returns a value as a text, and nothing as an empty one.
fn text(value: &Value) -> String {
    if value.is_null() { String::new() } else { trueup::model::plain(value) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn operators_bind_as_github_binds_them() {
        let context = json!({"github": {"event_name": "push", "n": 7}, "job": {"status": "failure"}});
        assert!(holds("github.event_name == 'push' && github.n != 8", &context));
        assert!(holds("success() || github.event_name == 'push'", &context));
        assert!(!holds("success()", &context) && !holds("github.none.at.all", &context));
        assert_eq!(filled("plan-${{ github.n }}", &context), "plan-7");
    }
}
