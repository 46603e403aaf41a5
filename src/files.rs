//! The file system, as the spec loader sees it.

use std::fs::File;
use std::io::{self, Read};
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

fn bounded(source: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut source = source.take(most);
    source.read_to_end(&mut bytes)?;
    // One more byte in the same buffer would double it.
    source.set_limit(1);
    if source.read(&mut [0])? > 0 {
        let text = format!("it is larger than {} MB", most >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    Ok(bytes)
}
