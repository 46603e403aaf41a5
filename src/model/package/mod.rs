//! A deployment package: the bytes that Lambda would be given, and what they unpack to.

mod contents;
mod file_difference;
mod format;
mod name;
mod size;

use std::path::PathBuf;
use std::sync::Arc;

use crate::model::visible;

pub use contents::{Contents, ContentsError, Entry, EntryKind, Lookup, Mode};
pub use file_difference::{DifferentFile, FileDifference};
pub use format::{FileFormat, Machine};
pub use name::{EntryName, NameError};
pub use size::{ByteCount, FileSize, UNZIPPED_LIMIT};

/// The source of a package.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PackageSource {
    /// A directory, zipped the same way every time.
    Directory {
        /// The directory.
        path: PathBuf,
        /// The treatment of the symbolic links in it.
        links: LinkPolicy,
    },
    /// A zip file, deployed unchanged.
    ZipFile(PathBuf),
}

impl PackageSource {
    /// Returns the name of the directory, with a slash, or of the zip file.
    pub fn name(&self) -> String {
        let (path, slash) = match self {
            PackageSource::Directory { path, .. } => (path, "/"),
            PackageSource::ZipFile(path) => (path, ""),
        };
        let name = path.file_name().unwrap_or(path.as_os_str());
        format!("{}{slash}", visible(&name.to_string_lossy()))
    }

    /// The same source at another path.
    #[must_use]
    pub fn at(&self, path: PathBuf) -> PackageSource {
        match self {
            PackageSource::Directory { links, .. } => PackageSource::Directory { path, links: *links },
            PackageSource::ZipFile(_) => PackageSource::ZipFile(path),
        }
    }
}

/// The treatment of symbolic links when a directory is packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LinkPolicy {
    /// A link within the directory is replaced by what it leads to; one that leads out of it is refused.
    #[default]
    Follow,
    /// Links are packed as links.
    Keep,
}

/// A zip file in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The zip file.
    pub bytes: Arc<[u8]>,
    /// Lambda's CodeSha256: the SHA-256 of the bytes, in base64.
    pub sha256: String,
    /// What it unpacks to.
    pub contents: Contents,
}
