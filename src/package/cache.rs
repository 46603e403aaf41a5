//! Zips of directories, kept from run to run, so that files that have not changed are not compressed again.
//!
//! A zip is found by a digest of what is in it: names, modes and contents. Reading and hashing a gigabyte takes a second, and
//! compressing it takes ten, so sizes and times of files are not asked: build tools set them to one value, file systems round them,
//! and a write through a memory map shows in none of them until much later.
//!
//! # Guarantees
//! A zip is stored under the digest of the bytes that were packed, also if files changed meanwhile. One that was cut short is not
//! used. The folder is left out of packages.
//!
//! # Caveats
//! Whoever can write to the folder decides what is deployed, so it is the user's own, like the files themselves.
#![expect(clippy::disallowed_methods, reason = "the cache is in files, and their age is that of their last use")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::limits::MAX_ZIPPED_BYTES;
use crate::model::{Entry, EntryKind, Mode};

/// The bytes that the zips may have together; those that were not used for longest are deleted first.
const MOST_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// The time after which a zip that nobody used is deleted, and what a killed run left.
const FORGOTTEN: Duration = Duration::from_secs(30 * 24 * 3600);

/// The file name of a zip.
const EXTENSION: &str = "zip";

/// The folder of the zips that are kept; nothing is kept without one.
#[derive(Clone, Debug, Default)]
pub struct PackageCache(Option<PathBuf>);

/// A digest of what is packed.
pub(super) struct Fingerprint(Sha256);

impl PackageCache {
    /// Keeps zips in a folder, which is created when it is needed.
    pub fn in_folder(folder: PathBuf) -> PackageCache {
        PackageCache(Some(folder))
    }

    /// Tests if nothing is kept.
    pub(super) fn is_off(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the folder without links in its path, if it exists.
    pub(super) fn real_folder(&self) -> Option<PathBuf> {
        self.0.as_ref()?.canonicalize().ok()
    }

    /// Returns the zip of what has this fingerprint, and its SHA-256, if it was kept whole.
    pub(super) fn find(&self, fingerprint: Fingerprint) -> Option<(Vec<u8>, [u8; 32])> {
        let path = self.path(fingerprint)?;
        // Anything but a file could wait forever.
        if !fs::symlink_metadata(&path).ok()?.is_file() {
            return None;
        }
        let mut zip = fs::read(&path).ok()?;
        let digest = zip.split_off(zip.len().checked_sub(Sha256::output_size())?);
        let sha256: [u8; 32] = Sha256::digest(&zip).into();
        if digest != sha256 {
            return None;
        }
        // Its time is that of its last use.
        let _ = fs::File::options().write(true).open(path).and_then(|file| file.set_modified(SystemTime::now()));
        Some((zip, sha256))
    }

    /// Keeps the zip of what has this fingerprint, if it may be uploaded. A cache that cannot be written is no cache.
    pub(super) fn store(&self, fingerprint: Fingerprint, zip: &[u8]) {
        if let Some(path) = self.path(fingerprint).filter(|_| zip.len() <= MAX_ZIPPED_BYTES) {
            // Kept or not, the package is whole.
            let _ = write(&path, zip).and_then(|folder| tidy(&folder));
        }
    }

    fn path(&self, Fingerprint(hash): Fingerprint) -> Option<PathBuf> {
        Some(self.0.as_ref()?.join(hex::encode(hash.finalize())).with_extension(EXTENSION))
    }
}

/// Writes a zip with its digest behind it, completely or not at all. Returns its folder.
fn write(path: &Path, zip: &[u8]) -> std::io::Result<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    // Code may be private.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(zip)?;
    file.write_all(&Sha256::digest(zip))?;
    file.persist(path)?;
    Ok(folder.to_owned())
}

/// Deletes what nobody used for long, and what exceeds the size of the cache. Only files of the cache are touched.
fn tidy(folder: &Path) -> std::io::Result<()> {
    let is_ours = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.extension().is_some_and(|it| it == EXTENSION) || name.starts_with(".tmp")
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let (path, metadata) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?)))?;
        if metadata.is_file() && is_ours(&path) {
            files.push((metadata.modified()?, metadata.len(), path));
        }
    }
    // The latest first.
    files.sort_by(|a, b| b.cmp(a));
    let mut bytes = 0_u64;
    for (used, length, path) in files {
        bytes = bytes.saturating_add(length);
        let is_forgotten = SystemTime::now().duration_since(used).is_ok_and(|age| age > FORGOTTEN);
        if is_forgotten || bytes > MOST_BYTES {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

impl Fingerprint {
    /// The fingerprint of an empty package.
    pub fn new() -> Fingerprint {
        let mut fingerprint = Fingerprint(Sha256::new());
        // Another version may compress otherwise.
        fingerprint.part(env!("CARGO_PKG_VERSION").as_bytes());
        fingerprint
    }

    /// Adds what is packed under a name.
    pub fn add(&mut self, name: &str, entry: &Entry) {
        self.part(name.as_bytes());
        if let Mode::Unix(mode) = entry.mode {
            self.part(&mode.to_be_bytes());
        }
        match &entry.kind {
            EntryKind::File { sha256, .. } => self.part(sha256),
            EntryKind::Directory => self.part(b"directory"),
            EntryKind::Link { target } => {
                self.part(b"link");
                self.part(target);
            }
        }
    }

    fn part(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }
}
