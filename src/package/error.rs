//! The reasons why a package cannot be built or read.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use zip::result::ZipError;

use super::limits::{ENTRIES_MAX, MAX_ZIPPED_BYTES, UNZIPPED_LIMIT};
use crate::model::{ByteCount, ContentsError, EntryName, NameError, escaped};

/// The reason why a package cannot be built or read.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// A file cannot be read.
    #[error("could not read {path}: {source}")]
    Read {
        /// The file.
        path: Shown,
        /// The error of the file system.
        source: io::Error,
    },
    /// The source is no directory.
    #[error("{0} is not a directory; for a zip file use `zip`")]
    NotADirectory(Shown),
    /// The source of a zip file is a directory.
    #[error("{0} is a directory; use `dir`")]
    NotAZipFile(Shown),
    /// A pipe, a socket or a device, which is never opened: reading it could wait forever.
    #[error(
        "{path} is {kind}, and only files, directories and symbolic links can be packed; delete it, or name it in \
             `.lambdaignore`"
    )]
    Special {
        /// The file.
        path: Shown,
        /// Its kind, with an article.
        kind: &'static str,
    },
    /// The source of a zip file is a pipe, a socket or a device.
    #[error("{path} is {kind}, not a zip file")]
    SpecialSource {
        /// The file.
        path: Shown,
        /// Its kind, with an article.
        kind: &'static str,
    },
    /// The directory has no files, or all of them are left out.
    #[error("{0} has no files to deploy")]
    Empty(Shown),
    /// The zip file has no files.
    #[error("the zip file has no files")]
    EmptyZip,
    /// The name of a file, or the target of a link, is not UTF-8.
    #[error("the name of {0} is not UTF-8; rename it")]
    NotUtf8(Shown),
    /// A symbolic link leads out of the directory.
    #[error(
        "the link {path} leads out of the directory, to {target}; copy the file, name the link in `.lambdaignore`, \
             or keep links with `links: keep`"
    )]
    EscapingLink {
        /// The link.
        path: Shown,
        /// The file that it leads to.
        target: Shown,
    },
    /// A symbolic link leads to nothing.
    #[error("the link {path} leads to {target}, which does not exist; mend it, or name it in `.lambdaignore`")]
    BrokenLink {
        /// The link.
        path: Shown,
        /// What it leads to.
        target: Shown,
    },
    /// A symbolic link that is kept leads to something that is not packed.
    #[error("the link {path} leads to {target}, which is not in the package")]
    UnpackedTarget {
        /// The link.
        path: EntryName,
        /// What it leads to.
        target: String,
    },
    /// A symbolic link that is kept has the path of a file on this machine.
    #[error("the link {path} leads to {target}, a path of this machine; make it relative")]
    AbsoluteLink {
        /// The link.
        path: Shown,
        /// What it leads to.
        target: Shown,
    },
    /// A symbolic link leads to a directory around it.
    #[error(
        "the link {0} leads to a directory that contains it; name it in `.lambdaignore`, or keep links with \
             `links: keep`"
    )]
    EndlessLink(Shown),
    /// A pattern of `.lambdaignore` cannot be read.
    #[error("line {line} of {path} is not a pattern: {source}")]
    Pattern {
        /// The file.
        path: Shown,
        /// The line, counted from 1.
        line: usize,
        /// The reason.
        source: ignore::Error,
    },
    /// A file of the zip would be unpacked outside of it, or cannot be unpacked.
    #[error("the package has an entry `{name}` that cannot be unpacked: its name {reason}")]
    Name {
        /// Its name.
        name: String,
        /// The reason.
        reason: NameError,
    },
    /// An entry of the zip is neither file nor directory nor link.
    #[error("the package has an entry `{0}` that is a pipe, a socket or a device")]
    SpecialEntry(EntryName),
    /// An entry of the zip is encrypted.
    #[error("`{0}` is encrypted in the zip file, and Lambda has no password")]
    Encrypted(EntryName),
    /// An entry of the zip has another size than it declares.
    #[error("the zip file is damaged: `{0}` does not have the size that it declares")]
    WrongSize(EntryName),
    /// Two entries of the zip have one name.
    #[error("the package has two entries named `{0}`; build it again without the old one")]
    Repeated(EntryName),
    /// An entry of the zip lies below another that is not a directory.
    #[error("the package cannot be unpacked: {0}")]
    Contents(#[from] ContentsError),
    /// The package has too many files.
    #[error("the package has more than {ENTRIES_MAX} files")]
    TooManyFiles,
    /// The zip is too large to be uploaded; holds its bytes.
    #[error("the package has {} zipped, and at most {} can be uploaded: put it into S3 and use `code: {{s3: …}}`",
            ByteCount(*.0), ByteCount(MAX_ZIPPED_BYTES as u64))]
    ZippedTooLarge(u64),
    /// The files are larger than Lambda allows; holds their bytes.
    #[error("the package has {} unzipped, and Lambda allows less than {}", ByteCount(*.0), ByteCount(UNZIPPED_LIMIT))]
    UnzippedTooLarge(u64),
    /// The bytes are no zip file.
    #[error("it is not a zip file: {0}")]
    NotAZip(ZipError),
    /// The zip cannot be read or written.
    #[error("the zip file is damaged: {0}")]
    Zip(#[from] ZipError),
}

impl PackageError {
    /// Tests whether the source itself does not exist, perhaps because it has not been built yet.
    pub fn is_missing_source(&self, source: &Path) -> bool {
        matches!(self, PackageError::Read { path, source: error }
            if error.kind() == io::ErrorKind::NotFound && path.0 == source)
    }
}

/// A path in a message, safe to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown(pub PathBuf);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escaped(self.0.as_os_str().as_encoded_bytes()))
    }
}

impl From<&Path> for Shown {
    fn from(path: &Path) -> Shown {
        Shown(path.to_owned())
    }
}

/// Returns the error of reading a file.
pub(super) fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> PackageError {
    let path = Shown::from(path);
    |source| PackageError::Read { path, source }
}
