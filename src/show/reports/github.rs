//! Problems as annotations of a GitHub workflow, and plans as the outputs of its step.

use std::fmt::Write;

use super::counts::counts;
use super::{PlanReport, ProblemLevel, ReportProblem};
use crate::model::NotChecked;

/// The most annotations of one level that GitHub shows for a step.
const SHOWN: usize = 10;

/// Renders the workflow commands that annotate the lines of the spec.
pub fn annotations(problems: &[ReportProblem]) -> String {
    let mut text = String::new();
    for (level, command) in [(ProblemLevel::Error, "error"), (ProblemLevel::Warning, "warning")] {
        let of_level: Vec<&ReportProblem> = problems.iter().filter(|problem| problem.level == level).collect();
        let left_out = of_level.len().saturating_sub(SHOWN);
        // The last one counts those that GitHub would not show.
        let shown = if left_out > 0 { SHOWN - 1 } else { of_level.len() };
        for problem in &of_level[..shown] {
            let place = problem.place.as_ref().map_or_else(String::new, |place| {
                format!("file={},line={},col={},", property(&place.file), place.line, place.column)
            });
            let _ =
                writeln!(text, "::{command} {place}title={}::{}", property(&problem.title), data(&problem.sentences()));
        }
        if left_out > 0 {
            let _ = writeln!(
                text,
                "::{command} title=trueup::{} more; --output junit=FILE lists all of them",
                left_out + 1
            );
        }
    }
    text
}

/// Renders the outputs of the step, a name and a value on each line.
pub fn outputs(report: &PlanReport) -> String {
    let counts = counts(report);
    let changes = report.plans.iter().any(|it| !it.plan.is_empty());
    let failed = !report.failed.is_empty();
    let refused = report.plans.iter().any(|it| !it.plan.refusals.is_empty());
    let incomplete = report.plans.iter().any(|it| it.plan.not_compared.iter().any(NotChecked::is_unreadable));
    let mut text = format!(
        "changes={changes}\nrefused={refused}\nfailed={failed}\nincomplete={incomplete}\nto_create={}\nto_change={}\nto_delete={}\nto_replace={}\n\
         to_publish={}\n",
        counts.create, counts.update, counts.delete, counts.replace, counts.publish
    );
    if let Some(digest) = &report.digest {
        let _ = writeln!(text, "digest={digest}");
    }
    text
}

/// Escapes the message of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourcePlace;

    fn problem(message: &str, file: &str) -> ReportProblem {
        ReportProblem {
            code: "risk/deletion".to_owned(),
            title: "Risk: deleted".to_owned(),
            level: ProblemLevel::Warning,
            message: message.to_owned(),
            help: None,
            subject: "function/a".to_owned(),
            place: Some(SourcePlace { file: file.to_owned(), line: 3, column: 5 }),
        }
    }

    #[test]
    fn nothing_in_a_message_or_a_name_begins_another_command() {
        let text = annotations(&[problem("50 % of it\n::error::forged", "a,line=9:b.yaml")]);
        assert_eq!(
            text,
            "::warning file=a%2Cline=9%3Ab.yaml,line=3,col=5,title=Risk%3A deleted::50 %25 of it%0A::error::forged\n"
        );
    }

    #[test]
    fn what_github_would_not_show_is_counted() {
        let text = annotations(&vec![problem("x", "a.yaml"); 14]);
        assert_eq!(text.lines().count(), SHOWN);
        assert!(text.ends_with("::warning title=trueup::5 more; --output junit=FILE lists all of them\n"), "{text}");
    }
}
