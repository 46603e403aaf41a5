//! Builds deployment packages.
//!
//! # Guarantees
//! The same files give the same bytes, on every machine and at any time: names are sorted, times are fixed, and modes are
//! reduced to the executable bit.
//!
//! # Caveats
//! Another version of the compressor may give other bytes, so two packages can also be compared by their files.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ignore::WalkBuilder;
use sha2::{Digest, Sha256};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::model::{Package, PackageSource, PackagedFile};

/// The largest package that may be sent in a call, in bytes. [AWS: Lambda quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
pub const MAX_ZIPPED_BYTES: usize = 50 * 1024 * 1024;

/// The largest unzipped size of a package, in bytes.
const MAX_UNZIPPED_BYTES: u64 = 250 * 1024 * 1024;

/// The compression level: zlib's own default, fixed so that it cannot change unnoticed.
const LEVEL: i64 = 6;

/// The file that names files to leave out of a package, in the syntax of `.gitignore`.
const IGNORE_FILE: &str = ".lambdaignore";

/// The reason why a package cannot be built or read.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// A file cannot be read.
    #[error("could not read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the file system.
        source: io::Error,
    },
    /// The files of a directory cannot be listed.
    #[error(transparent)]
    List(#[from] ignore::Error),
    /// The source is no directory.
    #[error("{} is not a directory", .0.display())]
    NotADirectory(PathBuf),
    /// The directory has no files, or `.lambdaignore` leaves out all of them.
    #[error("{} has no files to deploy", .0.display())]
    Empty(PathBuf),
    /// The name of a file is not UTF-8.
    #[error("the name of {} is not UTF-8", .0.display())]
    NotUtf8(PathBuf),
    /// A symbolic link leads out of the directory.
    #[error("{} leads out of the directory, to {}", path.display(), target.display())]
    EscapingLink {
        /// The link.
        path: PathBuf,
        /// The file that it leads to.
        target: PathBuf,
    },
    /// A file of the zip would be unpacked outside of it.
    #[error("the package has a file named {0}, which leads out of it")]
    EscapingFile(String),
    /// Two files of the zip have one name.
    #[error("the package has two files named {0}")]
    DuplicateFile(String),
    /// The zip is too large to be uploaded; holds its bytes.
    #[error(
        "the package has {0} bytes zipped, and at most {MAX_ZIPPED_BYTES} can be uploaded: put it into S3 and use `code: {{s3: …}}`"
    )]
    ZippedTooLarge(usize),
    /// The files are larger than Lambda allows.
    #[error("the package unzips to more than {MAX_UNZIPPED_BYTES} bytes, the most that Lambda allows")]
    UnzippedTooLarge,
    /// The bytes are no zip file.
    #[error("it is not a zip file: {0}")]
    NotAZip(ZipError),
    /// The zip cannot be read or written.
    #[error("the zip file is damaged: {0}")]
    Zip(#[from] ZipError),
}

/// Returns the error of reading a file.
fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> PackageError {
    let path = path.to_owned();
    |source| PackageError::Read { path, source }
}

/// Builds a package; a relative source is relative to `base`.
///
/// # Errors
/// See [`PackageError`].
pub fn build(source: &PackageSource, base: &Path) -> Result<Package, PackageError> {
    let bytes = match source {
        PackageSource::Directory(directory) => zip_directory(&base.join(directory))?,
        PackageSource::ZipFile(file) => {
            let path = base.join(file);
            read(&path, MAX_ZIPPED_BYTES as u64)?
        }
    };
    if bytes.len() > MAX_ZIPPED_BYTES {
        return Err(PackageError::ZippedTooLarge(bytes.len()));
    }
    let files = list(&bytes)?;
    if let Some(twin) = files.windows(2).find(|pair| pair[0].name == pair[1].name) {
        return Err(PackageError::DuplicateFile(twin[0].name.clone()));
    }
    Ok(Package { sha256: STANDARD.encode(Sha256::digest(&bytes)), bytes: bytes.into(), files })
}

/// Lists the files of a zip file, without trusting the sizes that it declares.
///
/// # Errors
/// See [`PackageError`].
pub fn list(bytes: &[u8]) -> Result<Vec<PackagedFile>, PackageError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(PackageError::NotAZip)?;
    let mut files = Vec::with_capacity(archive.len().min(65_536));
    let mut left = MAX_UNZIPPED_BYTES;
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at)?;
        if entry.is_dir() {
            continue;
        }
        let name = entry.name()?.into_owned();
        if entry.enclosed_name().is_none() {
            return Err(PackageError::EscapingFile(name));
        }
        let executable = entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
        let mut hash = Sha256::new();
        // One byte more than allowed shows that the file is too large.
        let size = io::copy(&mut entry.by_ref().take(left + 1), &mut HashWriter(&mut hash)).map_err(ZipError::Io)?;
        left = left.checked_sub(size).ok_or(PackageError::UnzippedTooLarge)?;
        files.push(PackagedFile { name, size, sha256: hex::encode(hash.finalize()), executable });
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// The difference between two lists of files, as names in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileDifference {
    /// Files that only the desired package has.
    pub added: Vec<String>,
    /// Files whose content or executable bit differs.
    pub changed: Vec<String>,
    /// Files that only the live package has.
    pub removed: Vec<String>,
}

/// Returns the changes that deploying the desired files makes to the live ones. Both lists are sorted by name.
pub fn difference(live: &[PackagedFile], desired: &[PackagedFile]) -> FileDifference {
    let by_name = |files: &[PackagedFile]| -> BTreeMap<String, PackagedFile> {
        files.iter().map(|file| (file.name.clone(), file.clone())).collect()
    };
    let (live, desired) = (by_name(live), by_name(desired));
    let mut difference = FileDifference::default();
    for (name, file) in &desired {
        match live.get(name) {
            None => difference.added.push(name.clone()),
            Some(before) if before != file => difference.changed.push(name.clone()),
            Some(_) => {}
        }
    }
    difference.removed = live.into_keys().filter(|name| !desired.contains_key(name)).collect();
    difference
}

fn zip_directory(root: &Path) -> Result<Vec<u8>, PackageError> {
    if !root.is_dir() {
        return Err(PackageError::NotADirectory(root.to_owned()));
    }
    let mut files = files_of(root)?;
    files.sort();
    if files.is_empty() {
        return Err(PackageError::Empty(root.to_owned()));
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut left = MAX_UNZIPPED_BYTES;
    for (name, path) in files {
        let content = read(&path, left)?;
        left = left.checked_sub(content.len() as u64).ok_or(PackageError::UnzippedTooLarge)?;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL))
            .last_modified_time(DateTime::default())
            .unix_permissions(if is_executable(&path)? { 0o755 } else { 0o644 });
        zip.start_file(name, options)?;
        zip.write_all(&content).map_err(ZipError::Io)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Reads at most `most` bytes of a file and one more, which shows that it is too large.
fn read(path: &Path, most: u64) -> Result<Vec<u8>, PackageError> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(unreadable(path))?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(unreadable(path))?;
    Ok(bytes)
}

/// Lists the files to deploy: their names in the package, and their paths.
fn files_of(root: &Path) -> Result<Vec<(String, PathBuf)>, PackageError> {
    let real_root = root.canonicalize().map_err(unreadable(root))?;
    let walk = WalkBuilder::new(root)
        .standard_filters(false)
        .hidden(false)
        .follow_links(true)
        .add_custom_ignore_filename(IGNORE_FILE)
        .filter_entry(|entry| entry.file_name() != ".git" && entry.file_name() != IGNORE_FILE)
        .build();
    let mut files = Vec::new();
    for entry in walk {
        let entry = entry?;
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            continue;
        }
        let real = entry.path().canonicalize().map_err(unreadable(entry.path()))?;
        if !real.starts_with(&real_root) {
            return Err(PackageError::EscapingLink { path: entry.into_path(), target: real });
        }
        let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let name: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
        let Some(name) = name.map(|parts| parts.join("/")) else {
            return Err(PackageError::NotUtf8(entry.into_path()));
        };
        files.push((name, entry.into_path()));
    }
    Ok(files)
}

#[cfg(unix)]
fn is_executable(path: &Path) -> Result<bool, PackageError> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path).map_err(unreadable(path))?.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_path: &Path) -> Result<bool, PackageError> {
    Ok(false)
}

struct HashWriter<'h>(&'h mut Sha256);

impl Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests prepare files")]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_give_the_same_bytes_in_any_order_and_at_any_time() {
        let folders = [["b.py", "a.py", "sub/c.py"], ["sub/c.py", "a.py", "b.py"]].map(|names| {
            let folder = tempfile::tempdir().unwrap();
            for name in names {
                let path = folder.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, format!("# {name}")).unwrap();
            }
            fs::write(folder.path().join(".lambdaignore"), "*.log\n").unwrap();
            fs::write(folder.path().join("noise.log"), format!("{:?}", folder.path())).unwrap();
            folder
        });
        let packages =
            folders.each_ref().map(|folder| build(&PackageSource::Directory(".".into()), folder.path()).unwrap());
        assert_eq!(packages[0], packages[1]);
        let names: Vec<&str> = packages[0].files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a.py", "b.py", "sub/c.py"]);
    }

    #[test]
    fn a_link_out_of_the_directory_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("link")).unwrap();
        let error = build(&PackageSource::Directory(".".into()), folder.path()).unwrap_err().to_string();
        assert!(error.contains("leads out of the directory"), "{error}");
    }

    fn zipped(files: &[(&str, &str, u32)], method: CompressionMethod) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content, mode) in files {
            zip.start_file(*name, SimpleFileOptions::default().compression_method(method).unix_permissions(*mode))
                .unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn packages_are_compared_by_their_files() {
        let old = [("app.py", "1", 0o644), ("bootstrap", "run", 0o644), ("gone.py", "", 0o644)];
        let new = [("bootstrap", "run", 0o755), ("app.py", "2", 0o644), ("new.py", "", 0o644)];
        let stored = list(&zipped(&old, CompressionMethod::Stored)).unwrap();
        let deflated = list(&zipped(&old, CompressionMethod::Deflated)).unwrap();
        assert_eq!(stored, deflated);
        let found = difference(&stored, &list(&zipped(&new, CompressionMethod::Deflated)).unwrap());
        assert_eq!(
            (found.added, found.changed, found.removed),
            (vec!["new.py".into()], vec!["app.py".into(), "bootstrap".into()], vec!["gone.py".into()])
        );
    }

    #[test]
    fn a_zip_file_is_used_unchanged_and_checked() {
        let folder = tempfile::tempdir().unwrap();
        let make = |files: &[(&str, &str, u32)]| {
            let bytes = zipped(files, CompressionMethod::Stored);
            fs::write(folder.path().join("a.zip"), &bytes).unwrap();
            (bytes, build(&PackageSource::ZipFile("a.zip".into()), folder.path()))
        };
        let (bytes, package) = make(&[("app.py", "1", 0o644)]);
        assert_eq!(&package.unwrap().bytes[..], bytes);
        let (_, package) = make(&[("../app.py", "1", 0o644)]);
        assert!(package.unwrap_err().to_string().contains("leads out of it"));
    }

    #[test]
    fn a_zip_bomb_is_stopped_at_the_limit() {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("zeros", SimpleFileOptions::default()).unwrap();
        let zeros = vec![0; 1 << 20];
        (0..=250).for_each(|_| zip.write_all(&zeros).unwrap());
        let bytes = zip.finish().unwrap().into_inner();
        assert!(list(&bytes).unwrap_err().to_string().contains("unzips to more than"));
    }

    #[test]
    fn other_bytes_are_not_a_zip_file() {
        assert!(format!("{:#}", list(b"not a zip").unwrap_err()).contains("not a zip file"));
    }
}
