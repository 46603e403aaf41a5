//! Renders diagnostics as text and as JSON.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};

use super::masking::shown;
use crate::model::{Diagnostic, Severity, Source, Span, visible};

/// The most diagnostics that are printed; the rest is counted.
const MOST: usize = 100;
/// The width of a terminal of unknown width.
const WIDTH: usize = 120;

/// Renders diagnostics like rustc: the file and line, the source line with the mistake underlined, and a way out.
pub fn render(diagnostics: &[Diagnostic], sources: &[Source], colour: bool, width: Option<usize>) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    // The text may end in a log, so secrets of the quoted lines are masked.
    let masked =
        |source: &Source| Source { name: visible(&source.name).into_owned(), text: shown(source), kind: source.kind };
    let sources: Vec<Source> = sources.iter().map(masked).collect();
    let texts: Vec<Text<'_>> = sources.iter().map(Text::new).collect();
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(width.unwrap_or(WIDTH));
    let mut out = String::new();
    for diagnostic in diagnostics.iter().take(MOST) {
        out += &renderer.render(&[group(diagnostic, &texts)]);
        out += "\n\n";
    }
    if diagnostics.len() > MOST {
        out += &format!("… and {} more\n\n", diagnostics.len() - MOST);
    }
    out.truncate(out.trim_end_matches('\n').len());
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// Returns diagnostics as JSON: one object each, with lines and columns that count from 1, columns in characters.
pub fn to_json(diagnostics: &[Diagnostic], sources: &[Source]) -> Value {
    let texts: Vec<Text<'_>> = sources.iter().map(Text::new).collect();
    diagnostics.iter().map(|diagnostic| object(diagnostic, &texts)).collect()
}

/// A source and the offsets of its lines.
struct Text<'s> {
    source: &'s Source,
    lines: Vec<usize>,
}

impl<'s> Text<'s> {
    fn new(source: &'s Source) -> Self {
        let ends = source.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Text { source, lines: std::iter::once(0).chain(ends).collect() }
    }

    /// Returns the index of the line that holds a byte.
    fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// Returns the byte range of some lines.
    fn bytes(&self, lines: Range<usize>) -> Range<usize> {
        let end = self.source.text.len();
        let start = |line: usize| self.lines.get(line).copied().unwrap_or(end);
        start(lines.start)..start(lines.end)
    }

    /// Returns the line and column of a byte, counted from 1.
    fn position(&self, at: usize) -> (usize, usize) {
        let line = self.line(at);
        let at = border(&self.source.text, at);
        let before = self.source.text.get(self.lines[line]..at).unwrap_or_default();
        (line + 1, before.chars().count() + 1)
    }
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    }
}

fn group<'d>(diagnostic: &'d Diagnostic, texts: &[Text<'d>]) -> Group<'d> {
    let title = level(diagnostic.severity).primary_title(&*diagnostic.message).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    let primary = diagnostic.span.iter().map(|span| (span, diagnostic.label.as_str(), AnnotationKind::Primary));
    let related = diagnostic.related.iter().map(|(span, label)| (span, label.as_str(), AnnotationKind::Context));
    let mut order = Vec::new();
    let mut marks: BTreeMap<usize, Vec<(&Span, &str, AnnotationKind)>> = BTreeMap::new();
    for mark in primary.chain(related) {
        let source = mark.0.source;
        if !order.contains(&source) {
            order.push(source);
        }
        marks.entry(source).or_default().push(mark);
    }
    for source in order {
        if let (Some(text), Some(marks)) = (texts.get(source), marks.get(&source)) {
            group = group.element(snippet(text, marks));
        }
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(&**help));
    }
    group
}

/// Returns the lines from the first mark to the last; the renderer shows no others.
fn snippet<'d>(
    text: &Text<'d>,
    marks: &[(&'d Span, &'d str, AnnotationKind)],
) -> Snippet<'d, annotate_snippets::Annotation<'d>> {
    let length = text.source.text.len();
    let first = marks.iter().map(|(span, ..)| text.line(span.range.start.min(length))).min().unwrap_or(0);
    let last = marks.iter().map(|(span, ..)| text.line(span.range.end.min(length))).max().unwrap_or(0);
    let window = text.bytes(first..last + 1);
    let shown = text.source.text.get(window.clone()).unwrap_or_default();
    let annotations = marks.iter().map(|(span, label, kind)| {
        let start = border(shown, span.range.start.saturating_sub(window.start));
        let mut end = border(shown, span.range.end.saturating_sub(window.start));
        // Only the first line of a value is underlined.
        if let Some(line) = shown.get(start..end).and_then(|marked| marked.find('\n')) {
            end = start + line;
        }
        kind.span(start..end.max(start)).label((!label.is_empty()).then_some(*label))
    });
    Snippet::source(shown).path(text.source.name.as_str()).line_start(first + 1).annotations(annotations)
}

/// Returns the start of the character that holds a byte: the renderer accepts no other offsets.
fn border(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn object(diagnostic: &Diagnostic, texts: &[Text<'_>]) -> Value {
    let mut object = json!({
        "code": diagnostic.code.as_str(),
        "severity": diagnostic.severity.to_string(),
        "message": diagnostic.message,
    });
    if let Some(Value::Object(mut place)) = diagnostic.span.as_ref().and_then(|span| place(span, texts))
        && let Value::Object(object) = &mut object
    {
        object.append(&mut place);
    }
    let related: Vec<Value> = diagnostic
        .related
        .iter()
        .filter_map(|(span, label)| {
            let mut place = place(span, texts)?;
            place["label"] = json!(label);
            Some(place)
        })
        .collect();
    if !related.is_empty() {
        object["related"] = Value::Array(related);
    }
    if let Some(help) = &diagnostic.help {
        object["help"] = json!(help);
    }
    object
}

fn place(span: &Span, texts: &[Text<'_>]) -> Option<Value> {
    let text = texts.get(span.source)?;
    let (line, column) = text.position(span.range.start);
    let (end_line, end_column) = text.position(span.range.end);
    Some(json!({
        "file": text.source.name,
        "line": line,
        "column": column,
        "end": {"line": end_line, "column": end_column},
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ErrorRule, SourceKind};

    fn diagnostic(range: Range<usize>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            code: ErrorRule::declare("S011").id(),
            message: "`timeout` takes an integer, not a text".to_owned(),
            span: Some(Span { source: 0, range }),
            label: "a text".to_owned(),
            related: Vec::new(),
            help: Some("write a number".to_owned()),
        }
    }

    fn sources() -> Vec<Source> {
        vec![Source {
            name: "stack.yaml".to_owned(),
            text: "version: 1\nä: {timeout: soon}\n".to_owned(),
            kind: SourceKind::Spec,
        }]
    }

    #[test]
    fn a_diagnostic_points_at_its_place() {
        let got = render(&[diagnostic(25..29)], &sources(), false, None);
        let want = "error[S011]: `timeout` takes an integer, not a text\n --> stack.yaml:2:14\n  |\n\
            2 | ä: {timeout: soon}\n  |              ^^^^ a text\n  |\n  = help: write a number\n";
        assert_eq!(got, want);
    }

    #[test]
    fn programs_get_lines_and_columns() {
        let got = to_json(&[diagnostic(25..29)], &sources());
        let place = json!({"file": "stack.yaml", "line": 2, "column": 14, "end": {"line": 2, "column": 18}});
        for key in ["file", "line", "column", "end"] {
            assert_eq!(got[0][key], place[key]);
        }
    }

    #[test]
    fn many_are_counted_and_odd_places_do_no_harm() {
        let many: Vec<Diagnostic> = (0..150).map(|at| diagnostic(at..at + 3)).collect();
        let got = render(&many, &sources(), true, Some(20));
        assert!(got.ends_with("… and 50 more\n"));
        assert_eq!(to_json(&many, &sources()).as_array().map(Vec::len), Some(150));
        let empty = vec![Source { name: "empty.yaml".to_owned(), text: String::new(), kind: SourceKind::Spec }];
        assert!(render(&[diagnostic(0..0)], &empty, false, None).contains("empty.yaml:1:1"));
    }
}
