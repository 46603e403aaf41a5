//! A deployment package: the bytes that Lambda would be given, and what is in them.

use std::path::PathBuf;
use std::sync::Arc;

/// The source of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackageSource {
    /// A directory, zipped the same way every time.
    Directory(PathBuf),
    /// A zip file, deployed unchanged.
    ZipFile(PathBuf),
}

/// A zip file in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The zip file.
    pub bytes: Arc<[u8]>,
    /// Lambda's CodeSha256: the SHA-256 of the bytes, in base64.
    pub sha256: String,
    /// Its files, in the order of names.
    pub files: Vec<PackagedFile>,
}

/// One file of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackagedFile {
    /// Its name, with `/` between directories.
    pub name: String,
    /// Its length in bytes.
    pub size: u64,
    /// The SHA-256 of its content, in hex.
    pub sha256: String,
    /// True if it is executable; a `bootstrap` has to be.
    pub executable: bool,
}
