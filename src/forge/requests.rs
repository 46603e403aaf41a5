//! The requests that a forge takes, and what its responses say. Pure.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{CommitState, CommitStatus, ForgeKind, ForgeRepository, PostedText, TextPlace};
use crate::cloud::WebRequest;

/// The texts of a page.
pub const PAGE: usize = 100;

/// The most characters of a description on GitHub.
const DESCRIPTION: usize = 140;

impl ForgeRepository {
    /// Reads a page of a list, from 1.
    pub(super) fn list(&self, place: TextPlace<'_>, page: usize) -> WebRequest {
        let query = match (self.kind, place) {
            (ForgeKind::Github, TextPlace::Comments(_)) => format!("?per_page={PAGE}&page={page}"),
            (ForgeKind::Github, TextPlace::Issues(_)) => format!("?state=open&per_page={PAGE}&page={page}"),
            (ForgeKind::Gitlab, TextPlace::Comments(_)) => format!("?per_page={PAGE}&page={page}&sort=asc"),
            (ForgeKind::Gitlab, TextPlace::Issues(_)) => format!("?state=opened&per_page={PAGE}&page={page}"),
        };
        self.request("GET", &format!("{}{query}", self.path(place)), None)
    }

    /// Asks whose the token is.
    pub(super) fn user(&self) -> WebRequest {
        self.request("GET", "/user", None)
    }

    /// Adds a text to a list.
    pub(super) fn create(&self, place: TextPlace<'_>, body: &str) -> WebRequest {
        let sent = match (self.kind, place) {
            (_, TextPlace::Comments(_)) => json!({"body": body}),
            (ForgeKind::Github, TextPlace::Issues(title)) => json!({"title": title, "body": body}),
            (ForgeKind::Gitlab, TextPlace::Issues(title)) => json!({"title": title, "description": body}),
        };
        self.request("POST", &self.path(place), Some(sent))
    }

    /// Replaces a text of a list.
    pub(super) fn update(&self, place: TextPlace<'_>, id: u64, body: &str) -> WebRequest {
        let (method, path, sent) = match (self.kind, place) {
            (ForgeKind::Github, TextPlace::Comments(_)) => {
                ("PATCH", format!("{}/issues/comments/{id}", self.repository()), json!({"body": body}))
            }
            (ForgeKind::Github, TextPlace::Issues(_)) => {
                ("PATCH", format!("{}/{id}", self.path(place)), json!({"body": body}))
            }
            (ForgeKind::Gitlab, TextPlace::Comments(_)) => {
                ("PUT", format!("{}/{id}", self.path(place)), json!({"body": body}))
            }
            (ForgeKind::Gitlab, TextPlace::Issues(_)) => {
                ("PUT", format!("{}/{id}", self.path(place)), json!({"description": body}))
            }
        };
        self.request(method, &path, Some(sent))
    }

    /// Closes an issue.
    pub(super) fn close(&self, id: u64, body: &str) -> WebRequest {
        let path = format!("{}/{id}", self.path(TextPlace::Issues("")));
        match self.kind {
            ForgeKind::Github => self.request("PATCH", &path, Some(json!({"state": "closed", "body": body}))),
            ForgeKind::Gitlab => self.request("PUT", &path, Some(json!({"state_event": "close", "description": body}))),
        }
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

    fn path(&self, place: TextPlace<'_>) -> String {
        let repository = self.repository();
        match (self.kind, place) {
            (_, TextPlace::Issues(_)) => format!("{repository}/issues"),
            (ForgeKind::Github, TextPlace::Comments(number)) => format!("{repository}/issues/{number}/comments"),
            (ForgeKind::Gitlab, TextPlace::Comments(number)) => format!("{repository}/merge_requests/{number}/notes"),
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

/// Reads a page of a list; `None` if it is none. Also returns the number of what the page has, which is more than what is read: GitHub
/// lists pull requests among the issues.
pub fn entries(kind: ForgeKind, place: TextPlace<'_>, body: &[u8]) -> Option<(Vec<PostedText>, usize)> {
    let list: Vec<Value> = serde_json::from_slice(body).ok()?;
    // An issue has a number in its repository besides the one among all issues of the forge.
    let (id, text) = match (kind, place) {
        (_, TextPlace::Comments(_)) => ("id", "body"),
        (ForgeKind::Github, TextPlace::Issues(_)) => ("number", "body"),
        (ForgeKind::Gitlab, TextPlace::Issues(_)) => ("iid", "description"),
    };
    let entries = list.iter().filter(|it| it.get("pull_request").is_none()).map(|it| {
        let body = it.get(text).and_then(Value::as_str).unwrap_or_default().to_owned();
        let author = it.get("user").or(it.get("author")).cloned().unwrap_or_default();
        let is_of_bot = author.get("type").and_then(Value::as_str) == Some("Bot");
        Some(PostedText { id: it.get(id)?.as_u64()?, body, author: user_name(&author), is_of_bot })
    });
    Some((entries.collect::<Option<_>>()?, list.len()))
}

/// Reads the name of a user, which is empty if there is none.
pub fn user_name(user: &Value) -> String {
    let name = user.get("login").or(user.get("username")).and_then(Value::as_str);
    name.unwrap_or_default().to_owned()
}

/// Reads the words of an error.
pub fn message(body: &[u8]) -> String {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = value.get("message").or(value.get("error")).map(|it| it.as_str().map_or(it.to_string(), str::to_owned));
    text.unwrap_or_default()
}
