//! Repositories of GitHub and GitLab: a comment of a pull request and an issue that are found again and updated in place, and the
//! status of a commit.
//!
//! # Guarantees
//! What exists is never written a second time: if the fate of a creation is unknown, the comments or issues are read again
//! before another attempt. No error tells the token (`tests/it/comments.rs`).

mod client;
mod requests;

use std::fmt;

pub use client::{Forge, ForgeError};

/// The software of a forge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForgeKind {
    /// GitHub, also on an own server.
    Github,
    /// GitLab, also on an own server.
    Gitlab,
}

impl fmt::Display for ForgeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ForgeKind::Github => "GitHub",
            ForgeKind::Gitlab => "GitLab",
        })
    }
}

/// A repository, and the way to it.
#[derive(Clone)]
pub struct ForgeRepository {
    /// The software.
    pub kind: ForgeKind,
    /// The base of its API, such as `https://api.github.com`.
    pub api: String,
    /// The repository: `owner/name`, or the number of a project of GitLab.
    pub project: String,
    /// The token that may write there.
    pub token: String,
}

impl fmt::Debug for ForgeRepository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.project)
    }
}

/// A text that a list of the forge has: a comment of a pull request, or an open issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostedText {
    /// Its number.
    pub id: u64,
    /// Its text.
    pub body: String,
    /// The name of its author.
    pub author: String,
    /// True if the author is a program.
    pub is_of_bot: bool,
}

/// The state of a check of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitState {
    /// It passed.
    Success,
    /// It did not.
    Failure,
}

/// The status of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitStatus {
    /// The commit.
    pub commit: String,
    /// The state.
    pub state: CommitState,
    /// The name of the check.
    pub context: String,
    /// The result in one line.
    pub description: String,
    /// The page with the whole of it.
    pub link: Option<String>,
}

/// A list of texts in which one is found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextPlace<'a> {
    /// The comments of the pull request of this number.
    Comments(u64),
    /// The open issues, of which a new one has this title.
    Issues(&'a str),
}

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextEnd {
    /// It was written for the first time.
    Created,
    /// It was replaced.
    Updated,
    /// It was the same already.
    Unchanged,
}
