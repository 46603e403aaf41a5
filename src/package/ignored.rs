//! The files that are left out of a package: those of a default list, and those that `.lambdaignore` names.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::error::{PackageError, unreadable};
use super::reading::{read, refuse_special};
use crate::confinement::Confinement;

/// The file that names files to leave out of a package, in the syntax of `.gitignore`.
pub const IGNORE_FILE: &str = ".lambdaignore";

/// The files that are left out unless `.lambdaignore` takes them in, such as by the line `!.env`.
pub const DEFAULTS: [&str; 6] = [".git", ".env", ".venv", ".trueup", "__pycache__", "**/node_modules/.cache"];

/// The largest `.lambdaignore`, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// The patterns that hold in a directory: the default ones, and those of the directories from the top down to it.
pub struct IgnorePatterns(Vec<Gitignore>);

impl IgnorePatterns {
    /// Returns the default patterns.
    ///
    /// # Errors
    /// A default pattern is none.
    pub fn defaults() -> Result<IgnorePatterns, PackageError> {
        Ok(IgnorePatterns(vec![compile(Path::new("the default list"), Path::new(""), &DEFAULTS.join("\n"))?]))
    }

    /// Adds the patterns of a directory, which has the path `relative` in the package. Returns whether it has any.
    ///
    /// # Errors
    /// Its `.lambdaignore` cannot be read, or has a line that is no pattern.
    pub fn enter(&mut self, directory: &Path, relative: &Path, within: Confinement<'_>) -> Result<bool, PackageError> {
        let path = directory.join(IGNORE_FILE);
        let metadata = match within.resolve(&path).and_then(fs::metadata) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            found => found.map_err(unreadable(&path))?,
        };
        refuse_special(&path, metadata.file_type())?;
        let bytes = read(&path, within, LARGEST)?;
        let text = String::from_utf8(bytes).map_err(|error| unreadable(&path)(io::Error::other(error)))?;
        self.0.push(compile(&path, relative, text.trim_start_matches('\u{feff}'))?);
        Ok(true)
    }

    /// Removes the patterns that were added last.
    pub fn leave(&mut self) {
        self.0.pop();
    }

    /// Tests whether a file is left out. The patterns nearest to it decide, and of these the last.
    pub fn ignore(&self, relative: &Path, is_directory: bool) -> bool {
        let path = rooted(relative);
        let decided =
            self.0.iter().rev().map(|patterns| patterns.matched(&path, is_directory)).find(|it| !it.is_none());
        decided.is_some_and(|decided| decided.is_ignore())
    }
}

fn compile(path: &Path, relative: &Path, text: &str) -> Result<Gitignore, PackageError> {
    let mut builder = GitignoreBuilder::new(rooted(relative));
    for (number, line) in text.lines().enumerate() {
        let wrong = |source| PackageError::Pattern { path: path.into(), line: number + 1, source };
        builder.add_line(None, line).map_err(wrong)?;
    }
    builder.build().map_err(|source| PackageError::Pattern { path: path.into(), line: text.lines().count(), source })
}

/// Returns the path below a root of its own, as the patterns are matched.
fn rooted(relative: &Path) -> PathBuf {
    Path::new("/").join(relative)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_list_is_left_out_wherever_it_is_found() {
        let patterns = IgnorePatterns::defaults().unwrap();
        for path in
            [".git", "lib/.git", ".env", "a/b/.env", ".venv", ".trueup", "a/__pycache__", "a/node_modules/.cache"]
        {
            assert!(patterns.ignore(Path::new(path), true), "{path}");
        }
        for path in [".gitignore", ".env.example", "env", ".cache", "node_modules/a.js", "node_modules/a/.cache"] {
            assert!(!patterns.ignore(Path::new(path), false), "{path}");
        }
    }
}
