//! Puts values where expressions stand: variables, the environment, the account, the region and the stack. References
//! to other resources stay, to be resolved when all resources are known.

mod unfilled;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::environment::SpecEnvironment;
use super::expanded::Expanded;
use super::expression::{self, Fallback, TextPiece};
use super::node::{Content, Map, Node, Part};
use super::report::{self, DiagnosticSink};
use crate::model::{Scope, Secrets, Source, Span, TargetPart};

/// Variables that name variables: nobody needs more than this, and a circle ends here at the latest.
const DEEPEST: usize = 32;
/// The size that all expressions of a spec together may grow to, in bytes.
const MAX_EXPANDED_BYTES: usize = 64 * 1024 * 1024;
/// The size that one text may grow to, in bytes: more than any field of Lambda takes.
const MAX_TEXT_BYTES: usize = 1024 * 1024;

/// The values that expressions can use.
pub struct Values<'a> {
    /// The variables, by name.
    pub vars: BTreeMap<String, Node>,
    /// The environment.
    pub environment: &'a SpecEnvironment,
    /// `account`, `region`, `partition` and `stack`, once the top of the spec is read.
    pub scope: Option<Arc<Scope>>,
    /// The words with which references begin, such as `functions`.
    pub collections: BTreeSet<&'static str>,
    /// The texts, to find the place of an expression.
    pub sources: &'a [Source],
    /// Takes every value of the environment that was used.
    pub secrets: Secrets,
    left: usize,
    open: Vec<String>,
    /// Variables with expressions in them that were worked out; `None` if that failed and was reported.
    done: BTreeMap<String, Option<Expanded>>,
}

impl<'a> Values<'a> {
    /// No values yet but the environment's.
    pub fn new(environment: &'a SpecEnvironment, sources: &'a [Source]) -> Self {
        Values {
            vars: BTreeMap::new(),
            environment,
            scope: None,
            collections: BTreeSet::new(),
            sources,
            secrets: Secrets::default(),
            left: MAX_EXPANDED_BYTES,
            open: Vec::new(),
            done: BTreeMap::new(),
        }
    }

    /// Forgets what variables came to, because more has become known since.
    pub fn forget(&mut self) {
        self.done.clear();
    }

    /// Replaces every expression in the values below `node`; what cannot be replaced is reported and becomes nothing.
    pub fn expand(&mut self, node: &mut Node, report: &mut DiagnosticSink) {
        match &mut node.content {
            Content::Map(map) => self.expand_map(map, report),
            Content::List(items) => items.iter_mut().for_each(|item| self.expand(item, report)),
            Content::Scalar(scalar) if scalar.text.contains("${") => {
                let expanded = self.text(&scalar.text, &node.span, report);
                node.content = expanded.map_or(Content::Broken, Expanded::content);
            }
            Content::Scalar(_) | Content::Template(_) | Content::Null { .. } | Content::Broken => {}
        }
    }

    /// The same for the values of a map.
    pub fn expand_map(&mut self, map: &mut Map, report: &mut DiagnosticSink) {
        for (key, field) in map {
            if key.contains("${") {
                report
                    .error(report::EXPANSION, &field.key, "expressions are allowed in values, not in keys")
                    .label("key");
            }
            self.expand(&mut field.node, report);
        }
    }

    fn text(&mut self, text: &str, span: &Span, report: &mut DiagnosticSink) -> Option<Expanded> {
        match expression::parse(text) {
            Ok(pieces) => self.pieces(&pieces, span, report),
            Err(problem) => {
                let place = self.place(span, problem.written, report);
                report.error(report::EXPANSION, place, problem.message).help("write `$${` for a literal `${`");
                None
            }
        }
    }

    fn pieces(&mut self, pieces: &[TextPiece<'_>], span: &Span, report: &mut DiagnosticSink) -> Option<Expanded> {
        let mut whole = Some(Expanded::default());
        for piece in pieces {
            let expanded = match piece {
                TextPiece::Text(text) => Some(Expanded::text(text, false)),
                TextPiece::Expression { written, name, otherwise } => {
                    self.expression(written, name, otherwise, span, report)
                }
            };
            // All of them are looked at, so that all that is wrong is reported.
            whole = whole.zip(expanded).map(|(whole, more)| whole.then(more));
            if whole.as_ref().is_some_and(|whole| whole.length > MAX_TEXT_BYTES.min(self.left)) {
                report
                    .error(
                        report::EXPANSION,
                        span,
                        "the expanded value is larger than 1 MB, or all of them are larger than 64 MB",
                    )
                    .help("use shorter variables");
                return None;
            }
        }
        let mut whole = whole?;
        self.left = self.left.saturating_sub(whole.length);
        whole.plain = matches!(pieces, [TextPiece::Expression { .. }]) && whole.plain;
        Some(whole)
    }

    fn expression(
        &mut self,
        written: &str,
        name: &str,
        otherwise: &Fallback<'_>,
        span: &Span,
        report: &mut DiagnosticSink,
    ) -> Option<Expanded> {
        let (first, rest) = name.split_once('.').unwrap_or((name, ""));
        if self.collections.contains(first) {
            if *otherwise != Fallback::Fail {
                let place = self.place(span, written, report);
                report
                    .error(report::EXPANSION, place, "a reference cannot have a default: it always has a value")
                    .help(format!("write `${{{name}}}`"));
                return None;
            }
            let length = name.len() + 1;
            return Some(Expanded { parts: vec![Part::Reference(name.to_owned())], length, plain: false });
        }
        let value = match first {
            "var" if !rest.is_empty() => self.variable(rest, written, span, report)?,
            "env" if !rest.is_empty() && !self.environment.allows(rest) => {
                let place = self.place(span, written, report);
                report
                    .error(report::UNSET, place, format!("the spec may not read the environment variable `{rest}`"))
                    .label("not allowed")
                    .help(format!("allow it with `--allow-env {rest}`, or remove the expression"));
                return None;
            }
            "env" if !rest.is_empty() => self.environment.get(rest).map(|value| {
                self.secrets.insert(value);
                Expanded { plain: true, ..Expanded::text(value, true) }
            }),
            _ => match self.scope.as_ref().and_then(|scope| of_scope(scope, name)) {
                Some(value) => Some(value),
                None => {
                    self.unknown(name, written, span, report);
                    return None;
                }
            },
        };
        // As in a shell, `:-` and `:?` take an empty value for none.
        let filled = value.filter(|value| *otherwise == Fallback::Fail || !value.is_empty());
        match (filled, otherwise) {
            (Some(value), _) => Some(if matches!(first, "var" | "env") { value.from(name) } else { value }),
            (None, Fallback::Use(pieces)) => {
                let mut expanded = self.pieces(pieces, span, report)?;
                expanded.plain = true;
                Some(expanded.from(name))
            }
            (None, otherwise) => {
                let place = self.place(span, written, report);
                self.unset(first, rest, otherwise, place, report);
                None
            }
        }
    }

    /// The value of a variable: the outer `None` if something is wrong with it and was reported.
    fn variable(
        &mut self,
        name: &str,
        written: &str,
        span: &Span,
        report: &mut DiagnosticSink,
    ) -> Option<Option<Expanded>> {
        let Some(node) = self.vars.get(name) else {
            let place = self.place(span, written, report);
            let near = report.did_you_mean(name, self.vars.keys().map(String::as_str));
            report
                .error(report::EXPANSION, place, format!("unknown variable `{name}`"))
                .label("not declared")
                .help(near.unwrap_or_else(|| "declare it under `vars:`".to_owned()));
            return None;
        };
        let scalar = match &node.content {
            Content::Scalar(scalar) => scalar,
            Content::Broken => return None,
            _ => return Some(None),
        };
        if !scalar.text.contains("${") {
            return Some(Some(Expanded { plain: scalar.plain, ..Expanded::text(&scalar.text, false) }));
        }
        if let Some(done) = self.done.get(name) {
            return done.clone().map(Some);
        }
        let (text, place) = (scalar.text.clone(), node.span.clone());
        if self.open.len() >= DEEPEST || self.open.iter().any(|open| open == name) {
            let circle = self.open.iter().map(String::as_str).chain([name]);
            let message =
                format!("variables depend on each other in a cycle: {}", circle.collect::<Vec<_>>().join(" → "));
            report.error(report::EXPANSION, place, message);
            return None;
        }
        self.open.push(name.to_owned());
        let expanded = self.text(&text, &place, report);
        self.open.pop();
        self.done.insert(name.to_owned(), expanded.clone());
        expanded.map(Some)
    }
}

/// Returns the value of `${account}`, `${region}`, `${partition}` or `${stack}`.
fn of_scope(scope: &Scope, name: &str) -> Option<Expanded> {
    let part = |part| match scope.known(part) {
        Some(value) => Expanded::text(value, false),
        None => Expanded { parts: vec![Part::Unknown(part)], length: part.expression().len(), plain: false },
    };
    let value = match name {
        "account" => part(TargetPart::Account),
        "region" => part(TargetPart::Region),
        "partition" => part(TargetPart::Partition),
        "stack" => Expanded::text(&scope.stack, false),
        _ => return None,
    };
    Some(Expanded { plain: true, ..value })
}
