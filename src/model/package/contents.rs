//! What a package unpacks to, in one form for all zip files that unpack to the same.
//!
//! # Guarantees
//! Two zip files have equal contents if and only if they unpack to the same directories, files and links with the same
//! modes. Order, times, compression, comments and entries for directories that exist anyway make no difference.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use super::{EntryName, FileFormat};
use crate::model::visible::escaped;

/// The most links that Linux follows in one path.
const LINKS: usize = 40;

/// Permission bits of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// These bits, with set-user-ID, set-group-ID and sticky bit.
    Unix(u16),
    /// The zip file was made where files have no such bits, as on Windows.
    Unset,
}

/// One entry of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its content.
    pub kind: EntryKind,
    /// Its permissions.
    pub mode: Mode,
}

/// The kind of an entry, with its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A directory.
    Directory,
    /// A file.
    File {
        /// Its length in bytes.
        size: u64,
        /// The SHA-256 of its content.
        sha256: [u8; 32],
        /// The format that its first bytes show.
        format: FileFormat,
    },
    /// A symbolic link.
    Link {
        /// The path that it leads to.
        target: Vec<u8>,
    },
}

/// The unpacked form of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The entries, without directories that exist because of what is in them and have their usual mode.
    entries: BTreeMap<EntryName, Entry>,
    /// The names that more than one entry has, so that what is unpacked depends on who unpacks it.
    repeated: BTreeSet<EntryName>,
}

/// The reason why entries cannot be unpacked together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{entry}` lies below `{parent}`, which is not a directory")]
pub struct ContentsError {
    /// The entry.
    pub entry: EntryName,
    /// The file or link above it.
    pub parent: EntryName,
}

/// The result of looking a path up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'c> {
    /// A file, with its name after all links were followed.
    File(&'c EntryName, &'c Entry),
    /// A directory.
    Directory,
    /// Nothing has this path.
    Missing,
    /// A link leads out of the package, so nobody knows before it is unpacked.
    Outside,
}

impl Mode {
    /// The mode of directories, and of files that can be executed.
    pub const EXECUTABLE: Mode = Mode::Unix(0o755);
    /// The mode of other files.
    pub const PLAIN: Mode = Mode::Unix(0o644);

    /// Tests whether every user may read.
    pub fn is_readable(self) -> bool {
        self.allows(0o004)
    }

    /// Tests whether every user may read and execute; for a directory: list and enter it.
    pub fn is_executable(self) -> bool {
        matches!(self, Mode::Unix(_)) && self.allows(0o005)
    }

    /// Tests whether every user may list and enter a directory of this mode.
    pub fn is_searchable(self) -> bool {
        self.allows(0o005)
    }

    /// Files that come without bits are unpacked with usual ones.
    fn allows(self, bits: u16) -> bool {
        match self {
            Mode::Unix(mode) => mode & bits == bits,
            Mode::Unset => true,
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mode::Unix(mode) => write!(f, "{mode:04o}"),
            Mode::Unset => f.write_str("unset"),
        }
    }
}

impl Entry {
    /// A directory as it is unpacked where a file needs it.
    pub const USUAL_DIRECTORY: Entry = Entry { kind: EntryKind::Directory, mode: Mode::EXECUTABLE };

    /// Tests for a directory.
    pub fn is_directory(&self) -> bool {
        self.kind == EntryKind::Directory
    }

    /// Tests for a directory with the mode that it would also have without an entry of its own.
    fn is_usual_directory(&self) -> bool {
        self.is_directory() && matches!(self.mode, Mode::EXECUTABLE | Mode::Unset)
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EntryKind::Directory => f.write_str("directory"),
            EntryKind::File { .. } => f.write_str("file"),
            EntryKind::Link { target } => write!(f, "link to {}", escaped(target)),
        }
    }
}

impl Contents {
    /// Puts entries together. Of several with one name the last counts.
    ///
    /// # Errors
    /// An entry lies below a file or a link.
    pub fn new(all: impl IntoIterator<Item = (EntryName, Entry)>) -> Result<Contents, ContentsError> {
        let mut contents = Contents::default();
        for (name, entry) in all {
            let same_directory = |before: &Entry| before.is_usual_directory() && entry.is_usual_directory();
            if contents.entries.get(&name).is_some_and(|before| !same_directory(before)) {
                contents.repeated.insert(name.clone());
            }
            contents.entries.insert(name, entry);
        }
        let mut implied = Vec::new();
        for (name, entry) in &contents.entries {
            match contents.first_below(name) {
                Some(below) if !entry.is_directory() => {
                    return Err(ContentsError { entry: below.clone(), parent: name.clone() });
                }
                Some(_) if entry.is_usual_directory() => implied.push(name.clone()),
                _ => {}
            }
        }
        for name in implied {
            contents.entries.remove(&name);
        }
        Ok(contents)
    }

    /// Returns the entries by name. Directories with something in them are among them only if their mode is unusual.
    pub fn entries(&self) -> impl Iterator<Item = (&EntryName, &Entry)> {
        self.entries.iter()
    }

    /// Returns the bytes of all files together.
    pub fn size(&self) -> u64 {
        let sizes = self.entries.values().map(|entry| match entry.kind {
            EntryKind::File { size, .. } => size,
            EntryKind::Directory | EntryKind::Link { .. } => 0,
        });
        sizes.fold(0, u64::saturating_add)
    }

    /// Returns the links that lead out of the package, with the absolute paths that they name. `mount` is the directory into
    /// which Lambda unpacks it.
    pub fn links_outside(&self, mount: &str) -> Vec<(&EntryName, String)> {
        let mut outside = Vec::new();
        for (name, entry) in &self.entries {
            let EntryKind::Link { target } = &entry.kind else { continue };
            let mut way: Vec<Vec<u8>> = Vec::new();
            if target.first() != Some(&b'/') {
                way.extend(parts(mount.as_bytes()).chain(parts(name.bytes())));
                way.pop();
            }
            for part in parts(target) {
                match part.as_slice() {
                    b".." => drop(way.pop()),
                    _ => way.push(part),
                }
            }
            let path = [b"/", way.join(&b'/').as_slice()].concat();
            if !is_below(&path, mount) {
                outside.push((name, escaped(&path)));
            }
        }
        outside
    }

    /// Returns the names that more than one entry has.
    pub fn repeated(&self) -> impl Iterator<Item = &EntryName> {
        self.repeated.iter()
    }

    /// Returns the entry of this name, also of a directory that exists because of what is in it.
    pub fn entry(&self, name: &EntryName) -> Option<&Entry> {
        let implied = || self.first_below(name).map(|_| &Entry::USUAL_DIRECTORY);
        self.entries.get(name).or_else(implied)
    }

    /// Returns the first entry below a directory.
    fn first_below(&self, name: &EntryName) -> Option<&EntryName> {
        let (first, _) = self.entries.range(name.first_below()..).next()?;
        first.is_below(name).then_some(first)
    }

    /// Looks up a path within the package, following links. `mount` is the directory into which Lambda unpacks it.
    pub fn find(&self, path: &[u8], mount: &str) -> Lookup<'_> {
        let mut left: VecDeque<Vec<u8>> = parts(path).collect();
        let mut way: Vec<Vec<u8>> = Vec::new();
        let (mut last, mut links) = (Lookup::Directory, 0);
        while let Some(part) = left.pop_front() {
            if part == b".." {
                if way.pop().is_none() {
                    return Lookup::Outside;
                }
                last = Lookup::Directory;
                continue;
            }
            way.push(part);
            let Ok(name) = EntryName::parse(&way.join(&b'/')) else { return Lookup::Missing };
            let Some(entry) = self.entry(&name) else { return Lookup::Missing };
            match &entry.kind {
                EntryKind::Directory => last = Lookup::Directory,
                EntryKind::File { .. } if left.is_empty() => {
                    last =
                        self.entries.get_key_value(&name).map_or(Lookup::Missing, |(name, it)| Lookup::File(name, it));
                }
                EntryKind::File { .. } => return Lookup::Missing,
                EntryKind::Link { target } => {
                    links += 1;
                    if links > LINKS {
                        return Lookup::Missing;
                    }
                    way.pop();
                    last = Lookup::Directory;
                    let Some(target) = within(target, mount, &mut way) else { return Lookup::Outside };
                    parts(target).rev().for_each(|part| left.push_front(part));
                }
            }
        }
        last
    }
}

/// Returns the target of a link relative to `way`, which is emptied for an absolute one; `None` if it leads elsewhere.
fn within<'t>(target: &'t [u8], mount: &str, way: &mut Vec<Vec<u8>>) -> Option<&'t [u8]> {
    if target.first() != Some(&b'/') {
        return Some(target);
    }
    if !is_below(target, mount) {
        return None;
    }
    way.clear();
    target.get(mount.len()..)
}

/// Tests whether an absolute path is `folder` or lies in it.
fn is_below(path: &[u8], folder: &str) -> bool {
    path.strip_prefix(folder.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// Returns the components of a path.
fn parts(path: &[u8]) -> impl DoubleEndedIterator<Item = Vec<u8>> + '_ {
    path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".").map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> EntryName {
        EntryName::parse(text.as_bytes()).unwrap()
    }

    fn file(content: u8, mode: u16) -> Entry {
        let kind = EntryKind::File { size: 1, sha256: [content; 32], format: FileFormat::Other };
        Entry { kind, mode: Mode::Unix(mode) }
    }

    fn directory(mode: Mode) -> Entry {
        Entry { kind: EntryKind::Directory, mode }
    }

    fn link(target: &str) -> Entry {
        Entry { kind: EntryKind::Link { target: target.into() }, mode: Mode::Unix(0o777) }
    }

    fn contents(entries: &[(&str, Entry)]) -> Contents {
        Contents::new(entries.iter().map(|(text, entry)| (name(text), entry.clone()))).unwrap()
    }

    #[test]
    fn contents_are_equal_if_they_unpack_to_the_same() {
        let plain = contents(&[("lib/a.py", file(1, 0o644)), ("app.py", file(2, 0o644))]);
        let usual = ("lib/", directory(Mode::EXECUTABLE));
        assert_eq!(plain, contents(&[("./app.py", file(2, 0o644)), usual.clone(), ("lib//a.py", file(1, 0o644))]));
        let unset = ("lib/", directory(Mode::Unset));
        assert_eq!(plain, contents(&[usual.clone(), unset, ("app.py", file(2, 0o644)), ("lib/a.py", file(1, 0o644))]));
        for other in [
            contents(&[("lib/a.py", file(1, 0o600)), ("app.py", file(2, 0o644))]),
            contents(&[("lib/a.py", file(3, 0o644)), ("app.py", file(2, 0o644))]),
            contents(&[
                ("lib/", directory(Mode::Unix(0o700))),
                ("lib/a.py", file(1, 0o644)),
                ("app.py", file(2, 0o644)),
            ]),
            contents(&[
                ("lib/a.py", file(1, 0o644)),
                ("app.py", file(2, 0o644)),
                ("tmp/", directory(Mode::EXECUTABLE)),
            ]),
            contents(&[("lib/a.py", link("b.py")), ("app.py", file(2, 0o644))]),
            contents(&[("app.py", file(9, 0o644)), ("lib/a.py", file(1, 0o644)), ("app.py", file(2, 0o644))]),
        ] {
            assert_ne!(plain, other);
        }
    }

    #[test]
    fn nothing_lies_below_a_file_or_a_link() {
        for above in [file(1, 0o644), link("/etc")] {
            let error =
                Contents::new([(name("a"), above), (name("a-b"), file(1, 0o644)), (name("a/b"), file(2, 0o644))]);
            assert_eq!(error.unwrap_err().to_string(), "`a/b` lies below `a`, which is not a directory");
        }
    }

    #[test]
    fn paths_are_looked_up_through_links() {
        let contents = contents(&[
            ("src/app.py", file(1, 0o644)),
            ("app.py", link("src/app.py")),
            ("also.py", link("/var/task/app.py")),
            ("current", link("./src")),
            ("src/up.py", link("../app.py")),
            ("loop", link("loop")),
            ("broken.py", link("src/none.py")),
            ("opt.py", link("/opt/python/app.py")),
            ("out.py", link("../out.py")),
            ("near.py", link("/var/taskx/app.py")),
        ]);
        for path in ["app.py", "also.py", "current/app.py", "src/up.py", "./src//app.py", "src/../app.py"] {
            let found = contents.find(path.as_bytes(), "/var/task");
            assert!(matches!(found, Lookup::File(at, _) if *at == name("src/app.py")), "{path}: {found:?}");
        }
        for (path, found) in [
            ("src", Lookup::Directory),
            ("current", Lookup::Directory),
            ("none.py", Lookup::Missing),
            ("broken.py", Lookup::Missing),
            ("app.py/x", Lookup::Missing),
            ("loop", Lookup::Missing),
            ("opt.py", Lookup::Outside),
            ("out.py", Lookup::Outside),
            ("near.py", Lookup::Outside),
        ] {
            assert_eq!(contents.find(path.as_bytes(), "/var/task"), found, "{path}");
        }
    }

    #[test]
    fn a_mode_lets_every_user_in_or_does_not() {
        assert!(Mode::PLAIN.is_readable() && !Mode::PLAIN.is_executable());
        assert!(Mode::EXECUTABLE.is_executable() && Mode::EXECUTABLE.is_searchable());
        for mode in [0o600, 0o640, 0o711, 0o000] {
            assert!(!Mode::Unix(mode).is_readable() && !Mode::Unix(mode).is_searchable(), "{mode:o}");
        }
        assert!(Mode::Unset.is_readable() && Mode::Unset.is_searchable() && !Mode::Unset.is_executable());
    }
}
