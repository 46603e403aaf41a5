//! Reads a spec for each of its targets, and checks all of them before the first is worked on.

use super::overlap::overlap;
use super::{SessionError, SpecDiagnostics};
use crate::declaration::{Files, Inputs, Loaded, Spec};

/// Reads a spec for each of its targets, or for those named in `only`; once if it has no `targets`.
///
/// # Errors
/// [`SessionError::NoTarget`] for a name that the spec does not have. What else is wrong is found by [`check_targets`].
pub fn read_targets(inputs: &Inputs, only: &[String], files: &dyn Files) -> Result<Vec<Spec>, SessionError> {
    let spec = Spec::read(inputs, files);
    let names = spec.targets();
    if let Some(name) = only.iter().find(|name| !names.contains(name)) {
        return Err(SessionError::NoTarget { name: name.clone(), others: names });
    }
    if names.is_empty() {
        return Ok(vec![spec]);
    }
    let is_chosen = |name: &&String| only.is_empty() || only.contains(name);
    Ok(names.iter().filter(is_chosen).map(|name| spec.at(name)).collect())
}

/// Checks a spec for all of several targets before anything is asked of AWS for one of them.
///
/// # Errors
/// [`SessionError::Spec`] with what is wrong for any of them, and [`SessionError::Overlap`].
pub fn check_targets(specs: &[Spec]) -> Result<(), SessionError> {
    let mut findings = SpecDiagnostics::default();
    let mut stacks = Vec::new();
    for spec in specs {
        // The one target of a spec without `targets` is checked when its session is opened.
        let Some(target) = spec.target() else { continue };
        let Loaded { stack, diagnostics, sources, .. } = spec.clone().resolve(None);
        findings.merge(SpecDiagnostics { diagnostics, sources });
        stacks.extend(stack.map(|stack| (target, stack)));
    }
    if findings.errors() > 0 {
        return Err(SessionError::Spec(findings));
    }
    match overlap(stacks.iter().map(|(target, stack)| (*target, stack))) {
        Some(overlap) => Err(SessionError::Overlap(overlap)),
        None => Ok(()),
    }
}
