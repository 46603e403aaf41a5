//! Finds what the commits since another one can have changed: the resources that read otherwise in the spec or whose code
//! differs.
//!
//! The spec is resolved at both ends with the same variables, so that a change of a default, of a file of variables or of a
//! shared map counts wherever it arrives. Packages are built at both ends, where git knows of a change below their path.
//! Whatever cannot be compared counts as changed: a plan may cover too much, never too little.
//!
//! # Guarantees
//! A plan of a change is the whole plan, restricted to what can have changed (`tests/it/changed_since`).

mod compare;
mod git;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::declaration::{Inputs, Spec, Stack};
use crate::files::Disk;
use crate::kinds;
use crate::model::visible;
use crate::packages::PackageBuilder;
use crate::plan::ChangedPart;
use git::Repository;
pub use git::{ChangeError, Head, head};

/// What can have changed since a commit.
#[derive(Clone, Debug, PartialEq)]
pub enum ChangeExtent {
    /// These resources, and these kinds of resources that left the spec.
    Part(ChangedPart),
    /// Anything, and why no more is known.
    Everything {
        /// The reason, as a clause.
        reason: String,
    },
}

/// Finds what can have changed since the commit at which this work left `reference`. `stack` is the spec of now.
///
/// # Errors
/// Without git, a repository or the commit: see [`ChangeError`].
pub fn since(
    reference: &str,
    inputs: &Inputs,
    stack: &Stack,
    builder: &PackageBuilder,
) -> Result<ChangeExtent, ChangeError> {
    let here = inputs.files.first().and_then(|file| file.parent()).filter(|folder| !folder.as_os_str().is_empty());
    let repository = Repository::containing(here.unwrap_or(Path::new(".")))?;
    let base = repository.base(reference)?;
    let everything = |reason: String| Ok(ChangeExtent::Everything { reason: format!("{reason} at {}", base.short()) });
    let inputs = match at_base(inputs, &base)? {
        Ok(inputs) => inputs,
        Err(file) => {
            return everything(format!("{} is not a file of the repository", visible(&file.to_string_lossy())));
        }
    };
    let known = stack.scope.account.clone().zip(stack.scope.region.clone());
    let Some(before) = Spec::read(&inputs, &Disk).resolve(known).stack else {
        return everything("the spec has errors".to_owned());
    };
    if !compare::is_same_stack(&before, stack) {
        return everything("the stack itself is declared otherwise".to_owned());
    }
    let mut packages = compare::Packages::new(&repository, &base, builder)?;
    let mut changed = BTreeSet::new();
    for (address, desired) in &stack.resources {
        let is_same = before.resources.get(address).is_some_and(|before| compare::is_same(before, desired, &base));
        if !is_same || packages.differ(desired, stack.confine.as_deref())? {
            changed.insert(address.clone());
        }
    }
    let mut removed = BTreeSet::new();
    for (address, desired) in before.resources.iter().filter(|(address, _)| !stack.resources.contains_key(*address)) {
        match &desired.parent {
            None => drop(removed.insert(address.kind)),
            // What may outlive its parent is also looked for where there is none.
            Some(_) if kinds::entry(address.kind).lifecycle().may_be_orphaned => drop(removed.insert(address.kind)),
            _ => {}
        }
        match &desired.parent {
            // What is below a resource that stays is looked for there.
            Some(parent) if stack.resources.contains_key(parent) => drop(changed.insert(parent.clone())),
            _ => {}
        }
    }
    let part = ChangedPart {
        since: base.short().to_owned(),
        resources: changed.into_iter().collect(),
        removed: removed.into_iter().collect(),
    };
    Ok(ChangeExtent::Part(part))
}

/// Returns the same inputs as they were at the base, or the first file that the repository does not have there.
fn at_base(inputs: &Inputs, base: &git::Base) -> Result<Result<Inputs, PathBuf>, ChangeError> {
    let mut absent = None;
    let mut at_base = |files: &[PathBuf]| -> Result<Vec<PathBuf>, ChangeError> {
        let mut earlier = Vec::new();
        for file in files {
            // A link would lead to the file of now.
            let is_file = |path: &PathBuf| path.symlink_metadata().is_ok_and(|metadata| metadata.is_file());
            let is_link = file.ancestors().any(|around| around.is_symlink() && base.place(around).is_some());
            match base.checked_out(file)?.filter(|earlier| is_file(earlier) && !is_link) {
                Some(path) => earlier.push(path),
                None => drop(absent.get_or_insert_with(|| file.clone())),
            }
        }
        Ok(earlier)
    };
    let (files, var_files) = (at_base(&inputs.files)?, at_base(&inputs.var_files)?);
    // The files are copies, so they lie outside of whatever the job is confined to.
    Ok(absent.map_or_else(|| Ok(Inputs { files, var_files, confine: None, ..inputs.clone() }), Err))
}
