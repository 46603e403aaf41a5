//! Reads files, and refuses what is none before it is opened: reading a pipe or a device could wait forever.

use std::fs::FileType;
use std::io::Read;
use std::path::Path;

use super::error::{PackageError, unreadable};
use crate::confinement::Confinement;

/// Reads at most `most` bytes of a file within a folder and one more, which shows that it is too large.
pub(super) fn read(path: &Path, within: Confinement<'_>, most: u64) -> Result<Vec<u8>, PackageError> {
    let mut bytes = Vec::new();
    let file = within.open(path).map_err(unreadable(path))?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(unreadable(path))?;
    Ok(bytes)
}

/// Refuses what is no file, before it is opened.
pub(super) fn refuse_special(path: &Path, kind: FileType) -> Result<(), PackageError> {
    special(kind).map_or(Ok(()), |kind| Err(PackageError::Special { path: path.into(), kind }))
}

/// Returns the name of a kind of file that cannot be packed, with an article.
#[cfg(unix)]
pub(super) fn special(kind: FileType) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt;
    match kind {
        kind if kind.is_file() => None,
        kind if kind.is_dir() => Some("a directory"),
        kind if kind.is_fifo() => Some("a named pipe"),
        kind if kind.is_socket() => Some("a socket"),
        _ => Some("a device"),
    }
}

/// Returns the name of a kind of file that cannot be packed, with an article.
#[cfg(not(unix))]
pub(super) fn special(kind: FileType) -> Option<&'static str> {
    match kind {
        kind if kind.is_file() => None,
        kind if kind.is_dir() => Some("a directory"),
        _ => Some("a device"),
    }
}
