//! Collects diagnostics, so that they come all at once, and names them.

use std::borrow::Borrow;
use std::collections::HashSet;

use super::catalog;
use crate::model::suggest;
use crate::model::{
    Diagnostic, ErrorRule, ReportsErrors, ReportsWarnings, RuleId, Secrets, Severity, Span, WarningRule,
};

pub const UNREADABLE: ErrorRule = catalog::files::S001;
pub const SYNTAX: ErrorRule = catalog::files::S002;
pub const DUPLICATE: ErrorRule = catalog::files::S003;
pub const TAG: ErrorRule = catalog::files::S004;
pub const OTHER_TOOL: ErrorRule = catalog::files::S005;
pub const UNKNOWN_KEY: ErrorRule = catalog::values::S010;
pub const TYPE: ErrorRule = catalog::values::S011;
pub const MISSING: ErrorRule = catalog::values::S012;
pub const VALUE: ErrorRule = catalog::values::S013;
pub const NEW_VALUE: WarningRule = catalog::values::S014;
pub const NO_VALUE: ErrorRule = catalog::values::S015;
pub const FIELD_WITHOUT_VALUE: WarningRule = catalog::values::S016;
pub const EXPANSION: ErrorRule = catalog::expressions::S020;
pub const UNSET: ErrorRule = catalog::expressions::S021;
pub const DANGLING: ErrorRule = catalog::expressions::S022;
pub const ATTRIBUTE: ErrorRule = catalog::expressions::S023;
pub const CYCLE: ErrorRule = catalog::expressions::S024;
pub const TEMPLATE: WarningRule = catalog::expressions::S025;
pub const IGNORED: ErrorRule = catalog::resources::S030;
pub const NAME: ErrorRule = catalog::resources::S031;
pub const EMPTY: WarningRule = catalog::resources::S032;
/// The id under which a package is reported that cannot be made.
pub const PACKAGE: ErrorRule = catalog::resources::S033;
pub const STAGES: WarningRule = catalog::resources::S040;

/// Nobody reads more than this at once, and a hostile spec could otherwise fill the memory.
const MOST: usize = 1_000;

/// From here on errors come without suggestions.
const CROWD: usize = 100;

/// The diagnostics so far.
#[derive(Clone, Debug, Default)]
pub struct DiagnosticSink {
    list: Vec<Diagnostic>,
    /// The code, place and message of each in the list. The same mistake is met again where several resources have the same
    /// lines, from `defaults` or an anchor.
    known: HashSet<(RuleId, usize, usize, String)>,
    errors: usize,
    /// The number of those that did not fit into the list.
    dropped: usize,
    /// The last one that is not in the list.
    unlisted: Option<Diagnostic>,
}

/// A diagnostic that is being written.
pub struct DiagnosticBuilder<'r>(&'r mut Diagnostic);

impl DiagnosticSink {
    /// Something that stops the run.
    pub fn error(
        &mut self,
        rule: impl ReportsErrors,
        span: impl Borrow<Span>,
        message: impl Into<String>,
    ) -> DiagnosticBuilder<'_> {
        self.push(Severity::Error, rule.into(), Some(span.borrow().clone()), message.into())
    }

    /// Something that is wrong and has no place in a file.
    pub fn error_without_place(
        &mut self,
        rule: impl ReportsErrors,
        message: impl Into<String>,
    ) -> DiagnosticBuilder<'_> {
        self.push(Severity::Error, rule.into(), None, message.into())
    }

    /// Something that is probably a mistake.
    pub fn warning(
        &mut self,
        rule: impl ReportsWarnings,
        span: impl Borrow<Span>,
        message: impl Into<String>,
    ) -> DiagnosticBuilder<'_> {
        self.push(Severity::Warning, rule.into(), Some(span.borrow().clone()), message.into())
    }

    /// A diagnostic of any severity.
    pub fn push(
        &mut self,
        severity: Severity,
        code: RuleId,
        span: Option<Span>,
        message: String,
    ) -> DiagnosticBuilder<'_> {
        let place = span.as_ref().map(|span| (code, span.source, span.range.start, message.clone()));
        let diagnostic =
            Diagnostic { severity, code, message, span, label: String::new(), related: Vec::new(), help: None };
        if place.as_ref().is_some_and(|place| self.known.contains(place)) {
            return DiagnosticBuilder(self.unlisted.insert(diagnostic));
        }
        self.errors += usize::from(severity == Severity::Error);
        if self.list.len() >= MOST {
            self.dropped += 1;
            return DiagnosticBuilder(self.unlisted.insert(diagnostic));
        }
        self.known.extend(place);
        self.list.push(diagnostic);
        DiagnosticBuilder(self.list.last_mut().expect("just pushed"))
    }

    /// Returns the number of errors.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// Tests whether there are so many errors that suggestions, which cost time, are left out.
    pub fn is_crowded(&self) -> bool {
        self.errors > CROWD
    }

    /// The name that was probably meant, unless nobody would read it any more.
    pub fn nearest<'n>(&self, text: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        if self.is_crowded() { None } else { suggest::nearest(text, names) }
    }

    /// The same as a question, to be used as help.
    pub fn did_you_mean<'n>(&self, text: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
        self.nearest(text, names).map(did_you_mean)
    }

    /// All diagnostics in the order of the files, with secret values out of their words.
    pub fn finish(mut self, secrets: &Secrets) -> Vec<Diagnostic> {
        let place = |it: &Diagnostic| it.span.as_ref().map(|span| (span.source, span.range.start));
        self.list.sort_by_key(place);
        if self.dropped > 0 {
            let (verb, findings) = if self.dropped == 1 { ("is", "finding") } else { ("are", "findings") };
            let message = format!("there {verb} {} more {findings}, not shown", self.dropped);
            self.list.push(Diagnostic {
                severity: Severity::Error,
                code: SYNTAX.id(),
                message,
                span: None,
                label: String::new(),
                related: Vec::new(),
                help: None,
            });
        }
        for diagnostic in &mut self.list {
            for text in diagnostic.texts_mut() {
                *text = secrets.shown_of_ours(text);
            }
        }
        self.list
    }
}

/// The help for a name that was probably meant.
pub fn did_you_mean(name: &str) -> String {
    format!("did you mean `{name}`?")
}

impl DiagnosticBuilder<'_> {
    /// Says what the underlined text is.
    pub fn label(self, label: impl Into<String>) -> Self {
        self.0.label = label.into();
        self
    }

    /// Says what to do.
    pub fn help(self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// Says what to do, if there is something to say.
    pub fn maybe_help(self, help: Option<String>) -> Self {
        if help.is_some() {
            self.0.help = help;
        }
        self
    }

    /// Points to another place that matters.
    pub fn related(self, span: Span, label: impl Into<String>) -> Self {
        self.0.related.push((span, label.into()));
        self
    }
}
