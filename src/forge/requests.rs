//! The requests that a forge takes, and what its responses say. Pure.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{Comment, CommitState, CommitStatus, ForgeKind, ReviewRequest};
use crate::cloud::WebRequest;

/// The comments of a page.
pub const PAGE: usize = 100;

/// The most characters of a description on GitHub.
const DESCRIPTION: usize = 140;

impl ReviewRequest {
    /// Reads a page of comments, from 1.
    pub(super) fn list(&self, page: usize) -> WebRequest {
        let query = match self.kind {
            ForgeKind::Github => format!("?per_page={PAGE}&page={page}"),
            ForgeKind::Gitlab => format!("?per_page={PAGE}&page={page}&sort=asc"),
        };
        self.request("GET", &format!("{}{query}", self.comments()), None)
    }

    /// Writes a new comment.
    pub(super) fn create(&self, body: &str) -> WebRequest {
        self.request("POST", &self.comments(), Some(json!({"body": body})))
    }

    /// Replaces the text of a comment.
    pub(super) fn update(&self, id: u64, body: &str) -> WebRequest {
        let (method, path) = match self.kind {
            ForgeKind::Github => ("PATCH", format!("{}/issues/comments/{id}", self.repository())),
            ForgeKind::Gitlab => ("PUT", format!("{}/{id}", self.comments())),
        };
        self.request(method, &path, Some(json!({"body": body})))
    }

    /// Sets the status of a commit.
    pub(super) fn status(&self, status: &CommitStatus) -> WebRequest {
        let description: String = status.description.chars().take(DESCRIPTION).collect();
        let path = format!("{}/statuses/{}", self.repository(), encoded(&status.commit));
        let (state, name) = match (self.kind, status.state) {
            (ForgeKind::Github, CommitState::Success) => ("success", "context"),
            (ForgeKind::Github, CommitState::Failure) => ("failure", "context"),
            (ForgeKind::Gitlab, CommitState::Success) => ("success", "name"),
            (ForgeKind::Gitlab, CommitState::Failure) => ("failed", "name"),
        };
        let mut body = json!({"state": state, name: status.context, "description": description});
        if let Some(link) = &status.link {
            body["target_url"] = json!(link);
        }
        self.request("POST", &path, Some(body))
    }

    fn repository(&self) -> String {
        match self.kind {
            ForgeKind::Github => format!("/repos/{}", self.project),
            ForgeKind::Gitlab => format!("/projects/{}", encoded(&self.project)),
        }
    }

    fn comments(&self) -> String {
        match self.kind {
            ForgeKind::Github => format!("{}/issues/{}/comments", self.repository(), self.number),
            ForgeKind::Gitlab => format!("{}/merge_requests/{}/notes", self.repository(), self.number),
        }
    }

    fn request(&self, method: &'static str, path: &str, body: Option<Value>) -> WebRequest {
        let mut headers = vec![("user-agent", format!("trueup/{}", env!("CARGO_PKG_VERSION")))];
        match self.kind {
            ForgeKind::Github => headers.extend([
                ("authorization", format!("Bearer {}", self.token)),
                ("accept", "application/vnd.github+json".to_owned()),
                ("x-github-api-version", "2022-11-28".to_owned()),
            ]),
            ForgeKind::Gitlab => headers.push(("private-token", self.token.clone())),
        }
        if body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        let url = format!("{}{path}", self.api.trim_end_matches('/'));
        WebRequest { method, url, headers, body: body.map(|body| body.to_string()) }
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Reads a page of comments; `None` if it is none.
pub fn comments(body: &[u8]) -> Option<Vec<Comment>> {
    let list: Vec<Value> = serde_json::from_slice(body).ok()?;
    list.iter()
        .map(|comment| {
            let body = comment.get("body").and_then(Value::as_str).unwrap_or_default().to_owned();
            Some(Comment { id: comment.get("id")?.as_u64()?, body })
        })
        .collect()
}

/// Reads the words of an error.
pub fn message(body: &[u8]) -> String {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = value.get("message").or(value.get("error")).map(|it| it.as_str().map_or(it.to_string(), str::to_owned));
    text.unwrap_or_default()
}
