//! The files of the account's folder: private to their owner, and never reached through a symbolic link.
//!
//! The documents hold the values of environment variables. A link that somebody planted in the folder must not lead a write
//! or a read elsewhere.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
#[cfg(unix)]
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Creates a folder and those above it, for their owner only.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o700);
    builder.create(path)
}

/// Returns the path of `inner` in `folder`; an error if a part of it below `folder` is a symbolic link.
pub(crate) fn within(folder: &Path, inner: &Path) -> io::Result<PathBuf> {
    let mut path = folder.to_owned();
    for part in inner.components() {
        path.push(part);
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() => {
                let name = Path::new(part.as_os_str()).display();
                return Err(io::Error::other(format!("`{name}` is a symbolic link, and links are not followed here")));
            }
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(path)
}

/// Opens a file to lock it, and creates it for its owner only.
pub(crate) fn open_lock(path: &Path) -> io::Result<File> {
    private().create(true).truncate(false).read(true).write(true).open(path)
}

/// Writes a file under another name and renames it; its contents are on disk when this returns.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent()
        && !folder.exists()
    {
        create_folder(folder)?;
        // A new region is two new folders deep.
        for made in folder.ancestors().take(2) {
            sync_folder(made)?;
        }
    }
    let temporary = path.with_extension("tmp");
    if let Err(error) = write_new(&temporary, bytes).and_then(|()| fs::rename(&temporary, path)) {
        // Half of a document is of no use, and on a full disk its space is needed.
        let _ = fs::remove_file(&temporary);
        return Err(error);
    }
    sync_folder(path)
}

/// Writes a file that did not exist: what a killed process or somebody else left under the name is removed, not opened.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private().create_new(true).write(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes the change of a name durable, which it is only when its folder is.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        // The folder of a name alone is the current one.
        Some(folder) if folder.as_os_str().is_empty() && cfg!(unix) => File::open(".")?.sync_all(),
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

fn private() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has modes"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    options.mode(0o600);
    options
}
