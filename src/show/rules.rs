//! Rules as `trueup explain` prints them, as JSON, and as the page of rules in the book. Pure; colour is a parameter.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Style;
use crate::model::{Diagnostic, Rule};

/// The width of explanations, in characters.
const WIDTH: usize = 80;
/// The most codes that the line under the diagnostics names.
const NAMED: usize = 5;

/// Returns the explanation of one rule: title, meaning, examples and AWS's page.
pub fn explain(rule: &Rule, style: Style) -> String {
    let heading = style.strong(&format!("{}: {}", rule.id, rule.title));
    let mut out = format!("{heading}\nSeverity: {}\n\n{}\n", rule.severity, wrapped(rule.meaning));
    for (name, example) in [("Breaks the rule:", rule.bad), ("Follows the rule:", rule.good)] {
        let _ = write!(out, "\n{}\n\n", style.strong(name));
        for line in example.trim_end().lines() {
            let _ = writeln!(out, "    {line}");
        }
    }
    if let Some(page) = rule.aws_page {
        let _ = writeln!(out, "\nAWS documentation: {page}");
    }
    out
}

/// Returns one line for each rule: code, severity and title.
pub fn list(rules: &[&Rule]) -> String {
    let mut out = String::new();
    for rule in rules {
        let _ = writeln!(out, "{}  {:16}  {}", rule.id, rule.severity, rule.title);
    }
    out
}

/// Returns a rule as an object for programs.
pub fn to_json(rule: &Rule) -> Value {
    json!({
        "code": rule.id.as_str(),
        "severity": rule.severity.to_string(),
        "title": rule.title,
        "meaning": rule.meaning,
        "bad": rule.bad,
        "good": rule.good,
        "aws_page": rule.aws_page,
    })
}

/// Returns the page of all rules: a table, and a section for each.
pub fn markdown(rules: &[&Rule]) -> String {
    let mut out = "# Rules\n\n\
        `trueup validate`, `plan` and `apply` check a spec against these rules before any request to AWS. An error stops the\n\
        run; a warning does not. `trueup explain CODE` prints a section of this page. This page is generated.\n\n\
        | Code | Severity | Rule |\n|---|---|---|\n"
        .to_owned();
    for rule in rules {
        let id = rule.id;
        let anchor = id.as_str().to_lowercase();
        let _ = writeln!(out, "| [{id}](#{anchor}) | {} | {} |", rule.severity, rule.title.replace('|', "\\|"));
    }
    for rule in rules {
        let _ = write!(out, "\n## {}\n\n**{}** ({})\n\n{}\n", rule.id, rule.title, rule.severity, rule.meaning);
        for (name, example) in [("Breaks the rule", rule.bad), ("Follows the rule", rule.good)] {
            let _ = write!(out, "\n{name}:\n\n```yaml\n{}\n```\n", example.trim_end());
        }
        if let Some(page) = rule.aws_page {
            let _ = writeln!(out, "\n[AWS documentation]({page})");
        }
    }
    out
}

/// Returns the line that leads from diagnostics to the explanations of their rules.
pub fn pointer(diagnostics: &[Diagnostic]) -> Option<String> {
    let mut codes: Vec<String> = Vec::new();
    for code in diagnostics.iter().map(|diagnostic| diagnostic.code.to_string()) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    if codes.len() > NAMED {
        codes.truncate(NAMED);
        codes.push("…".to_owned());
    }
    match codes.as_slice() {
        [] => None,
        [only] => Some(format!("For details, run: trueup explain {only}")),
        several => Some(format!("For details, run: trueup explain CODE, with CODE one of {}", several.join(", "))),
    }
}

/// Breaks a text into lines at spaces; a longer word has a line of its own.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is a line");
        if line.is_empty() {
            *line = word.to_owned();
        } else if line.chars().count() + 1 + word.chars().count() <= WIDTH {
            *line += " ";
            *line += word;
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ErrorRule, Severity};

    const S010: ErrorRule = ErrorRule::declare("S010");
    const S011: ErrorRule = ErrorRule::declare("S011");

    #[test]
    fn lines_are_broken_at_spaces() {
        let long = "x".repeat(WIDTH);
        assert_eq!(wrapped(&format!("one {long} two three")), format!("one\n{long}\ntwo three"));
    }

    #[test]
    fn the_pointer_names_each_code_once() {
        let diagnostic = |rule: ErrorRule| Diagnostic {
            severity: Severity::Error,
            code: rule.id(),
            message: String::new(),
            span: None,
            label: String::new(),
            related: Vec::new(),
            help: None,
        };
        assert_eq!(pointer(&[]), None);
        assert_eq!(pointer(&[diagnostic(S010), diagnostic(S010)]).unwrap(), "For details, run: trueup explain S010");
        assert_eq!(
            pointer(&[diagnostic(S011), diagnostic(S010)]).unwrap(),
            "For details, run: trueup explain CODE, with CODE one of S011, S010"
        );
    }
}
