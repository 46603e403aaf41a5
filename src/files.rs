//! The file system, as the spec loader sees it.
#![expect(clippy::disallowed_methods, reason = "this is where spec files are read from")]

use std::io;
use std::path::Path;

use crate::spec::Files;

/// The file system of this machine.
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }
}
