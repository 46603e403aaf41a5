//! The repository of a spec, as `git` tells of it. Runs no hook, and writes nothing into the repository. Files of a commit pass
//! through the filters that they pass when they are checked out.

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
    #[error("`{reference}` is not a commit of this repository")]
    UnknownCommit {
        /// The reference.
        reference: String,
        /// The clone has only a part of the history.
        is_shallow: bool,
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
            ChangeError::UnknownCommit { is_shallow: true, .. } => {
                Some("this clone is shallow: fetch the commit first, such as with `git fetch --unshallow origin`")
            }
            ChangeError::UnknownCommit { .. } => Some("name a commit, a branch or a tag, such as origin/main"),
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

    /// Returns the commit at which this work left `reference`; the referenced one itself if they have nothing in common, or if
    /// this work is behind it.
    ///
    /// # Errors
    /// If the reference names no commit.
    pub fn base(&self, reference: &str) -> Result<Base, ChangeError> {
        let resolved = |name: &str| {
            let commit = format!("{name}^{{commit}}");
            self.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]).map(|commit| text(&commit))
        };
        let Ok(named) = resolved(reference) else {
            let is_shallow = self.run(&["rev-parse", "--is-shallow-repository"]).is_ok_and(|is| text(&is) == "true");
            return Err(ChangeError::UnknownCommit { reference: visible(reference).into_owned(), is_shallow });
        };
        // Where this work is behind the reference, as after a rollback, it changes what came since.
        let common = self.run(&["merge-base", &named, "HEAD"]).map(|common| text(&common)).ok();
        let head = resolved("HEAD").ok();
        let commit = common.filter(|common| Some(common) != head.as_ref()).unwrap_or(named);
        let folder = tempfile::tempdir()?;
        let base = Base { root: self.root.clone(), commit, folder };
        base.run(&["read-tree", &base.commit])?;
        Ok(base)
    }

    /// Returns the paths below the top folder that differ from the base, and those of which git does not know if they do: those
    /// that it does not track, ignored ones too, those that it was told not to look at, and submodules.
    ///
    /// # Errors
    /// If git cannot tell.
    pub fn touched(&self, base: &Base) -> Result<BTreeSet<PathBuf>, ChangeError> {
        let options = ["--name-only", "--no-renames", "--no-ext-diff", "--ignore-submodules=none", "-z"];
        let differing = self.run(&[&["diff"], &options[..], &[&base.commit, "--"]].concat())?;
        let unknown = self.run(&["ls-files", "--others", "-z"])?;
        // A line is a letter and a path: `S` and small letters stand for files that are not looked at.
        let marked = self.run(&["ls-files", "-v", "-z"])?;
        let marked = marked.split(|byte| *byte == 0).filter_map(|line| match line {
            [mark, b' ', name @ ..] if *mark == b'S' || mark.is_ascii_lowercase() => Some(name),
            _ => None,
        });
        let tracked = self.run(&["ls-files", "--stage", "-z"])?;
        let submodules = tracked.split(|byte| *byte == 0).filter(|line| line.starts_with(b"160000 "));
        let submodules = submodules.filter_map(|line| line.splitn(2, |byte| *byte == b'\t').nth(1));
        let names = differing.split(|byte| *byte == 0).chain(unknown.split(|byte| *byte == 0));
        let names = names.chain(marked).chain(submodules).filter(|name| !name.is_empty());
        Ok(names.map(|name| path(name.strip_suffix(b"/").unwrap_or(name))).collect())
    }

    /// Returns a path below the top folder, without what leads up and down; `None` if it is elsewhere.
    pub fn inside(&self, file: &Path) -> Option<PathBuf> {
        inside(&self.root, file)
    }

    fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Result<Vec<u8>, ChangeError> {
        run(&self.root, &[], arguments, &[])
    }
}

/// The commit that is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its name.
    pub commit: String,
    /// True if tracked files differ from it.
    pub has_local_changes: bool,
}

/// Returns the commit that is checked out around a folder; `None` where git knows of none.
pub fn head(folder: &Path) -> Option<Head> {
    let git = |arguments: &[&str]| run(folder, &[], arguments, &[]).ok();
    let commit = text(&git(&["rev-parse", "--verify", "HEAD"])?);
    let status = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Some(Head { commit, has_local_changes: !status.is_empty() })
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
        let here = if relative.as_os_str().is_empty() { Path::new(".") } else { &relative };
        let listed = self
            .run(&["ls-files", "-z", "--"].map(OsStr::new).into_iter().chain([here.as_os_str()]).collect::<Vec<_>>())?;
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

    fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Result<Vec<u8>, ChangeError> {
        run(&self.root, &self.index(), arguments, &[])
    }
}

/// The variables that tell git where its files are.
const INHERITED: [&str; 7] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
];

/// Runs git in a folder, and returns what it prints.
fn run(
    folder: &Path,
    environment: &[(&str, PathBuf)],
    arguments: &[impl AsRef<OsStr>],
    input: &[u8],
) -> Result<Vec<u8>, ChangeError> {
    let mut command = Command::new("git");
    // Hooks and a monitor of the file system are programs of the repository's own.
    command.args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]);
    if cfg!(unix) {
        command.args(["-c", "core.fileMode=true"]);
    }
    command.args(arguments).current_dir(folder);
    // Within a hook, these name another repository or index than the folder does.
    for name in INHERITED {
        command.env_remove(name);
    }
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
    let command = arguments.first().map(|command| command.as_ref().to_string_lossy().into_owned()).unwrap_or_default();
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
