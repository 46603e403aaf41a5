//! Zips of directories, kept from run to run, so that a directory that has not changed is not zipped again.
//!
//! A zip is found by what the file system says of its files: path, inode, size, mode and both times. No file is opened to find it.
//!
//! # Guarantees
//! A changed file gives another zip (`tests/it/packages.rs`). The time of the last modification can be set, as build tools do
//! to make packages reproducible, so it is not enough; that of the last change of the inode cannot, and every write changes it.
//! A file that changed within the last [`UNCERTAIN`] could change again with no other time, so its zip is not kept. A zip that was cut short
//! is not used.
//!
//! # Caveats
//! Where files have no such time, as on Windows, nothing is kept. Whoever can write to the folder decides what is deployed, so
//! it is the user's own, like the files themselves.
#![expect(clippy::disallowed_methods, reason = "the cache is in files, and their times are compared with the clock")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

/// The time for which a file that has changed may change again unnoticed: the coarsest clocks of file systems count seconds.
const UNCERTAIN: Duration = Duration::from_secs(3);

/// The time after which a zip that nobody used is deleted.
const FORGOTTEN: Duration = Duration::from_secs(30 * 24 * 3600);

/// The file name of a zip.
const EXTENSION: &str = "zip";

/// The folder of the zips that are kept; nothing is kept without one.
#[derive(Clone, Debug, Default)]
pub struct PackageCache(Option<PathBuf>);

/// The files of a directory as the file system describes them.
pub(super) struct Fingerprint {
    hash: Sha256,
    /// The latest change; none if the zip cannot be told from another.
    changed: Option<SystemTime>,
}

impl PackageCache {
    /// Keeps zips in a folder, which is created when it is needed.
    pub fn in_folder(folder: PathBuf) -> PackageCache {
        PackageCache(Some(folder))
    }

    /// Returns the zip of these files, or makes and keeps it. A cache that cannot be read or written is no cache.
    pub(super) fn zip<E>(&self, files: Fingerprint, make: impl FnOnce() -> Result<Vec<u8>, E>) -> Result<Vec<u8>, E> {
        let settled = |changed| SystemTime::now().duration_since(changed).is_ok_and(|age| age > UNCERTAIN);
        let path = match (&self.0, files.changed) {
            (Some(folder), Some(changed)) if settled(changed) => {
                folder.join(hex::encode(files.hash.finalize())).with_extension(EXTENSION)
            }
            _ => return make(),
        };
        if let Some(zip) = read(&path) {
            return Ok(zip);
        }
        let zip = make()?;
        // Kept or not, the package is whole.
        let _ = store(&path, &zip);
        Ok(zip)
    }
}

/// Returns a zip that was kept whole.
fn read(path: &Path) -> Option<Vec<u8>> {
    let mut zip = fs::read(path).ok()?;
    let digest = zip.split_off(zip.len().checked_sub(Sha256::output_size())?);
    if digest.as_slice() != Sha256::digest(&zip).as_slice() {
        return None;
    }
    // Its time is that of its last use.
    let _ = fs::File::open(path).and_then(|file| file.set_modified(SystemTime::now()));
    Some(zip)
}

/// Keeps a zip, with its digest behind it, and deletes those that nobody used for long.
fn store(path: &Path, zip: &[u8]) -> std::io::Result<()> {
    let Some(folder) = path.parent() else { return Ok(()) };
    create_own(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(zip)?;
    file.write_all(&Sha256::digest(zip))?;
    file.persist(path)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let used = entry.metadata()?.modified()?;
        let is_forgotten = SystemTime::now().duration_since(used).is_ok_and(|age| age > FORGOTTEN);
        if is_forgotten && entry.path().extension().is_some_and(|it| it == EXTENSION) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Creates a folder that only its owner can read, because code may be private.
fn create_own(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

impl Fingerprint {
    /// The fingerprint of a directory, without its files yet.
    pub fn of(root: &Path) -> Fingerprint {
        let mut fingerprint = Fingerprint { hash: Sha256::new(), changed: Some(SystemTime::UNIX_EPOCH) };
        // Another version may zip otherwise.
        fingerprint.add(env!("CARGO_PKG_VERSION").as_bytes());
        fingerprint.add(root.as_os_str().as_encoded_bytes());
        fingerprint
    }

    /// Adds what tells one package from another.
    pub fn add(&mut self, bytes: &[u8]) {
        self.hash.update((bytes.len() as u64).to_be_bytes());
        self.hash.update(bytes);
    }

    /// Adds a file.
    #[cfg(unix)]
    pub fn add_file(&mut self, metadata: &fs::Metadata) {
        use std::os::unix::fs::MetadataExt;
        let times = [metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec()];
        let numbers = [metadata.dev(), metadata.ino(), metadata.size(), metadata.mode().into()];
        for number in times.into_iter().map(i64::cast_unsigned).chain(numbers) {
            self.add(&number.to_be_bytes());
        }
        let seconds = u64::try_from(metadata.ctime().max(metadata.mtime())).ok();
        let changed = seconds.map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        self.changed = self.changed.zip(changed).map(|(one, other)| one.max(other));
    }

    /// Adds a file, whose changes nothing shows.
    #[cfg(not(unix))]
    pub fn add_file(&mut self, _metadata: &fs::Metadata) {
        self.changed = None;
    }
}
