//! Reports expressions that cannot be filled: names that mean nothing, and variables without a value.

use super::Values;
use crate::declaration::expression::Fallback;
use crate::declaration::report::{self, DiagnosticSink};
use crate::model::Span;
use crate::model::suggest::listed;

impl Values<'_> {
    /// Reports a variable without a value.
    pub(super) fn unset(
        &self,
        first: &str,
        rest: &str,
        otherwise: &Fallback<'_>,
        place: Span,
        report: &mut DiagnosticSink,
    ) {
        let what = match first {
            "env" => format!("the environment variable `{rest}`"),
            _ => format!("the variable `{rest}`"),
        };
        let is_empty = first == "env" && self.environment.get(rest).is_some();
        let state = if is_empty { "is empty" } else { "is not set" };
        let words = match otherwise {
            Fallback::Say(words) if !words.is_empty() => Some(*words),
            _ => None,
        };
        let near = report.nearest(rest, self.environment.names());
        let help = match (first, near) {
            ("env", Some(name)) if !is_empty => Some(format!("did you mean `{name}`?")),
            _ if words.is_some() => None,
            ("env", _) => Some(format!("set it, or add a default: `${{env.{rest}:-DEFAULT}}`")),
            _ => Some(format!("pass `--var {rest}=VALUE`")),
        };
        let message = words.map_or(format!("{what} {state}"), |words| format!("{what} {state}: {words}"));
        report.error(report::UNSET, place, message).label("no value").maybe_help(help);
    }

    /// Reports an expression that names nothing, with what it may mean.
    pub(super) fn unknown(&self, name: &str, written: &str, span: &Span, report: &mut DiagnosticSink) {
        let place = self.place(span, written, report);
        if matches!(name, "account" | "region" | "partition" | "stack") {
            report
                .error(report::EXPANSION, place, format!("`${{{name}}}` cannot be used here"))
                .help("use a variable: `${var.…}`");
            return;
        }
        let words = ["var", "env", "account", "region", "partition", "stack"]
            .into_iter()
            .chain(self.collections.iter().copied());
        let first = name.split('.').next().unwrap_or(name);
        let help = if self.vars.contains_key(name) {
            format!("write `${{var.{name}}}`")
        } else if self.environment.get(name).is_some() {
            format!("write `${{env.{name}}}`")
        } else if let Some(word) = report.nearest(first, words.clone()).filter(|word| *word != first) {
            format!("did you mean `{word}`?")
        } else {
            format!("an expression begins with one of {}; write `$${{` for a literal `${{`", listed(words))
        };
        let message = format!("unknown name in `${{{name}}}`");
        report.error(report::EXPANSION, place, message).label("unknown name").help(help);
    }

    /// Returns the place of some words of a value, if it has them as they are.
    pub(super) fn place(&self, span: &Span, words: &str, report: &DiagnosticSink) -> Span {
        if report.is_crowded() {
            return span.clone();
        }
        let text = self.sources.get(span.source).and_then(|source| source.text.get(span.range.clone()));
        match text.and_then(|text| text.find(words)) {
            Some(at) if !words.is_empty() => {
                let start = span.range.start + at;
                Span { source: span.source, range: start..start + words.len() }
            }
            _ => span.clone(),
        }
    }
}
