//! Problems as SARIF 2.1.0, which code scanners and editors read.

use serde_json::{Value, json};

use super::{ProblemLevel, ReportProblem};

/// Renders the log.
pub fn render(problems: &[ReportProblem]) -> String {
    let mut rules: Vec<&ReportProblem> = Vec::new();
    for problem in problems {
        if rules.iter().all(|rule| rule.code != problem.code) {
            rules.push(problem);
        }
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "trueup",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| json!({
                    "id": rule.code,
                    "shortDescription": {"text": rule.title},
                    "defaultConfiguration": {"level": level(rule.level)},
                })).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": problems.iter().map(|problem| result(problem, &rules)).collect::<Vec<_>>(),
        }],
    });
    serde_json::to_string_pretty(&log).expect("JSON is plain data") + "\n"
}

fn level(level: ProblemLevel) -> &'static str {
    match level {
        ProblemLevel::Error => "error",
        ProblemLevel::Warning => "warning",
    }
}

fn result(problem: &ReportProblem, rules: &[&ReportProblem]) -> Value {
    let mut result = json!({
        "ruleId": problem.code,
        "ruleIndex": rules.iter().position(|rule| rule.code == problem.code),
        "level": level(problem.level),
        "message": {"text": problem.sentences() + "."},
    });
    let mut location = json!({
        "logicalLocations": [{"fullyQualifiedName": problem.subject, "kind": "resource"}],
    });
    if let Some(place) = &problem.place {
        location["physicalLocation"] = json!({
            "artifactLocation": {"uri": uri(&place.file)},
            "region": {"startLine": place.line, "startColumn": place.column},
        });
    }
    result["locations"] = json!([location]);
    result
}

/// Returns the name of a file as a relative reference, or as a URI.
fn uri(file: &str) -> String {
    const PATH: percent_encoding::AsciiSet =
        percent_encoding::NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');
    let path = percent_encoding::utf8_percent_encode(file, &PATH);
    if file.starts_with('/') { format!("file://{path}") } else { path.to_string() }
}
