//! Warnings about the templates of other tools: `{{ … }}` is deployed as it is.

use super::node::{Content, Map, Node, Part};
use super::report::{self, DiagnosticSink};
use crate::model::Span;

/// Warns of each template in the values below `map`, without the notes under keys that begin with `x-`.
pub fn warn(map: &Map, report: &mut DiagnosticSink) {
    let fields = map.iter().filter(|(name, _)| !name.starts_with("x-"));
    fields.for_each(|(_, field)| below(&field.node, report));
}

fn below(node: &Node, report: &mut DiagnosticSink) {
    match &node.content {
        Content::Map(map) => map.values().for_each(|field| below(&field.node, report)),
        Content::List(items) => items.iter().for_each(|item| below(item, report)),
        Content::Scalar(scalar) => text(&scalar.text, &node.span, report),
        Content::Template(parts) => parts.iter().for_each(|part| match part {
            Part::Text { text: it, .. } => text(it, &node.span, report),
            Part::Reference(_) | Part::Unknown(_) => {}
        }),
        Content::Null { .. } | Content::Broken => {}
    }
}

fn text(text: &str, span: &Span, report: &mut DiagnosticSink) {
    let Some(template) = inner(text) else { return };
    let help = if template.trim_start().starts_with("resolve:") {
        "CloudFormation's dynamic references are not resolved; write `${env.NAME}`, or let the function read the value"
    } else {
        "write `${var.NAME}` or `${env.NAME}`; ignore this if the text is meant for the function"
    };
    report
        .warning(report::TEMPLATE, span, "`{{ … }}` is not filled in: trueup runs no templates of other tools")
        .label("deployed as it is")
        .help(help);
}

/// Returns the text between the first `{{` and the `}}` after it.
fn inner(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("{{")?;
    rest.split_once("}}").map(|(inner, _)| inner)
}
