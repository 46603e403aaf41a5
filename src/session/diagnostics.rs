//! The diagnostics of a spec, which keep the texts that they point into.

use std::collections::HashMap;
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
    /// Returns the diagnostics of one spec for its targets, each once. One that is not of all targets names those that it is of.
    pub fn of_targets<'t>(targets: impl IntoIterator<Item = (Option<&'t str>, SpecDiagnostics)>) -> SpecDiagnostics {
        let (mut found, mut sources, mut count) = (Vec::<(Diagnostic, Vec<&str>)>::new(), Vec::new(), 0);
        let mut by_message: HashMap<String, Vec<usize>> = HashMap::new();
        for (name, findings) in targets {
            count += 1;
            if !findings.sources.is_empty() {
                sources = findings.sources;
            }
            for diagnostic in findings.diagnostics {
                let alike = by_message.entry(diagnostic.message.clone()).or_default();
                match alike.iter().copied().find(|at| found[*at].0 == diagnostic) {
                    Some(at) => found[at].1.extend(name),
                    None => {
                        alike.push(found.len());
                        found.push((diagnostic, Vec::from_iter(name)));
                    }
                }
            }
        }
        let named = found.into_iter().map(|(mut diagnostic, names)| {
            if !names.is_empty() && names.len() < count {
                let targets = if names.len() == 1 { "target" } else { "targets" };
                diagnostic.message = format!("{targets} {}: {}", names.join(", "), diagnostic.message);
            }
            diagnostic
        });
        SpecDiagnostics { diagnostics: named.collect(), sources }
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
