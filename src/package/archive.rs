//! Reads zip files, without trusting what they declare.

use std::collections::BTreeSet;
use std::io::{self, Cursor, Read, Write};

use sha2::{Digest, Sha256};
use zip::read::ZipFile;
use zip::result::ZipError;
use zip::{System, ZipArchive};

use super::error::PackageError;
use super::limits::{ENTRIES_MAX, UNZIPPED_LIMIT};
use crate::model::{Contents, Entry, EntryKind, EntryName, FileFormat, Mode, escaped};

/// The bits of a Unix mode that say what kind of file it is, and their values.
const KIND: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const DIRECTORY: u32 = 0o040_000;
const LINK: u32 = 0o120_000;

/// The attribute of a directory on Windows.
const WINDOWS_DIRECTORY: u32 = 0x10;

/// The length and the signature of a header in the table of entries.
const HEADER: usize = 46;
const SIGNATURE: &[u8] = b"PK\x01\x02";

/// An entry of a zip file in memory.
type ZippedEntry<'e, 'b> = ZipFile<'e, Cursor<&'b [u8]>>;

/// The longest target of a link, in bytes.
const TARGET_MAX: u64 = 4096;

/// Returns what a zip file unpacks to.
///
/// # Errors
/// It is no zip file, cannot be unpacked, or is larger than Lambda allows.
pub fn contents(bytes: &[u8]) -> Result<Contents, PackageError> {
    read(bytes, false)
}

/// Returns what a zip file unpacks to, whichever of its two tables of entries is believed.
///
/// # Errors
/// Those of [`contents`], and the tables differ.
pub fn unambiguous_contents(bytes: &[u8]) -> Result<Contents, PackageError> {
    read(bytes, true)
}

fn read(bytes: &[u8], is_strict: bool) -> Result<Contents, PackageError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(PackageError::NotAZip)?;
    if archive.len() > ENTRIES_MAX {
        return Err(PackageError::TooManyFiles);
    }
    let mut declared = 0_u64;
    for index in 0..archive.len() {
        declared = declared.saturating_add(archive.by_index_data(index)?.size());
    }
    if declared >= UNZIPPED_LIMIT {
        return Err(PackageError::UnzippedTooLarge(declared));
    }
    // The archive has one entry for each name.
    let repeated = if archive.has_duplicate_names() {
        repeated_names(bytes, archive.central_directory_start())
    } else {
        BTreeSet::new()
    };
    if is_strict && repeated.is_empty() {
        archive.validate_header_consistency()?;
    }
    let mut entries = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index)?;
        let (raw, is_encrypted) = (entry.name_raw().to_vec(), entry.encrypted());
        let name = EntryName::parse(&raw).map_err(|reason| PackageError::Name { name: escaped(&raw), reason })?;
        if is_encrypted {
            return Err(PackageError::Encrypted(name));
        }
        let unpacked = unpack(&name, archive.by_index(index)?)?;
        if name.is_root() {
            continue;
        }
        if repeated.contains(raw.as_slice()) {
            entries.push((name.clone(), unpacked.clone()));
        }
        entries.push((name, unpacked));
    }
    Ok(Contents::new(entries)?)
}

/// Returns the names that stand more than once in the table of entries, which begins at `start`.
fn repeated_names(bytes: &[u8], start: u64) -> BTreeSet<&[u8]> {
    let (mut seen, mut repeated) = (BTreeSet::new(), BTreeSet::new());
    let mut left = usize::try_from(start).ok().and_then(|start| bytes.get(start..)).unwrap_or_default();
    while let Some((header, rest)) = left.split_at_checked(HEADER).filter(|(header, _)| header.starts_with(SIGNATURE)) {
        let length = |at: usize| usize::from(u16::from_le_bytes([header[at], header[at + 1]]));
        let (name, more) = (length(28), length(30) + length(32));
        let Some(name_and_more) = rest.get(..name + more) else { break };
        if !seen.insert(&name_and_more[..name]) {
            repeated.insert(&name_and_more[..name]);
        }
        left = &rest[name + more..];
    }
    repeated
}

/// Reads one entry to its end, where its checksum is compared.
fn unpack(name: &EntryName, entry: ZippedEntry<'_, '_>) -> Result<Entry, PackageError> {
    let attributes = entry.external_attributes();
    let is_unix = matches!(entry.system(), System::Unix | System::OsDarwin);
    let bits = if is_unix { attributes >> 16 } else { 0 };
    let mode = if is_unix { Mode::Unix((bits & 0o7777) as u16) } else { Mode::Unset };
    let is_named_directory = entry.name_raw().ends_with(b"/");
    let is_windows_directory = !is_unix && attributes & WINDOWS_DIRECTORY != 0;
    if is_named_directory || is_windows_directory || bits & KIND == DIRECTORY {
        return Ok(Entry { kind: EntryKind::Directory, mode });
    }
    let kind = match bits & KIND {
        0 | REGULAR => file(name, entry)?,
        LINK => link(name, entry)?,
        _ => return Err(PackageError::SpecialEntry(name.clone())),
    };
    Ok(Entry { kind, mode })
}

fn file(name: &EntryName, mut entry: ZippedEntry<'_, '_>) -> Result<EntryKind, PackageError> {
    let declared = entry.size();
    let mut taken = Digested { hash: Sha256::new(), head: Vec::new() };
    // One byte more than declared shows that the entry is not what it says.
    let size = io::copy(&mut entry.by_ref().take(declared + 1), &mut taken).map_err(ZipError::Io)?;
    if size != declared {
        return Err(PackageError::WrongSize(name.clone()));
    }
    let Digested { hash, head } = taken;
    Ok(EntryKind::File { size, sha256: hash.finalize().into(), format: FileFormat::of(&head) })
}

fn link(name: &EntryName, mut entry: ZippedEntry<'_, '_>) -> Result<EntryKind, PackageError> {
    let declared = entry.size();
    let mut target = Vec::new();
    entry.by_ref().take(declared.min(TARGET_MAX) + 1).read_to_end(&mut target).map_err(ZipError::Io)?;
    if target.len() as u64 != declared {
        return Err(PackageError::WrongSize(name.clone()));
    }
    Ok(EntryKind::Link { target })
}

/// Takes the hash of what is written to it, and its first bytes.
struct Digested {
    hash: Sha256,
    head: Vec<u8>,
}

impl Write for Digested {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = FileFormat::HEAD - self.head.len();
        self.head.extend(&bytes[..left.min(bytes.len())]);
        self.hash.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
