//! The repository of a spec, as `git` tells of it. Runs no hook, and writes nothing into the repository.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::model::visible;

/// The reason why nothing is known of a change.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is no git.
    #[error("`git` cannot be run: {0}")]
    NoGit(std::io::Error),
    /// The spec lies in no repository that git accepts.
    #[error("{} is in no git repository: {message}", .folder.display())]
    NoRepository {
        /// The folder of the spec.
        folder: PathBuf,
        /// The words of git.
        message: String,
    },
    /// The reference names no commit that is here.
    #[error("`{reference}` is no commit of this repository")]
    UnknownCommit {
        /// The reference.
        reference: String,
    },
    /// A command failed.
    #[error("`git {command}` failed: {message}")]
    Failed {
        /// The command.
        command: String,
        /// The words of git.
        message: String,
    },
    /// The files of the commit cannot be written to a temporary folder.
    #[error("the files of the commit cannot be written: {0}")]
    NotWritten(#[from] std::io::Error),
}

impl ChangeError {
    /// Returns the way out, if there is one.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            ChangeError::UnknownCommit { .. } => {
                Some("a shallow clone lacks it: fetch it first, such as with `git fetch --unshallow origin`")
            }
            ChangeError::NoRepository { .. } => Some("run trueup in a clone, or leave --changed-since out"),
            ChangeError::NoGit(_) => Some("install git, or leave --changed-since out"),
            ChangeError::Failed { .. } | ChangeError::NotWritten(_) => None,
        }
    }
}

/// A working tree.
pub struct Repository {
    /// Its top folder, without links in the path.
    root: PathBuf,
}

impl Repository {
    /// Returns the repository around a folder.
    ///
    /// # Errors
    /// If there is none.
    pub fn containing(folder: &Path) -> Result<Repository, ChangeError> {
        let top = run(folder, &[], &["rev-parse", "--show-toplevel"], &[]);
        let top = top.map_err(|error| match error {
            ChangeError::Failed { message, .. } => ChangeError::NoRepository { folder: folder.into(), message },
            other => other,
        })?;
        Ok(Repository { root: path(top.trim_ascii_end()).canonicalize()? })
    }

    /// Returns the commit at which this work left `reference`; the referenced one itself if they have nothing in common.
    ///
    /// # Errors
    /// If the reference names no commit.
    pub fn base(&self, reference: &str) -> Result<Base, ChangeError> {
        let commit = format!("{reference}^{{commit}}");
        let named = self
            .run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])
            .map_err(|_| ChangeError::UnknownCommit { reference: visible(reference).into_owned() })?;
        let named = text(&named);
        let commit = self.run(&["merge-base", &named, "HEAD"]).map_or(named, |common| text(&common));
        let folder = tempfile::tempdir()?;
        let base = Base { root: self.root.clone(), commit, folder };
        base.run(&["read-tree", &base.commit])?;
        Ok(base)
    }

    /// Returns the paths below the top folder that differ from the base, and those that git does not know, ignored ones too.
    ///
    /// # Errors
    /// If git cannot tell.
    pub fn touched(&self, base: &Base) -> Result<BTreeSet<PathBuf>, ChangeError> {
        let options = ["--name-only", "--no-renames", "--no-ext-diff", "--ignore-submodules=none", "-z"];
        let differing = self.run(&[&["diff"], &options[..], &[&base.commit, "--"]].concat())?;
        let unknown = self.run(&["ls-files", "--others", "-z"])?;
        let names = differing.split(|byte| *byte == 0).chain(unknown.split(|byte| *byte == 0));
        Ok(names.filter(|name| !name.is_empty()).map(|name| path(name.strip_suffix(b"/").unwrap_or(name))).collect())
    }

    /// Returns a path below the top folder, without what leads up and down; `None` if it is elsewhere.
    pub fn inside(&self, file: &Path) -> Option<PathBuf> {
        inside(&self.root, file)
    }

    fn run(&self, arguments: &[&str]) -> Result<Vec<u8>, ChangeError> {
        run(&self.root, &[], arguments, &[])
    }
}

/// A commit, of which files are written to a temporary folder as they are asked for.
pub struct Base {
    root: PathBuf,
    commit: String,
    folder: TempDir,
}

impl Base {
    /// The first characters of the commit.
    pub fn short(&self) -> &str {
        self.commit.get(..10).unwrap_or(&self.commit)
    }

    /// The folder in which a file or a directory of the working tree would lie.
    pub fn place(&self, file: &Path) -> Option<PathBuf> {
        Some(self.tree().join(inside(&self.root, file)?))
    }

    /// Writes a file, or all files of a directory, as they are in the commit, and returns where; `None` if the path is not in
    /// the repository. What the commit does not have is not there.
    ///
    /// # Errors
    /// If git cannot write it.
    pub fn checked_out(&self, file: &Path) -> Result<Option<PathBuf>, ChangeError> {
        let Some(relative) = inside(&self.root, file) else { return Ok(None) };
        let listed = self.run(&["ls-files", "-z", "--", relative.to_str().unwrap_or_default()])?;
        let prefix = format!("--prefix={}/", self.tree().display());
        let arguments = ["checkout-index", "--force", "--quiet", &prefix, "-z", "--stdin"];
        run(&self.root, &self.index(), &arguments, &listed)?;
        Ok(Some(self.tree().join(relative)))
    }

    fn tree(&self) -> PathBuf {
        self.folder.path().join("tree")
    }

    fn index(&self) -> [(&'static str, PathBuf); 2] {
        [("GIT_INDEX_FILE", self.folder.path().join("index")), ("GIT_LITERAL_PATHSPECS", "1".into())]
    }

    fn run(&self, arguments: &[&str]) -> Result<Vec<u8>, ChangeError> {
        run(&self.root, &self.index(), arguments, &[])
    }
}

/// Runs git in a folder, and returns what it prints.
fn run(
    folder: &Path,
    environment: &[(&str, PathBuf)],
    arguments: &[&str],
    input: &[u8],
) -> Result<Vec<u8>, ChangeError> {
    let mut command = Command::new("git");
    // A monitor of the file system is a program of the repository's own configuration.
    command.args(["-c", "core.fsmonitor=false"]).args(arguments).current_dir(folder);
    command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(ChangeError::NoGit)?;
    let output = std::thread::scope(|scope| {
        let stdin = child.stdin.take();
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input)));
        child.wait_with_output()
    })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let message = text(&output.stderr).lines().next().unwrap_or("no reason was given").to_owned();
    let command = arguments.first().copied().unwrap_or_default().to_owned();
    Err(ChangeError::Failed { command, message: visible(&message).into_owned() })
}

/// Returns a path below `root`; `None` if it is elsewhere. What does not exist is placed by the folder around it.
fn inside(root: &Path, file: &Path) -> Option<PathBuf> {
    let file = if file.as_os_str().is_empty() { Path::new(".") } else { file };
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let last = file.components().next_back()?;
    let whole = match last {
        Component::Normal(name) => match parent.canonicalize() {
            Ok(parent) => parent.join(name),
            Err(_) => inside(root, parent).map(|parent| root.join(parent).join(name))?,
        },
        _ => file.canonicalize().ok()?,
    };
    whole.strip_prefix(root).ok().map(Path::to_owned)
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> PathBuf {
    text(bytes).into()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}
