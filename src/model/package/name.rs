//! The names of a package's entries, which other people choose: compared as bytes, and escaped wherever they are shown.

use std::fmt;

use crate::model::visible::escaped;

/// The longest path that Linux takes, in bytes.
const LONGEST: usize = 4096;

/// The name of an entry: its path within the package, with `/` between directories. The directory itself has none.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryName(Vec<u8>);

/// The reason why bytes are no name of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It begins with `/`.
    #[error("is absolute")]
    Absolute,
    /// It leads to a parent directory.
    #[error("contains `..`")]
    Parent,
    /// It has a byte that no file name has.
    #[error("contains a NUL byte")]
    Nul,
    /// Linux has no such long paths.
    #[error("is longer than {LONGEST} bytes")]
    TooLong,
}

impl EntryName {
    /// Reads a name as a zip file has it. Unpacking ignores `.` and empty components, so `./lib//` is `lib`.
    ///
    /// # Errors
    /// The name leads out of the package, or cannot be the name of a file.
    pub fn parse(raw: &[u8]) -> Result<EntryName, NameError> {
        if raw.len() > LONGEST {
            return Err(NameError::TooLong);
        }
        if raw.first() == Some(&b'/') {
            return Err(NameError::Absolute);
        }
        if raw.contains(&0) {
            return Err(NameError::Nul);
        }
        let parts: Vec<&[u8]> =
            raw.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".").collect();
        if parts.contains(&&b".."[..]) {
            return Err(NameError::Parent);
        }
        Ok(EntryName(parts.join(&b'/')))
    }

    /// Returns the bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the name as text, if it is UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Tests whether this is the package itself, not an entry of it.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the directory or file at the top of the package that the entry is or lies in.
    pub fn top(&self) -> &[u8] {
        self.0.split(|byte| *byte == b'/').next().unwrap_or_default()
    }

    /// Returns the first name that an entry in this directory could have.
    pub(super) fn first_below(&self) -> EntryName {
        EntryName([&self.0, &b"/"[..]].concat())
    }

    /// Tests whether the entry lies below the directory.
    pub fn is_below(&self, directory: &EntryName) -> bool {
        self.0.strip_prefix(directory.0.as_slice()).is_some_and(|rest| rest.first() == Some(&b'/'))
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escaped(&self.0))
    }
}

impl fmt::Debug for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_paths_that_unpacking_makes() {
        for (raw, name) in [("./app.py", "app.py"), ("lib//x/./y/", "lib/x/y"), ("./", ""), ("a..b", "a..b")] {
            assert_eq!(EntryName::parse(raw.as_bytes()).unwrap().text(), Some(name), "{raw}");
        }
        let long = "a".repeat(4097);
        for (raw, wrong) in [
            ("/app.py", NameError::Absolute),
            ("../app.py", NameError::Parent),
            ("a/../../b", NameError::Parent),
            ("a/..", NameError::Parent),
            ("a\0.py", NameError::Nul),
            (&long, NameError::TooLong),
        ] {
            assert_eq!(EntryName::parse(raw.as_bytes()), Err(wrong), "{raw:?}");
        }
    }

    #[test]
    fn a_name_that_is_shown_has_only_visible_characters() {
        for (raw, shown) in [
            (&b"\x1b[31mapp.py\r\n"[..], r"\u{1b}[31mapp.py\u{d}\u{a}"),
            ("a\u{202e}yp.exe\u{200b}".as_bytes(), r"a\u{202e}yp.exe\u{200b}"),
            (b"\x9bapp\xff.py", r"\x9bapp\xff.py"),
            ("\u{9b}1m".as_bytes(), r"\u{9b}1m"),
            ("größe — 日本.py".as_bytes(), "größe — 日本.py"),
        ] {
            assert_eq!(EntryName::parse(raw).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn an_entry_lies_below_its_directories_only() {
        let name = |raw: &str| EntryName::parse(raw.as_bytes()).unwrap();
        assert!(name("a/b/c").is_below(&name("a")) && name("a/b/c").is_below(&name("a/b")));
        assert!(!name("ab/c").is_below(&name("a")) && !name("a").is_below(&name("a")));
        assert_eq!(name("a/b").top(), b"a");
    }
}
