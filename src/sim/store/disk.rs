//! The account on disk: one JSON file a document, which people can read too.
//!
//! # Guarantees
//! - A process that is killed at any moment leaves the old document or the new one: a file is written under another name,
//!   synced and renamed. A write that was acknowledged is on disk (`tests/it/killed_server`).
//! - One process at a time has the folder open to change it.
//! - Files and folders are readable by their owner only, and no link in the folder is followed ([`files`]).
//!
//! # Assumptions
//! Renaming a file is atomic, and the system releases the lock of a process that dies.
//!
//! ```text
//! sim.json                             the format, and how often the account was opened to be changed
//! lock                                 held while a process has the account open
//! REGION/capacity/NAME.json            a capacity provider
//! REGION/functions/NAME.json           a function with its versions, aliases and all that lives with it
//! REGION/layers/NAME.json              a layer with its versions
//! REGION/tombstones/NAME.json          a function that was deleted and is still read
//! REGION/mappings/UUID.json            an event source mapping
//! REGION/signing/ID.json               a code signing configuration
//! blobs/SHA256                         a deployment package
//! ```

#![expect(clippy::disallowed_methods, reason = "this is where the account is kept on disk")]

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::files;
use crate::sim::context::identifiers::is_region;

/// The layout of the folder. Another number is refused, not guessed at.
const FORMAT: u32 = 3;

/// The reason why the account's folder cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// The file system refused.
    #[error("could not {action} {}: {error}", path.display())]
    File {
        /// The action, such as `read`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the file system.
        error: io::Error,
    },
    /// A document is not the JSON that this program writes.
    #[error("could not {action} {}: {error}", path.display())]
    Json {
        /// The action, `read` or `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the parser.
        error: serde_json::Error,
    },
    /// Another version of this program wrote the folder.
    #[error("{} has format {format}; this program reads format {FORMAT}", folder.display())]
    OtherFormat {
        /// The folder.
        folder: PathBuf,
        /// Its format.
        format: u32,
    },
    /// Another process has the folder open.
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// A name leads out of the folder.
    #[error("{} is not a path in the account's folder", .0.display())]
    OutsideFolder(PathBuf),
}

impl DiskError {
    fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DiskError + use<> {
        let path = path.to_owned();
        move |error| DiskError::File { action, path, error }
    }

    fn json(action: &'static str, path: &Path) -> impl FnOnce(serde_json::Error) -> DiskError + use<> {
        let path = path.to_owned();
        move |error| DiskError::Json { action, path, error }
    }

    /// Returns the cause without the names of files, because the folder is not for the simulator's clients.
    pub(crate) fn cause(&self) -> String {
        match self {
            DiskError::File { error, .. } => error.to_string(),
            DiskError::Json { error, .. } => error.to_string(),
            DiskError::OtherFormat { format, .. } => format!("it has format {format}"),
            DiskError::InUse(_) => "another process uses it".to_owned(),
            DiskError::OutsideFolder(_) => "the name is not a file name".to_owned(),
        }
    }
}

/// A folder that this process alone has open.
#[derive(Debug)]
pub(crate) struct DataDir {
    folder: PathBuf,
    opened: u64,
    /// True once `sim.json` holds this count. It is written with the first change, so that an account that is only read writes nothing.
    counted: AtomicBool,
    // Holding the file is what holds the lock; the system lets go of it when the process dies, however it dies.
    _lock: File,
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    opened: u64,
}

impl DataDir {
    /// Opens `folder`, and creates it if it does not exist.
    pub(crate) fn open(folder: &Path) -> Result<DataDir, DiskError> {
        files::create_folder(folder).map_err(DiskError::file("create", folder))?;
        let lock = lock(folder)?;
        let path = folder.join("sim.json");
        let head = match files::within(folder, Path::new("sim.json")).and_then(fs::read) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(DiskError::json("read", &path))?,
            Err(error) if error.kind() == ErrorKind::NotFound => Header { format: FORMAT, opened: 0 },
            Err(error) => return Err(DiskError::file("read", &path)(error)),
        };
        if head.format != FORMAT {
            return Err(DiskError::OtherFormat { folder: folder.to_owned(), format: head.format });
        }
        let counted = AtomicBool::new(false);
        Ok(DataDir { folder: folder.to_owned(), opened: head.opened + 1, counted, _lock: lock })
    }

    /// Returns how often the folder was opened to be changed, this time included.
    pub(crate) fn opened(&self) -> u64 {
        self.opened
    }

    /// Returns the file of a document. Names come from requests, and whatever checks them elsewhere, none leads out of the folder.
    fn place(&self, path: &str) -> Result<PathBuf, DiskError> {
        let path = Path::new(path);
        if !path.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(DiskError::OutsideFolder(path.to_owned()));
        }
        files::within(&self.folder, path).map_err(DiskError::file("use", &self.folder.join(path)))
    }

    /// Writes a document; it is on disk when this returns.
    pub(crate) fn put(&self, path: &str, document: &impl Serialize) -> Result<(), DiskError> {
        let bytes = pretty(document).map_err(DiskError::json("write", Path::new(path)))?;
        self.write(path, &bytes)
    }

    /// Writes bytes; they are on disk when this returns.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) -> Result<(), DiskError> {
        let path = self.place(path)?;
        if !self.counted.load(Ordering::Relaxed) {
            let head = self.place("sim.json")?;
            let bytes = pretty(&Header { format: FORMAT, opened: self.opened });
            let bytes = bytes.map_err(DiskError::json("write", &head))?;
            files::replace(&head, &bytes).map_err(DiskError::file("write", &head))?;
            self.counted.store(true, Ordering::Relaxed);
        }
        files::replace(&path, bytes).map_err(DiskError::file("write", &path))
    }

    /// Removes a document, durably when this returns.
    pub(crate) fn remove(&self, path: &str) -> Result<(), DiskError> {
        let path = self.place(path)?;
        match fs::remove_file(&path) {
            Ok(()) => files::sync_folder(&path),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
        .map_err(DiskError::file("remove", &path))
    }

    /// The bytes at `path`, if there are any.
    pub(crate) fn read(&self, path: &str) -> Option<Vec<u8>> {
        fs::read(self.place(path).ok()?).ok()
    }

    /// The regions that have a folder.
    pub(crate) fn regions(&self) -> Result<Vec<String>, DiskError> {
        let mut regions = Vec::new();
        let unreadable = || DiskError::file("read", &self.folder);
        for entry in fs::read_dir(&self.folder).map_err(unreadable())? {
            let entry = entry.map_err(unreadable())?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type().map_err(unreadable())?.is_dir() && is_region(&name) {
                regions.push(name);
            }
        }
        regions.sort();
        Ok(regions)
    }

    /// Takes each document in `folder`, with the key that [`file_name`] made a name of. One at a time, because thousands of them
    /// side by side take twice the memory that they take in their places.
    pub(crate) fn documents<T: DeserializeOwned>(
        &self,
        folder: &str,
        mut take: impl FnMut(String, T),
    ) -> Result<(), DiskError> {
        let folder = self.place(folder)?;
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(DiskError::file("read", &folder)(error)),
        };
        for entry in entries {
            let path = entry.map_err(DiskError::file("read", &folder))?.path();
            // What else is there is a document that was being written when the process died.
            if path.extension().is_some_and(|extension| extension == "json") {
                let name = Path::new(path.file_name().unwrap_or_default());
                let bytes = files::within(&folder, name).and_then(fs::read).map_err(DiskError::file("read", &path))?;
                let document = serde_json::from_slice(&bytes).map_err(DiskError::json("read", &path))?;
                take(key(&path.file_stem().unwrap_or_default().to_string_lossy()), document);
            }
        }
        Ok(())
    }
}

fn lock(folder: &Path) -> Result<File, DiskError> {
    let path = folder.join("lock");
    let file = files::within(folder, Path::new("lock")).and_then(|path| files::open_lock(&path));
    let file = file.map_err(DiskError::file("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DiskError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(DiskError::file("lock", &path)(error)),
    }
}

fn pretty(document: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(document)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A file name for a key. Some file systems do not distinguish capitals from small letters, so behind a `~` stand hexadecimal
/// digits that say of four letters each which are capitals. The longest name that AWS takes still makes a file name.
pub(crate) fn file_name(key: &str) -> String {
    let small = key.to_ascii_lowercase();
    let letters: Vec<bool> = key.bytes().map(|byte| byte.is_ascii_uppercase()).collect();
    if !letters.contains(&true) {
        return format!("{small}.json");
    }
    let digit = |four: &[bool]| four.iter().rev().fold(0_u32, |digit, capital| digit * 2 + u32::from(*capital));
    let capitals: String = letters.chunks(4).filter_map(|four| char::from_digit(digit(four), 16)).collect();
    format!("{small}~{}.json", capitals.trim_end_matches('0'))
}

fn key(stem: &str) -> String {
    let Some((small, capitals)) = stem.split_once('~') else { return stem.to_owned() };
    let digits: Vec<u32> = capitals.chars().map(|digit| digit.to_digit(16).unwrap_or(0)).collect();
    let is_capital = |at: usize| digits.get(at / 4).is_some_and(|digit| digit >> (at % 4) & 1 == 1);
    let raise = |(at, letter): (usize, char)| if is_capital(at) { letter.to_ascii_uppercase() } else { letter };
    small.char_indices().map(raise).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_or_read_outside_of_the_folder() {
        let around = tempfile::tempdir().expect("a folder");
        let store = DataDir::open(&around.path().join("data")).expect("a store");
        for path in ["../evil/f.json", "/tmp/f.json", "us-east-1/../../evil/f.json", ".."] {
            assert!(store.write(path, b"{}").is_err() && store.remove(path).is_err(), "{path}");
            assert!(store.read(path).is_none(), "{path}");
        }
        let there: Vec<_> = fs::read_dir(around.path()).expect("a folder").collect();
        assert_eq!(there.len(), 1, "{there:?}");
    }

    #[test]
    fn names_that_differ_in_case_have_files_that_differ_otherwise() {
        assert_eq!(file_name("orders"), "orders.json");
        assert_eq!(file_name("myFnX"), "myfnx~41.json");
        assert_eq!(key("myfnx~41"), "myFnX");
        let longest = "A".repeat(140);
        assert!(file_name(&longest).len() < 200);
        assert_eq!(key(file_name(&longest).trim_end_matches(".json")), longest);
    }
}
