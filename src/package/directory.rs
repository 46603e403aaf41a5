//! Finds the files of a directory to pack, and takes their zip from the cache if it has one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::cache::{Fingerprint, PackageCache};
use super::error::{PackageError, Shown, unreadable};
use super::ignored::{IGNORE_FILE, IgnorePatterns};
use super::limits::{ENTRIES_MAX, UNZIPPED_LIMIT};
use super::not_code::NotCode;
use super::pack::{Item, pack, visit};
use super::reading::refuse_special;
use crate::confinement::Confinement;
use crate::model::{Contents, LinkPolicy};

/// Zips the files of a directory.
///
/// # Errors
/// See [`PackageError`].
pub fn zip(
    root: &Path,
    links: LinkPolicy,
    within: Confinement<'_>,
    cache: &PackageCache,
    not_code: &NotCode,
) -> Result<Zipped, PackageError> {
    zip_at_most(ENTRIES_MAX, root, links, within, cache, not_code)
}

/// Does the same for a directory of at most this number of entries. Links that are followed can make many out of few.
pub(super) fn zip_at_most(
    most: usize,
    root: &Path,
    links: LinkPolicy,
    within: Confinement<'_>,
    cache: &PackageCache,
    not_code: &NotCode,
) -> Result<Zipped, PackageError> {
    within.resolve(root).map_err(unreadable(root))?;
    if !fs::metadata(root).map_err(unreadable(root))?.is_dir() {
        return Err(PackageError::NotADirectory(root.into()));
    }
    let real_root = root.canonicalize().map_err(unreadable(root))?;
    let mut walk = Walk {
        links,
        within,
        around: Vec::new(),
        real_root: real_root.clone(),
        patterns: IgnorePatterns::defaults()?,
        cache: cache.real_folder(),
        not_code,
        items: BTreeMap::new(),
        left: most,
        size: 0,
    };
    walk.directory(root, real_root, Path::new(""))?;
    if walk.size >= UNZIPPED_LIMIT {
        return Err(PackageError::UnzippedTooLarge(walk.size));
    }
    if walk.items.values().all(|item| matches!(item, Item::EmptyDirectory)) {
        return Err(PackageError::Empty(root.into()));
    }
    if cache.is_off() {
        return Ok(Zipped { bytes: pack(&walk.items, within, None)?, known: None });
    }
    let (mut found, mut entries) = (Fingerprint::new(), Vec::new());
    visit(&walk.items, within, |name, packed| {
        let entry = packed.entry();
        found.add(name, &entry);
        entries.push((packed.name(name)?, entry));
        Ok(())
    })?;
    if let Some((bytes, sha256)) = cache.find(found) {
        return Ok(Zipped { bytes, known: Some((Contents::new(entries)?, sha256)) });
    }
    let mut packed = Fingerprint::new();
    let bytes = pack(&walk.items, within, Some(&mut packed))?;
    cache.store(packed, &bytes);
    Ok(Zipped { bytes, known: None })
}

/// A zipped directory.
#[derive(Debug)]
pub struct Zipped {
    /// The zip file.
    pub bytes: Vec<u8>,
    /// What it unpacks to and its SHA-256, if the zip was kept from an earlier run.
    pub known: Option<(Contents, [u8; 32])>,
}

/// A walk through a directory.
struct Walk<'f> {
    links: LinkPolicy,
    within: Confinement<'f>,
    /// The directory and those around it, without links in their paths.
    around: Vec<PathBuf>,
    real_root: PathBuf,
    patterns: IgnorePatterns,
    /// The folder of the cache, which is no code.
    cache: Option<PathBuf>,
    not_code: &'f NotCode,
    items: BTreeMap<String, Item>,
    /// The number of entries that may still come, also of those that are left out.
    left: usize,
    /// The bytes of the files so far.
    size: u64,
}

impl Walk<'_> {
    /// Takes in what lies in a directory. `real` is its path without links, `relative` its path in the package.
    fn directory(&mut self, path: &Path, real: PathBuf, relative: &Path) -> Result<(), PackageError> {
        if self.cache.as_ref() == Some(&real) {
            return Ok(());
        }
        let has_patterns = self.patterns.enter(path, relative, self.within)?;
        let mut entries = Vec::new();
        for entry in fs::read_dir(path).map_err(unreadable(path))? {
            entries.push(entry.map_err(unreadable(path))?.file_name());
        }
        if entries.is_empty() && !relative.as_os_str().is_empty() {
            self.add(relative, path, Item::EmptyDirectory)?;
        }
        entries.sort();
        self.around.push(real.clone());
        for name in entries.into_iter().filter(|name| name != IGNORE_FILE) {
            self.entry(&path.join(&name), real.join(&name), &relative.join(&name))?;
        }
        self.around.pop();
        if has_patterns {
            self.patterns.leave();
        }
        Ok(())
    }

    fn entry(&mut self, path: &Path, real: PathBuf, relative: &Path) -> Result<(), PackageError> {
        self.left = self.left.checked_sub(1).ok_or(PackageError::TooManyFiles)?;
        let metadata = fs::symlink_metadata(path).map_err(unreadable(path))?;
        let kind = metadata.file_type();
        // A pattern for directories only, such as `build/`, also leaves out a link that could lead to one.
        let is_ignored = |is_directory| self.patterns.ignore(relative, is_directory);
        if is_ignored(kind.is_dir()) || (kind.is_symlink() && is_ignored(true)) {
            return Ok(());
        }
        if kind.is_dir() {
            return self.directory(path, real, relative);
        }
        if kind.is_symlink() {
            return match self.links {
                LinkPolicy::Follow => self.follow(path, relative),
                LinkPolicy::Keep => self.pack_link(path, relative),
            };
        }
        refuse_special(path, kind)?;
        if self.not_code.has(&real) {
            return Ok(());
        }
        self.size = self.size.saturating_add(metadata.len());
        self.add(relative, path, Item::File(path.to_owned()))
    }

    /// Takes in what a link leads to, under the link's name.
    fn follow(&mut self, path: &Path, relative: &Path) -> Result<(), PackageError> {
        let Ok(target) = path.canonicalize() else {
            let target = fs::read_link(path).map_err(unreadable(path))?;
            return Err(PackageError::BrokenLink { path: path.into(), target: Shown(target) });
        };
        if !target.starts_with(&self.real_root) {
            return Err(PackageError::EscapingLink { path: path.into(), target: Shown(target) });
        }
        let metadata = fs::metadata(&target).map_err(unreadable(path))?;
        if metadata.is_dir() {
            if self.around.contains(&target) {
                return Err(PackageError::EndlessLink(path.into()));
            }
            return self.directory(path, target, relative);
        }
        refuse_special(path, metadata.file_type())?;
        self.size = self.size.saturating_add(metadata.len());
        self.add(relative, path, Item::File(target))
    }

    /// Takes in a link as a link.
    fn pack_link(&mut self, path: &Path, relative: &Path) -> Result<(), PackageError> {
        let target = fs::read_link(path).map_err(unreadable(path))?;
        let is_here = || target.canonicalize().is_ok_and(|target| target.starts_with(&self.real_root));
        if target.is_absolute() && (target.starts_with(&self.real_root) || is_here()) {
            return Err(PackageError::AbsoluteLink { path: path.into(), target: Shown(target) });
        }
        let Some(text) = target.to_str() else { return Err(PackageError::NotUtf8(path.into())) };
        let text = if cfg!(windows) { text.replace('\\', "/") } else { text.to_owned() };
        self.add(relative, path, Item::Link(text))
    }

    fn add(&mut self, relative: &Path, path: &Path, item: Item) -> Result<(), PackageError> {
        let parts: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
        let name = parts.ok_or_else(|| PackageError::NotUtf8(path.into()))?.join("/");
        self.items.insert(name, item);
        Ok(())
    }
}
