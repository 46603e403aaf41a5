//! Packages of directories and zip files, good and bad.
#![expect(clippy::disallowed_methods, reason = "tests prepare files")]

mod directories;
mod kept;
mod zip_files;

use std::io::{Cursor, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;

use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;
use crate::model::{EntryName, Mode};

/// Makes a directory of files; a name that ends with `/` is a directory.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        if name.ends_with('/') {
            fs::create_dir_all(path).unwrap();
        } else {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }
    folder
}

fn packed(folder: &TempDir, links: LinkPolicy) -> Result<Package, PackageError> {
    build(&PackageSource::Directory { path: ".".into(), links }, folder.path(), Confinement::default())
}

/// Returns the entries with their modes.
fn listed(contents: &Contents) -> Vec<String> {
    contents.entries().map(|(name, entry)| format!("{name} {} {}", entry.mode, entry.kind)).collect()
}

/// Returns the names that are packed.
fn names(folder: &TempDir) -> Vec<String> {
    packed(folder, LinkPolicy::Follow).unwrap().contents.entries().map(|(name, _)| name.to_string()).collect()
}

fn refusal(folder: &TempDir, links: LinkPolicy) -> String {
    packed(folder, links).unwrap_err().to_string()
}

/// An entry of a zip file as its central directory has it: name, system, external attributes, content.
type Raw<'r> = (&'r [u8], u8, u32, &'r [u8]);

/// Makes a zip file by hand, because a writer refuses most of what is tried here.
fn raw_zip(entries: &[Raw<'_>]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, system, attributes, content) in entries {
        let offset = bytes.len() as u32;
        let mut common = vec![0; 6];
        common.extend([0; 4]);
        common.extend(crc32(content).to_le_bytes());
        common.extend((content.len() as u32).to_le_bytes());
        common.extend((content.len() as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(*name);
        bytes.extend(*content);
        directory.extend(b"PK\x01\x02");
        directory.extend([20, *system]);
        directory.extend(&common);
        directory.extend([0; 6]);
        directory.extend(attributes.to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(*name);
    }
    let count = (entries.len() as u16).to_le_bytes();
    let (offset, size) = (bytes.len() as u32, directory.len() as u32);
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count, count].concat());
    bytes.extend(size.to_le_bytes());
    bytes.extend(offset.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

fn crc32(content: &[u8]) -> u32 {
    !content.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1)))
    })
}

/// A file of a Unix machine.
fn unix<'r>(name: &'r str, mode: u32, content: &'r str) -> Raw<'r> {
    (name.as_bytes(), 3, mode << 16, content.as_bytes())
}

fn zipped(files: &[(&str, &str, u32)], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content, mode) in files {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(method).unix_permissions(*mode)).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
