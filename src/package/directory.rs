//! Finds the files of a directory to pack, and packs them the same way every time.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::cache::{Fingerprint, PackageCache};
use super::error::{PackageError, Shown, unreadable};
use super::ignored::{IGNORE_FILE, IgnorePatterns};
use super::limits::{ENTRIES_MAX, UNZIPPED_LIMIT};
use super::reading::{read, refuse_special};
use crate::confinement::Confinement;
use crate::model::{Contents, Entry, EntryKind, EntryName, FileFormat, LinkPolicy, Mode, escaped};

/// The compression level: zlib's own default, fixed so that it cannot change unnoticed.
const LEVEL: i64 = 6;

/// The mode of a directory, and that which zip files give to links.
const DIRECTORY_MODE: u16 = 0o755;
const LINK_MODE: u16 = 0o777;

/// What is packed under a name.
enum Item {
    /// The file at this path.
    File(PathBuf),
    /// A directory that is empty.
    EmptyDirectory,
    /// A link to this path.
    Link(String),
}

/// Zips the files of a directory.
///
/// # Errors
/// See [`PackageError`].
pub fn zip(
    root: &Path,
    links: LinkPolicy,
    within: Confinement<'_>,
    cache: &PackageCache,
) -> Result<Zipped, PackageError> {
    zip_at_most(ENTRIES_MAX, root, links, within, cache)
}

/// Does the same for a directory of at most this number of entries. Links that are followed can make many out of few.
pub(super) fn zip_at_most(
    most: usize,
    root: &Path,
    links: LinkPolicy,
    within: Confinement<'_>,
    cache: &PackageCache,
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

/// What is packed under a name, as it is at that moment.
enum Packed<'p> {
    File { content: &'p [u8], mode: u16 },
    EmptyDirectory,
    Link(&'p str),
}

impl Packed<'_> {
    /// Returns it as it is unpacked.
    fn entry(&self) -> Entry {
        let (kind, mode) = match self {
            Packed::File { content, mode } => {
                let format = FileFormat::of(&content[..content.len().min(FileFormat::HEAD)]);
                let (size, sha256) = (content.len() as u64, Sha256::digest(content).into());
                (EntryKind::File { size, sha256, format }, *mode)
            }
            Packed::EmptyDirectory => (EntryKind::Directory, DIRECTORY_MODE),
            Packed::Link(target) => (EntryKind::Link { target: target.as_bytes().to_vec() }, LINK_MODE),
        };
        Entry { kind, mode: Mode::Unix(mode) }
    }

    /// Returns the name of its entry.
    fn name(&self, name: &str) -> Result<EntryName, PackageError> {
        let slash = if matches!(self, Packed::EmptyDirectory) { "/" } else { "" };
        let raw = format!("{name}{slash}");
        EntryName::parse(raw.as_bytes()).map_err(|reason| PackageError::Name { name: escaped(raw.as_bytes()), reason })
    }
}

/// Reads what is packed, one after the other.
fn visit(
    items: &BTreeMap<String, Item>,
    within: Confinement<'_>,
    mut each: impl FnMut(&str, Packed<'_>) -> Result<(), PackageError>,
) -> Result<(), PackageError> {
    let mut size = 0_u64;
    for (name, item) in items {
        match item {
            Item::File(path) => {
                // Only a file that grew since it was found, or one that hides its size, is larger than allowed.
                let content = read(path, within, UNZIPPED_LIMIT - size)?;
                size += content.len() as u64;
                if size >= UNZIPPED_LIMIT {
                    return Err(PackageError::UnzippedTooLarge(size));
                }
                let mode = if is_executable(executable_bit(path)?, &content) { 0o755 } else { 0o644 };
                each(name, Packed::File { content: &content, mode })?;
            }
            Item::EmptyDirectory => each(name, Packed::EmptyDirectory)?,
            Item::Link(target) => each(name, Packed::Link(target))?,
        }
    }
    Ok(())
}

/// Zips what is packed, and takes its fingerprint if one is asked for.
fn pack(
    items: &BTreeMap<String, Item>,
    within: Confinement<'_>,
    mut fingerprint: Option<&mut Fingerprint>,
) -> Result<Vec<u8>, PackageError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        .last_modified_time(DateTime::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    visit(items, within, |name, packed| {
        if let Some(fingerprint) = fingerprint.as_deref_mut() {
            fingerprint.add(name, &packed.entry());
        }
        match packed {
            Packed::File { content, mode } => {
                zip.start_file(name, options.unix_permissions(mode.into()))?;
                zip.write_all(content).map_err(ZipError::Io)?;
            }
            Packed::EmptyDirectory => {
                zip.add_directory(format!("{name}/"), options.unix_permissions(DIRECTORY_MODE.into()))?
            }
            Packed::Link(target) => zip.add_symlink(name, target, options)?,
        }
        Ok(())
    })?;
    Ok(zip.finish()?.into_inner())
}

/// Returns whether a file gets the mode 0755, not 0644, by the bit that the file system has, or by its content where file
/// systems have none.
fn is_executable(bit: Option<bool>, content: &[u8]) -> bool {
    bit.unwrap_or_else(|| FileFormat::of(&content[..content.len().min(FileFormat::HEAD)]).is_program())
}

#[cfg(unix)]
fn executable_bit(path: &Path) -> Result<Option<bool>, PackageError> {
    use std::os::unix::fs::PermissionsExt;
    Ok(Some(fs::metadata(path).map_err(unreadable(path))?.permissions().mode() & 0o111 != 0))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
fn executable_bit(_path: &Path) -> Result<Option<bool>, PackageError> {
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_executable_where_file_systems_have_no_bit_for_it() {
        for (content, is_program) in
            [(&b"#!/bin/sh\n"[..], true), (b"\x7fELF\x02", true), (b"import os", false), (b"", false)]
        {
            assert_eq!(is_executable(None, content), is_program, "{content:?}");
            assert!(is_executable(Some(true), content) && !is_executable(Some(false), content));
        }
    }
}
