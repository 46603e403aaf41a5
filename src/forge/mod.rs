//! Pull requests of GitHub and merge requests of GitLab: a comment that is found again and updated in place, and the status of a
//! commit.
//!
//! # Guarantees
//! A comment that exists is never written a second time: if the fate of a creation is unknown, the comments are read again
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

/// A pull request or a merge request, and the way to it.
#[derive(Clone)]
pub struct ReviewRequest {
    /// The software.
    pub kind: ForgeKind,
    /// The base of its API, such as `https://api.github.com`.
    pub api: String,
    /// The repository: `owner/name`, or the number of a project of GitLab.
    pub project: String,
    /// The number.
    pub number: u64,
    /// The token that may write comments and statuses.
    pub token: String,
}

impl fmt::Debug for ReviewRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.kind, self.project, self.number)
    }
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its number.
    pub id: u64,
    /// Its text.
    pub body: String,
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

/// What became of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentEnd {
    /// It was written for the first time.
    Created,
    /// Its text was replaced.
    Updated,
    /// It had this text already.
    Unchanged,
}
