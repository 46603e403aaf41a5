//! Diagnostics: what is wrong with a spec, where, and what to do about it.

use std::fmt;
use std::ops::Range;

use super::{FieldPath, ReportsErrors, ReportsWarnings, RuleId};

/// A text that a diagnostic can point into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file's name, as the user gave it.
    pub name: String,
    /// Its whole text.
    pub text: String,
    /// Its content, which says where its secrets are.
    pub kind: SourceKind,
}

/// A place in a source, for people and for other programs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourcePlace {
    /// The file's name, as the user gave it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Source {
    /// Returns the place of a byte.
    pub fn place(&self, at: usize) -> SourcePlace {
        let before: String = self.text.char_indices().take_while(|(start, _)| *start < at).map(|(_, it)| it).collect();
        let last = before.rsplit('\n').next().unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        SourcePlace { file: self.name.clone(), line, column: last.chars().count() + 1 }
    }
}

/// The content of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A spec.
    Spec,
    /// Variables and their values.
    Variables,
    /// One variable and its value, as `NAME=VALUE`.
    Argument,
}

/// A stretch of bytes of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The index of the source in the list of sources.
    pub source: usize,
    /// The bytes.
    pub range: Range<usize>,
}

/// The severity of a diagnostic: an error stops the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Lambda is sure to reject it, or we cannot understand it.
    Error,
    /// Probably a mistake, or a rule that we are not sure of.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        })
    }
}

/// One thing that is wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The severity; an error stops the run.
    pub severity: Severity,
    /// A stable id, such as `V013`; `trueup explain V013` describes it.
    pub code: RuleId,
    /// The mistake, in one sentence without a full stop.
    pub message: String,
    /// The place of the mistake, if it has one.
    pub span: Option<Span>,
    /// The description of the underlined text, in a few words.
    pub label: String,
    /// Other places that matter, with what they are.
    pub related: Vec<(Span, String)>,
    /// The way to correct it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Returns every text in which values of the spec may be quoted.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let related = self.related.iter_mut().map(|(_, label)| label);
        [&mut self.message, &mut self.label].into_iter().chain(&mut self.help).chain(related)
    }
}

/// The mistakes that the rules of a kind found in one resource. They name fields; the loader knows their places in the file.
#[derive(Debug, Default)]
pub struct Findings(pub Vec<Finding>);

/// One mistake that a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The severity; an error stops the run.
    pub severity: Severity,
    /// The rule's id.
    pub code: RuleId,
    /// The part of the resource's declaration that is wrong.
    pub location: FieldLocation,
    /// The mistake.
    pub message: String,
    /// The way to correct it.
    pub help: Option<String>,
}

/// The part of a field that a finding points to. A field that is not written is represented by the nearest one around it.
///
/// A finding on a name that the user chose, or on a field that must not be there, points to the key: the value is not the
/// mistake, and may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldLocation {
    /// The key.
    Key(FieldPath),
    /// The value; for a map or a list, its key.
    Value(FieldPath),
}

impl FieldLocation {
    /// The key of a field.
    pub fn key(path: impl Into<FieldPath>) -> Self {
        FieldLocation::Key(path.into())
    }

    /// The field.
    pub fn path(&self) -> &FieldPath {
        match self {
            FieldLocation::Key(path) | FieldLocation::Value(path) => path,
        }
    }
}

impl From<FieldPath> for FieldLocation {
    fn from(path: FieldPath) -> Self {
        FieldLocation::Value(path)
    }
}

impl From<&FieldPath> for FieldLocation {
    fn from(path: &FieldPath) -> Self {
        FieldLocation::Value(path.clone())
    }
}

impl From<&'static str> for FieldLocation {
    fn from(literal: &'static str) -> Self {
        FieldLocation::Value(literal.into())
    }
}

impl Findings {
    /// Reports something that Lambda is sure to reject. A path stands for the field's value; see [`FieldLocation::key`].
    pub fn error(
        &mut self,
        rule: impl ReportsErrors,
        location: impl Into<FieldLocation>,
        message: impl Into<String>,
    ) -> &mut Finding {
        self.push(Severity::Error, rule.into(), location.into(), message.into())
    }

    /// Reports something that is probably a mistake.
    pub fn warning(
        &mut self,
        rule: impl ReportsWarnings,
        location: impl Into<FieldLocation>,
        message: impl Into<String>,
    ) -> &mut Finding {
        self.push(Severity::Warning, rule.into(), location.into(), message.into())
    }

    fn push(&mut self, severity: Severity, code: RuleId, location: FieldLocation, message: String) -> &mut Finding {
        self.0.push(Finding { severity, code, location, message, help: None });
        self.0.last_mut().expect("just pushed")
    }
}

impl Finding {
    /// Adds what the user can do about it.
    pub fn help(&mut self, help: impl Into<String>) {
        self.help = Some(help.into());
    }
}
