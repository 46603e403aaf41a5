//! The file system, as the spec loader sees it.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::declaration::Files;

/// The file system of this machine.
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        read(path, MAX_FILE_BYTES)
    }
}

/// More than the loader accepts, so that the loader reports a file that is too large.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Reads a file of at most `most` bytes; devices and pipes may have no end.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let text = format!("it is larger than {} MB", most >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    Ok(bytes)
}
