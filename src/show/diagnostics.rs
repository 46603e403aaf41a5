//! What is wrong with a spec, with the line quoted and the value underlined.

use annotate_snippets::{Annotation, AnnotationKind, Level, Renderer, Snippet};
use serde_json::{Value, json};

use crate::model::{Diagnostic, Severity, Source, Span};

/// The diagnostics as text, in their order.
pub fn render(diagnostics: &[Diagnostic], sources: &[Source], colour: bool, width: Option<usize>) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = match width {
        Some(width) => renderer.term_width(width),
        None => renderer,
    };
    let texts: Vec<String> = diagnostics.iter().map(|diagnostic| one(&renderer, diagnostic, sources)).collect();
    texts.join("\n\n") + if texts.is_empty() { "" } else { "\n" }
}

fn one(renderer: &Renderer, diagnostic: &Diagnostic, sources: &[Source]) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
    let mut group = title.elements(Vec::<Snippet<'_, Annotation<'_>>>::new());
    let mut places: Vec<(&Span, &str, AnnotationKind)> = Vec::new();
    places.extend(diagnostic.span.as_ref().map(|span| (span, diagnostic.label.as_str(), AnnotationKind::Primary)));
    places.extend(diagnostic.related.iter().map(|(span, label)| (span, label.as_str(), AnnotationKind::Context)));
    for (number, source) in sources.iter().enumerate() {
        let here: Vec<_> = places.iter().filter(|(span, ..)| span.source == number).collect();
        if here.is_empty() {
            continue;
        }
        let mut snippet = Snippet::source(source.text.as_str()).path(source.name.as_str());
        for (span, label, kind) in here {
            let annotation = kind.span(span.range.clone());
            snippet = snippet.annotation(if label.is_empty() { annotation } else { annotation.label(*label) });
        }
        group = group.element(snippet);
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    renderer.render(&[group]).to_string()
}

/// The diagnostics as data; lines and columns count from 1, columns in characters.
pub fn to_json(diagnostics: &[Diagnostic], sources: &[Source]) -> Value {
    let one = |diagnostic: &Diagnostic| {
        let place = diagnostic.span.as_ref().and_then(|span| {
            let source = sources.get(span.source)?;
            let before = source.text.get(..span.range.start)?;
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            Some((source.name.clone(), line, column))
        });
        let (file, line, column) =
            place.map_or((None, None, None), |(file, line, column)| (Some(file), Some(line), Some(column)));
        json!({
            "severity": match diagnostic.severity { Severity::Error => "error", Severity::Warning => "warning" },
            "code": diagnostic.code,
            "message": diagnostic.message,
            "file": file,
            "line": line,
            "column": column,
            "help": diagnostic.help,
        })
    };
    Value::Array(diagnostics.iter().map(one).collect())
}
