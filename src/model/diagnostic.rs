//! What is wrong with a spec, where, and what to do about it.

use std::ops::Range;

use super::FieldPath;

/// A text that a diagnostic can point into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file's name, as the user gave it.
    pub name: String,
    /// Its whole text.
    pub text: String,
}

/// A stretch of bytes of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The index of the source in the list of sources.
    pub source: usize,
    /// The bytes.
    pub range: Range<usize>,
}

/// Whether a diagnostic stops the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Lambda is sure to refuse it, or we cannot understand it.
    Error,
    /// Probably a mistake, or a rule that we are not sure of.
    Warning,
}

/// One thing that is wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether it stops the run.
    pub severity: Severity,
    /// A stable id, such as `V013`; see `trueup schema --rules`.
    pub code: &'static str,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What the message is about, if it is about a place.
    pub span: Option<Span>,
    /// What the underlined text is, in a few words.
    pub label: String,
    /// Other places that matter, with what they are.
    pub related: Vec<(Span, String)>,
    /// What to do.
    pub help: Option<String>,
}

/// What a kind's own rules have found in one resource; fields are named, the spec loader knows their places.
#[derive(Debug, Default)]
pub struct Findings(pub Vec<Finding>);

/// One finding of a rule.
#[derive(Debug)]
pub struct Finding {
    /// Whether it stops the run.
    pub severity: Severity,
    /// The rule's id.
    pub code: &'static str,
    /// The field that is wrong; the nearest field present is underlined.
    pub path: FieldPath,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Findings {
    /// Reports something that Lambda is sure to refuse.
    pub fn error(&mut self, code: &'static str, path: &str, message: impl Into<String>) -> &mut Finding {
        self.push(Severity::Error, code, path, message.into())
    }

    /// Reports something that is probably a mistake.
    pub fn warning(&mut self, code: &'static str, path: &str, message: impl Into<String>) -> &mut Finding {
        self.push(Severity::Warning, code, path, message.into())
    }

    fn push(&mut self, severity: Severity, code: &'static str, path: &str, message: String) -> &mut Finding {
        self.0.push(Finding { severity, code, path: FieldPath::parse(path), message, help: None });
        self.0.last_mut().expect("just pushed")
    }
}

impl Finding {
    /// Says what to do about it.
    pub fn help(&mut self, help: impl Into<String>) {
        self.help = Some(help.into());
    }
}
