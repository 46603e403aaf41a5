//! Keeps reads within a folder: no path leads out of it, neither as an absolute path, nor by `..`, nor by a link.
//!
//! # Guarantees
//! A file is opened by its path without links, and that path is resolved again once the file is open, so that a link put in
//! its place meanwhile is found. An error does not reveal whether a path outside exists.
//!
//! # Caveats
//! A hard link is a file of the folder. A program that runs meanwhile and swaps directories twice is not kept out.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};

/// The folder that reads are confined to, if there is one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Confinement<'f>(Option<&'f Path>);

impl<'f> Confinement<'f> {
    /// Confines reads to a folder; to none if it is absent.
    pub fn to(folder: Option<&'f Path>) -> Self {
        Confinement(folder)
    }

    /// Returns the path without links, or as it is if reads are not confined.
    ///
    /// # Errors
    /// It leads out of the folder, or does not exist.
    pub fn resolve(self, path: &Path) -> io::Result<PathBuf> {
        let Some(folder) = self.0 else { return Ok(path.to_owned()) };
        let outside = || io::Error::new(io::ErrorKind::PermissionDenied, Outside(folder.to_owned()));
        let real_folder = folder.canonicalize().map_err(|error| {
            io::Error::new(error.kind(), format!("the folder that it is confined to, {}: {error}", folder.display()))
        })?;
        match path.canonicalize() {
            Ok(real) if real.starts_with(&real_folder) => Ok(real),
            Err(error) if nearest(path).is_some_and(|near| near.starts_with(&real_folder)) => Err(error),
            _ => Err(outside()),
        }
    }

    /// Opens a file to read it.
    ///
    /// # Errors
    /// Those of [`Confinement::resolve`] and of opening.
    pub fn open(self, path: &Path) -> io::Result<File> {
        let real = self.resolve(path)?;
        let file = File::open(&real)?;
        match self.0 {
            Some(folder) if real.canonicalize()? != real => {
                Err(io::Error::new(io::ErrorKind::PermissionDenied, Outside(folder.to_owned())))
            }
            _ => Ok(file),
        }
    }
}

/// Returns where a path that does not exist would be, or nothing if a link in it leads nowhere.
fn nearest(path: &Path) -> Option<PathBuf> {
    for ancestor in path.ancestors() {
        let here = if ancestor.as_os_str().is_empty() { Path::new(".") } else { ancestor };
        match here.canonicalize() {
            Ok(real) => return Some(normal(&real.join(path.strip_prefix(ancestor).ok()?))),
            Err(_) if here.is_symlink() => return None,
            Err(_) => {}
        }
    }
    None
}

/// Resolves `..` in a path without links.
fn normal(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(whole.pop()),
            Component::CurDir => {}
            other => whole.push(other),
        }
    }
    whole
}

/// The reason why a path may not be read.
#[derive(Debug)]
struct Outside(PathBuf);

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_os_str().as_encoded_bytes() {
            b"." => f.write_str("it leads out of the current folder, which the spec is confined to"),
            _ => write!(f, "it leads out of {}, which the spec is confined to", self.0.display()),
        }
    }
}

impl std::error::Error for Outside {}

#[cfg(all(test, unix))]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests prepare files")]

    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn every_way_out_is_refused_and_every_way_within_is_not() {
        let around = tempfile::tempdir().unwrap();
        let folder = around.path().join("repository");
        fs::create_dir_all(folder.join("a/b")).unwrap();
        fs::write(folder.join("a/file"), "inside").unwrap();
        fs::write(around.path().join("secret"), "outside").unwrap();
        fs::create_dir(around.path().join("repository-of-others")).unwrap();
        fs::write(around.path().join("repository-of-others/file"), "outside").unwrap();
        let link = |target: &Path, name: &str| symlink(target, folder.join(name)).unwrap();
        link(Path::new("../../secret"), "a/out");
        link(&around.path().join("secret"), "absolute");
        link(Path::new(".."), "around");
        link(Path::new("out"), "a/twice");
        link(Path::new("../missing"), "nowhere");
        link(Path::new("a/file"), "within");
        link(&folder.join("a"), "absolute-within");
        let confinement = Confinement::to(Some(&folder));
        for path in ["a/file", "a/b/../file", "within", "absolute-within/file", "a/../../repository/a/file"] {
            assert!(confinement.open(&folder.join(path)).is_ok(), "{path}");
        }
        let outside = [
            "a/out",
            "a/twice",
            "absolute",
            "around/secret",
            "around/repository-of-others/file",
            "../secret",
            "../repository-of-others/file",
            // These do not exist, and nobody learns that.
            "../missing",
            "nowhere",
            "around/missing",
            "a/missing/../../../missing",
            "/missing",
            "/proc/self/environ",
        ];
        for path in outside {
            let error = confinement.open(&folder.join(path)).unwrap_err();
            assert!(error.to_string().starts_with("it leads out of "), "{path}: {error}");
        }
        for path in ["missing", "a/missing/file", "absolute-within/missing"] {
            assert_eq!(confinement.open(&folder.join(path)).unwrap_err().kind(), io::ErrorKind::NotFound, "{path}");
            assert!(Confinement::default().resolve(&folder.join(path)).is_ok());
        }
        let error = Confinement::to(Some(&folder.join("missing"))).open(&folder.join("a/file")).unwrap_err();
        assert!(error.to_string().contains("the folder that it is confined to"), "{error}");
    }
}
