//! Problems as a JUnit report: each subject is a test case, which fails if it has an error or a difference.

use std::fmt::Write;

use indexmap::IndexMap;

use super::{ProblemLevel, ReportProblem};

/// Renders the report. `passed` are subjects without a problem; with `strict`, warnings are failures too.
pub fn render(suite: &str, problems: &[ReportProblem], passed: &[String], strict: bool) -> String {
    let mut cases: IndexMap<&str, Vec<&ReportProblem>> = IndexMap::new();
    for subject in passed {
        cases.entry(subject).or_default();
    }
    for problem in problems {
        cases.entry(&problem.subject).or_default().push(problem);
    }
    let fails = |problem: &&&ReportProblem| strict || problem.level == ProblemLevel::Error;
    let failures = cases.values().filter(|problems| problems.iter().any(|problem| fails(&problem))).count();
    let (suite, tests) = (escaped(suite), cases.len());
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\" time=\"0\"");
    let _ = writeln!(text, "<testsuites name=\"trueup\" {counts}>\n  <testsuite name=\"{suite}\" {counts}>");
    for (subject, problems) in &cases {
        let file = problems.iter().find_map(|problem| problem.place.as_ref());
        let file = file
            .map_or_else(String::new, |place| format!(" file=\"{}\" line=\"{}\"", escaped(&place.file), place.line));
        let head = format!("    <testcase classname=\"{suite}\" name=\"{}\"{file} time=\"0\"", escaped(subject));
        if problems.is_empty() {
            let _ = writeln!(text, "{head}/>");
            continue;
        }
        let _ = writeln!(text, "{head}>");
        let failed: Vec<&&ReportProblem> = problems.iter().filter(|problem| fails(problem)).collect();
        if let Some(first) = failed.first() {
            let all: Vec<String> = failed.iter().map(|problem| sentence(problem)).collect();
            let (message, kind) = (escaped(&first.message), escaped(&first.code));
            let all = escaped(&all.join("\n"));
            let _ = writeln!(text, "      <failure message=\"{message}\" type=\"{kind}\">{all}</failure>");
        }
        let others: Vec<String> = problems.iter().filter(|problem| !fails(problem)).map(|it| sentence(it)).collect();
        if !others.is_empty() {
            let _ = writeln!(text, "      <system-out>{}</system-out>", escaped(&others.join("\n")));
        }
        text.push_str("    </testcase>\n");
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

fn sentence(problem: &ReportProblem) -> String {
    format!("{}: {}", problem.code, problem.sentences())
}

/// Returns a text as content or as an attribute of XML 1.0, which knows no control characters.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\n' => shown.push_str("&#10;"),
            '\u{fffe}' | '\u{ffff}' => shown.push('\u{fffd}'),
            hidden if crate::model::is_hidden(hidden) => drop(write!(shown, "\\u{{{:x}}}", u32::from(hidden))),
            plain => shown.push(plain),
        }
    }
    shown
}
