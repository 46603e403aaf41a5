//! The diagnostics of a spec, which keep the texts that they point into.

use std::fmt;

use crate::model::{Diagnostic, Severity, Source};

/// Diagnostics of a spec, with the texts that they point into.
#[derive(Clone, Debug, Default)]
pub struct SpecDiagnostics {
    /// The diagnostics, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts.
    pub sources: Vec<Source>,
}

impl SpecDiagnostics {
    /// Takes in the diagnostics of the same spec for another target, each once.
    pub fn merge(&mut self, other: SpecDiagnostics) {
        self.sources = other.sources;
        for diagnostic in other.diagnostics {
            if !self.diagnostics.contains(&diagnostic) {
                self.diagnostics.push(diagnostic);
            }
        }
    }

    /// Returns the number of errors; warnings do not count.
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
    }
}

impl fmt::Display for SpecDiagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.errors() {
            1 => f.write_str("the spec has 1 error"),
            errors => write!(f, "the spec has {errors} errors"),
        }
    }
}
