//! The file system, as the spec loader sees it.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::confinement::Confinement;
use crate::declaration::Files;

/// The name under which a spec is read from standard input.
const STDIN: &str = "-";

/// The file system of this machine, with `-` for standard input.
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path, within: Option<&Path>) -> io::Result<Vec<u8>> {
        if path == Path::new(STDIN) {
            return bounded(io::stdin().lock(), MAX_FILE_BYTES);
        }
        bounded(Confinement::to(within).open(path)?, MAX_FILE_BYTES)
    }
}

/// More than the loader accepts, so that the loader reports a file that is too large.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Reads a file of at most `most` bytes; devices and pipes may have no end.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    bounded(File::open(path)?, most)
}

/// Writes a file with these permissions, completely or not at all.
pub fn write(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    write_with(path, mode, |file| file.write_all(text.as_bytes()))
}

/// Does the same with what `content` writes.
pub fn write_with(path: &Path, mode: u32, content: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().permissions(PermissionsExt::from_mode(mode)).tempfile_in(folder)?;
    content(file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn bounded(source: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut source = source.take(most);
    source.read_to_end(&mut bytes)?;
    // One more byte in the same buffer would double it.
    source.set_limit(1);
    if source.read(&mut [0])? > 0 {
        let text = match most >> 20 {
            0 => format!("it is larger than {} KB", most >> 10),
            megabytes => format!("it is larger than {megabytes} MB"),
        };
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    Ok(bytes)
}
