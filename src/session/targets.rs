//! Reads a spec for each of its targets, and checks all of them before the first is worked on.

use super::overlap::overlap;
use super::{SessionError, SpecDiagnostics};
use crate::declaration::{Files, Inputs, Loaded, Spec};

/// A spec for one of its targets, and what it comes to before anything is known of the account.
#[derive(Clone, Debug)]
pub struct TargetSpec {
    /// The spec.
    pub spec: Spec,
    /// What it comes to without an account.
    pub offline: Loaded,
}

impl From<Spec> for TargetSpec {
    fn from(spec: Spec) -> TargetSpec {
        let offline = spec.clone().resolve(None);
        TargetSpec { spec, offline }
    }
}

/// Reads a spec for each of its targets, or for those named in `only`; once if it has no `targets`. What is wrong with them
/// is found by [`check_targets`].
///
/// # Errors
/// [`SessionError::NoTarget`] for a name that the spec does not have, and [`SessionError::Overlap`] for any two of its
/// targets, whether they are named or not.
pub fn read_targets(inputs: &Inputs, only: &[String], files: &dyn Files) -> Result<Vec<TargetSpec>, SessionError> {
    let spec = Spec::read(inputs, files);
    let names = spec.targets();
    if !spec.is_readable() || (names.is_empty() && only.is_empty()) {
        return Ok(vec![spec.into()]);
    }
    if let Some(name) = only.iter().find(|name| !names.contains(name)) {
        return Err(SessionError::NoTarget { name: name.clone(), others: names });
    }
    let mut all: Vec<TargetSpec> = names.iter().map(|name| spec.at(name).into()).collect();
    if let Some(overlap) = overlap(all.iter().filter_map(|it| Some((it.spec.target()?, it.offline.stack.as_ref()?)))) {
        return Err(SessionError::Overlap(overlap));
    }
    let is_chosen = |it: &TargetSpec| it.spec.target().is_some_and(|name| only.iter().any(|it| it == name));
    all.retain(|it| only.is_empty() || is_chosen(it));
    Ok(all)
}

/// Checks a spec for all of several targets before anything is asked of AWS for one of them.
///
/// # Errors
/// [`SessionError::Spec`] with what is wrong for any of them.
pub fn check_targets(specs: &[TargetSpec]) -> Result<(), SessionError> {
    let findings = SpecDiagnostics::of_targets(specs.iter().map(|TargetSpec { spec, offline }| {
        let Loaded { diagnostics, sources, .. } = offline.clone();
        (spec.target(), SpecDiagnostics { diagnostics, sources })
    }));
    if findings.errors() > 0 { Err(SessionError::Spec(findings)) } else { Ok(()) }
}
