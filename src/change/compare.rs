//! Compares a spec with an earlier one, resource by resource, and the packages of both.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::path::{Path, PathBuf};

use super::git::{Base, ChangeError, Repository};
use crate::confinement::Confinement;
use crate::declaration::{Desired, Stack};
use crate::kinds;
use crate::model::PackageSource;
use crate::package;
use crate::packages::{PackageBuilder, PackageRequest};

/// Tests whether what both say of the stack as a whole is the same.
pub fn is_same_stack(before: &Stack, now: &Stack) -> bool {
    let Stack { scope, target, guards: _, prune, prune_kinds, resources: _, confine: _ } = before;
    (scope, target, prune, prune_kinds) == (&now.scope, &now.target, &now.prune, &now.prune_kinds)
}

/// Tests whether both declare the resource alike, wherever it stands in the text. Its package may differ all the same.
pub fn is_same(before: &Desired, now: &Desired, base: &Base) -> bool {
    let Desired {
        at,
        place,
        value,
        pending,
        depends_on,
        parent,
        stands_alone,
        ignore,
        prevent_destroy,
        prune,
        prune_kinds,
        span: _,
        folder,
        declared,
        secret,
    } = before;
    let reads_alike = (at, place, value.json(), pending, depends_on, parent)
        == (&now.at, &now.place, now.value.json(), &now.pending, &now.depends_on, &now.parent);
    let is_treated_alike = (stands_alone, ignore, prevent_destroy, prune, prune_kinds, declared, secret)
        == (
            &now.stands_alone,
            &now.ignore,
            &now.prevent_destroy,
            &now.prune,
            &now.prune_kinds,
            &now.declared,
            &now.secret,
        );
    reads_alike && is_treated_alike && base.place(&now.folder).is_some_and(|place| place == *folder)
}

/// The packages of the working tree, beside those of a commit.
pub struct Packages<'a> {
    repository: &'a Repository,
    base: &'a Base,
    builder: &'a PackageBuilder,
    touched: BTreeSet<PathBuf>,
    known: HashMap<(PackageSource, PathBuf), bool>,
}

impl<'a> Packages<'a> {
    /// Asks git which files differ.
    ///
    /// # Errors
    /// If git cannot tell.
    pub fn new(
        repository: &'a Repository,
        base: &'a Base,
        builder: &'a PackageBuilder,
    ) -> Result<Packages<'a>, ChangeError> {
        let touched = repository.touched(base)?;
        Ok(Packages { repository, base, builder, touched, known: HashMap::new() })
    }

    /// Tests whether the resource has a package whose content differs, or may.
    ///
    /// # Errors
    /// If git cannot write the files of the commit.
    pub fn differ(&mut self, desired: &Desired, confine: Option<&Path>) -> Result<bool, ChangeError> {
        let Some(source) = kinds::entry(desired.at.address.kind).package_source(&desired.value) else {
            return Ok(false);
        };
        let key = (source, desired.folder.clone());
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let differs = self.differs(&key.0, &key.1, confine)?;
        self.known.insert(key, differs);
        Ok(differs)
    }

    fn differs(&self, source: &PackageSource, folder: &Path, confine: Option<&Path>) -> Result<bool, ChangeError> {
        let path = package::path(source, folder);
        // A link may lead to the files.
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        let places = [self.repository.inside(&path), self.repository.inside(&real)];
        let [Some(path_inside), Some(real_inside)] = &places else { return Ok(true) };
        let is_moved = path
            .ancestors()
            .filter(|around| around.is_symlink())
            .any(|link| self.repository.inside(link).is_some_and(|link| self.touched.contains(&link)));
        if is_moved {
            return Ok(true);
        }
        if !is_touched(&self.touched, path_inside) && !is_touched(&self.touched, real_inside) {
            return Ok(false);
        }
        let (Some(before), Some(_)) = (self.base.checked_out(&path)?, self.base.checked_out(&real)?) else {
            return Ok(true);
        };
        let before = package::build(&source.at(before), Path::new("."), Confinement::to(None));
        let (source, folder, confine) = (source.clone(), folder.to_owned(), confine.map(Path::to_owned));
        let now = self.builder.build(&PackageRequest { source, folder, confine });
        Ok(!matches!((before, now), (Ok(before), Ok(now)) if before.sha256 == now.sha256))
    }
}

/// Tests whether a path is among the touched ones, or something in it or around it is.
fn is_touched(touched: &BTreeSet<PathBuf>, path: &Path) -> bool {
    let below = touched.range::<Path, _>((Bound::Included(path), Bound::Unbounded)).next();
    path.ancestors().any(|around| touched.contains(around)) || below.is_some_and(|below| below.starts_with(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_touched_by_what_is_in_it_and_around_it() {
        let touched: BTreeSet<PathBuf> = ["a/b/c.py", "link", "src.py"].map(PathBuf::from).into();
        let is = |path: &str| is_touched(&touched, Path::new(path));
        assert!(is("a") && is("a/b") && is("a/b/c.py") && is("link/inside") && is("src.py"));
        assert!(!is("src") && !is("a/c") && !is("b") && !is("a/b/c"));
    }
}
