//! Packs what was found in a directory, the same way every time.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::cache::Fingerprint;
use super::error::{PackageError, unreadable};
use super::limits::UNZIPPED_LIMIT;
use super::reading::read;
use crate::confinement::Confinement;
use crate::model::{Entry, EntryKind, EntryName, FileFormat, Mode, escaped};

/// The compression level: zlib's own default, fixed so that it cannot change unnoticed.
const LEVEL: i64 = 6;

/// The mode of a directory, and that which zip files give to links.
const DIRECTORY_MODE: u16 = 0o755;
const LINK_MODE: u16 = 0o777;

/// What is packed under a name.
pub(super) enum Item {
    /// The file at this path.
    File(PathBuf),
    /// A directory that is empty.
    EmptyDirectory,
    /// A link to this path.
    Link(String),
}

/// What is packed under a name, as it is at that moment.
pub(super) enum Packed<'p> {
    /// A file.
    File {
        /// Its content.
        content: &'p [u8],
        /// Its mode in the package.
        mode: u16,
    },
    /// A directory that is empty.
    EmptyDirectory,
    /// A link to this path.
    Link(&'p str),
}

impl Packed<'_> {
    /// Returns it as it is unpacked.
    pub fn entry(&self) -> Entry {
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
    pub fn name(&self, name: &str) -> Result<EntryName, PackageError> {
        let slash = if matches!(self, Packed::EmptyDirectory) { "/" } else { "" };
        let raw = format!("{name}{slash}");
        EntryName::parse(raw.as_bytes()).map_err(|reason| PackageError::Name { name: escaped(raw.as_bytes()), reason })
    }
}

/// Reads what is packed, one after the other.
pub(super) fn visit(
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
pub(super) fn pack(
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
