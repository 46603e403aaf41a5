//! Builds deployment packages.
//!
//! # Guarantees
//! The same files give the same bytes at any time: names are sorted, times are fixed, and modes are the two that Lambda
//! needs, 0755 for what is executable and 0644 for other files. An empty directory is packed; one whose files are all left
//! out is not.
//!
//! Nothing but files, directories and links is opened, and nothing that is read can make the memory grow without bound.
//!
//! # Caveats
//! Another version of the compressor may give other bytes, so packages are also compared by their [`Contents`]. Windows
//! has no executable bit, so there ELF files and scripts are executable, and the same files may give another package than
//! on Unix.
//!
//! [`Contents`]: crate::model::Contents

mod archive;
mod cache;
mod difference;
mod directory;
mod error;
mod ignored;
mod limits;
mod not_code;
mod pack;
mod reading;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::confinement::Confinement;
use crate::model::{Contents, EntryKind, LinkPolicy, Lookup, Package, PackageSource, escaped};
pub use archive::{contents, unambiguous_contents};
pub use cache::PackageCache;
pub use difference::difference;
use directory::Zipped;
use error::unreadable;
pub use error::{PackageError, Shown};
pub use ignored::{DEFAULTS, IGNORE_FILE};
pub use limits::MAX_ZIPPED_BYTES;
pub use not_code::NotCode;

/// The directory into which Lambda unpacks a function's code.
const MOUNT: &str = "/var/task";

/// Returns the path of a source; a relative one is relative to `base`.
pub fn path(source: &PackageSource, base: &Path) -> std::path::PathBuf {
    match source {
        PackageSource::Directory { path, .. } | PackageSource::ZipFile(path) => base.join(path),
    }
}

/// Builds a package of files that lie within a folder; a relative source is relative to `base`.
///
/// # Errors
/// See [`PackageError`].
pub fn build(source: &PackageSource, base: &Path, within: Confinement<'_>) -> Result<Package, PackageError> {
    build_cached(source, base, within, &PackageCache::default(), &NotCode::default())
}

/// Does the same without what is no code, unless the cache has the zip.
///
/// # Errors
/// See [`PackageError`].
pub fn build_cached(
    source: &PackageSource,
    base: &Path,
    within: Confinement<'_>,
    cache: &PackageCache,
    not_code: &NotCode,
) -> Result<Package, PackageError> {
    let path = path(source, base);
    let Zipped { bytes, known } = match source {
        PackageSource::Directory { links, .. } => directory::zip(&path, *links, within, cache, not_code)?,
        PackageSource::ZipFile(_) => Zipped { bytes: read_zip(&path, within)?, known: None },
    };
    if bytes.len() > MAX_ZIPPED_BYTES {
        return Err(PackageError::ZippedTooLarge(bytes.len() as u64));
    }
    let (contents, sha256) = match known {
        Some(known) => known,
        None => (contents(&bytes)?, Sha256::digest(&bytes).into()),
    };
    if let Some(name) = contents.repeated().next() {
        return Err(PackageError::Repeated(name.clone()));
    }
    if contents.entries().all(|(_, entry)| entry.is_directory()) {
        return Err(PackageError::EmptyZip);
    }
    if let PackageSource::Directory { links: LinkPolicy::Keep, .. } = source {
        refuse_broken_links(&contents)?;
    }
    Ok(Package { sha256: STANDARD.encode(sha256), bytes: bytes.into(), contents })
}

fn read_zip(path: &Path, within: Confinement<'_>) -> Result<Vec<u8>, PackageError> {
    let metadata = within.resolve(path).and_then(fs::metadata).map_err(unreadable(path))?;
    if metadata.is_dir() {
        return Err(PackageError::NotAZipFile(path.into()));
    }
    if let Some(kind) = reading::special(metadata.file_type()) {
        return Err(PackageError::SpecialSource { path: path.into(), kind });
    }
    if metadata.len() > MAX_ZIPPED_BYTES as u64 {
        return Err(PackageError::ZippedTooLarge(metadata.len()));
    }
    reading::read(path, within, MAX_ZIPPED_BYTES as u64)
}

/// Refuses a link to something that would be in the package and is not. A link to elsewhere may lead to a layer.
fn refuse_broken_links(contents: &Contents) -> Result<(), PackageError> {
    for (name, entry) in contents.entries() {
        let EntryKind::Link { target } = &entry.kind else { continue };
        if contents.find(name.bytes(), MOUNT) == Lookup::Missing {
            return Err(PackageError::UnpackedTarget { path: name.clone(), target: escaped(target) });
        }
    }
    Ok(())
}
