//! A policy in Terraform's language: a data source that any role can have as its policy. Pure.

use std::fmt::Write;

use crate::iam::IamPolicy;

/// Renders a policy as `data "aws_iam_policy_document"`.
pub fn terraform(policy: &IamPolicy, name: &str) -> String {
    let mut text = format!("data \"aws_iam_policy_document\" {} {{\n", quoted(name));
    for (number, statement) in policy.statements.iter().enumerate() {
        let gap = if number == 0 { "" } else { "\n" };
        let _ = write!(text, "{gap}  statement {{\n    sid       = {}\n", quoted(&statement.sid));
        let _ = writeln!(text, "    actions   = {}", list(&statement.actions, "    "));
        let _ = writeln!(text, "    resources = {}", list(&statement.resources, "    "));
        for (operator, keys) in &statement.conditions {
            for (key, values) in keys {
                let (operator, key, values) = (quoted(operator), quoted(key), list(values, "      "));
                let _ = writeln!(
                    text,
                    "\n    condition {{\n      test     = {operator}\n      variable = {key}\n      values   = {values}\n    }}"
                );
            }
        }
        text.push_str("  }\n");
    }
    text + "}\n"
}

/// Renders a list: one item on the line, several below each other.
fn list<'a>(items: impl IntoIterator<Item = &'a String>, indent: &str) -> String {
    let items: Vec<String> = items.into_iter().map(|item| quoted(item)).collect();
    match items.as_slice() {
        [one] => format!("[{one}]"),
        _ => format!("[\n{indent}  {},\n{indent}]", items.join(&format!(",\n{indent}  "))),
    }
}

/// Quotes a text as Terraform reads it.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "$${").replace("%{", "%%{");
    format!("\"{escaped}\"")
}
