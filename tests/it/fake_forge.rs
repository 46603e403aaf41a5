//! A forge that stands in for GitHub and GitLab: comments, issues and statuses in memory, and faults.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// What the forge has, and what it does to the next requests.
#[derive(Default)]
pub struct Pages {
    pub comments: Vec<Value>,
    pub issues: Vec<Value>,
    pub statuses: Vec<(String, Value)>,
    pub requests: Vec<String>,
    /// The responses to the next writes, each with whether the write has its effect all the same.
    pub faults: Vec<(StatusCode, bool)>,
    /// The user of the token; an app, which may not ask who it is, if there is none.
    pub user: Option<String>,
    token: &'static str,
}

/// A forge on a port of its own.
pub struct FakeForge {
    pub url: String,
    pub pages: Arc<Mutex<Pages>>,
    _runtime: tokio::runtime::Runtime,
}

impl FakeForge {
    pub fn start(token: &'static str) -> FakeForge {
        let pages = Arc::new(Mutex::new(Pages { token, user: Some("trueup".to_owned()), ..Pages::default() }));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(serve).with_state(pages.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        FakeForge { url, pages, _runtime: runtime }
    }

    /// Returns what a reader sees on a page, `pull request` or `issues`, each line of a text behind a bar.
    pub fn shown(&self, page: &str) -> String {
        let pages = self.pages.lock().unwrap();
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let body = |it: &Value| {
            word(&it["body"]).lines().map(|line| format!("{}\n", format!("| {line}").trim_end())).collect::<String>()
        };
        if page == "issues" {
            let issue = |it: &Value| format!("{} ({})\n{}", word(&it["title"]), word(&it["state"]), body(it));
            return pages.issues.iter().map(issue).collect();
        }
        let status = |(_, it): &(String, Value)| {
            format!("{}: {}, {}\n", word(&it["context"]), word(&it["state"]), word(&it["description"]))
        };
        pages.comments.iter().map(body).chain(pages.statuses.last().map(status)).collect()
    }

    pub fn bodies(&self) -> Vec<String> {
        let pages = self.pages.lock().unwrap();
        pages.comments.iter().map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
    }
}

async fn serve(State(pages): State<Arc<Mutex<Pages>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let mut pages = pages.lock().unwrap();
    let path = parts.uri.path().to_owned();
    pages.requests.push(format!("{} {}", parts.method, parts.uri));
    let header = |headers: &HeaderMap, name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let token = header(&parts.headers, "authorization").or(header(&parts.headers, "private-token"));
    if !token.unwrap_or_default().ends_with(pages.token) {
        return (StatusCode::UNAUTHORIZED, r#"{"message": "Bad credentials"}"#).into_response();
    }
    let fault = (parts.method != "GET" && !pages.faults.is_empty()).then(|| pages.faults.remove(0));
    if let Some((status, false)) = fault {
        let mut response = (status, r#"{"message": "try again"}"#).into_response();
        response.headers_mut().insert("retry-after", HeaderValue::from_static("0"));
        return response;
    }
    let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
    if path == "/user" {
        return match &pages.user {
            Some(user) => json!({"login": user, "username": user}).to_string().into_response(),
            None => (StatusCode::FORBIDDEN, r#"{"message": "Resource not accessible by integration"}"#).into_response(),
        };
    }
    let text = sent.get("body").or(sent.get("description")).and_then(Value::as_str).unwrap_or_default();
    if text.chars().count() > 65_536 {
        return (StatusCode::UNPROCESSABLE_ENTITY, r#"{"message": "body is too long"}"#).into_response();
    }
    let id = path.rsplit('/').next().and_then(|id| id.parse::<usize>().ok());
    let is_issue =
        path.ends_with("/issues") || path.rsplit_once('/').is_some_and(|(list, _)| list.ends_with("/issues"));
    let answer = match (parts.method.as_str(), id) {
        _ if is_issue => {
            let by = author(pages.user.as_deref());
            issues(&mut pages.issues, parts.method.as_str(), id, &sent, by)
        }
        ("GET", _) => {
            let query = parts.uri.query().unwrap_or_default();
            let page = query.split('&').find_map(|it| it.strip_prefix("page=")).map_or(1, |page| page.parse().unwrap());
            let from = (page - 1) * 100;
            json!(pages.comments.iter().skip(from).take(100).collect::<Vec<_>>())
        }
        ("POST", _) if path.contains("/statuses/") => {
            pages.statuses.push((path, sent));
            json!({})
        }
        ("POST", _) => {
            let mut comment = author(pages.user.as_deref());
            comment["id"] = json!(pages.comments.len() + 1);
            comment["body"] = sent["body"].clone();
            pages.comments.push(comment.clone());
            comment
        }
        ("PATCH" | "PUT", Some(id)) => {
            pages.comments[id - 1]["body"] = sent["body"].clone();
            json!({})
        }
        other => panic!("{other:?} {path}"),
    };
    let status = fault.map_or(StatusCode::OK, |(status, _)| status);
    (status, answer.to_string()).into_response()
}

/// Returns what an entry says of its author, as GitHub and GitLab do.
pub fn author(user: Option<&str>) -> Value {
    match user {
        Some(name) => json!({"user": {"login": name, "type": "User"}, "author": {"username": name}}),
        None => json!({"user": {"login": "github-actions[bot]", "type": "Bot"}}),
    }
}

/// Answers a request about issues, as GitHub and GitLab do.
fn issues(issues: &mut Vec<Value>, method: &str, number: Option<usize>, sent: &Value, by: Value) -> Value {
    match (method, number) {
        ("GET", _) => json!(issues.iter().filter(|issue| issue["state"] == "open").collect::<Vec<_>>()),
        ("POST", _) => {
            let number = issues.len() + 1;
            let body = if sent["body"].is_null() { &sent["description"] } else { &sent["body"] };
            let mut issue = json!({"number": number, "iid": number, "id": 1000 + number, "title": sent["title"], "state": "open",
                "body": body, "description": body});
            issue.as_object_mut().unwrap().extend(by.as_object().cloned().unwrap_or_default());
            issues.push(issue.clone());
            issue
        }
        (_, Some(number)) => {
            let issue = &mut issues[number - 1];
            for (member, value) in sent.as_object().unwrap() {
                match member.as_str() {
                    "state" | "state_event" => issue["state"] = json!("closed"),
                    _ => {
                        issue["body"] = value.clone();
                        issue["description"] = value.clone();
                    }
                }
            }
            json!({})
        }
        other => panic!("{other:?}"),
    }
}
