//! `trueup comment` against a forge that stands in for GitHub and GitLab: found again, updated in place, never twice.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::harness::ended;
use crate::outputs::{Desk, spec};

/// What the forge has, and what it does to the next requests.
#[derive(Default)]
struct Pages {
    comments: Vec<Value>,
    statuses: Vec<(String, Value)>,
    requests: Vec<String>,
    /// The responses to the next writes, each with whether the write has its effect all the same.
    faults: Vec<(StatusCode, bool)>,
    token: &'static str,
}

/// A forge on a port of its own.
struct FakeForge {
    url: String,
    pages: Arc<Mutex<Pages>>,
    _runtime: tokio::runtime::Runtime,
}

impl FakeForge {
    fn start(token: &'static str) -> FakeForge {
        let pages = Arc::new(Mutex::new(Pages { token, ..Pages::default() }));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(serve).with_state(pages.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        FakeForge { url, pages, _runtime: runtime }
    }

    fn bodies(&self) -> Vec<String> {
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
    let id = path.rsplit('/').next().and_then(|id| id.parse::<usize>().ok());
    let answer = match (parts.method.as_str(), id) {
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
            let comment = json!({"id": pages.comments.len() + 1, "body": sent["body"]});
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

/// A desk with a saved plan.
fn planned(spec: &str) -> Desk {
    let desk = Desk::new();
    desk.write("stack.yaml", spec);
    let (code, _, errors) = desk.run(&["plan", "-f", "stack.yaml", "--out", "plan.json"]);
    assert_eq!(code, 0, "{errors}");
    desk
}

/// Runs the command as a workflow of GitHub does.
fn on_github(desk: &Desk, forge: &FakeForge, more: &[&str]) -> (i32, String, String) {
    desk.write("event.json", r#"{"pull_request": {"number": 7, "head": {"sha": "abc123"}}}"#);
    let mut command = desk.command(&[&["comment", "--plan", "plan.json"], more].concat());
    command.envs([("GITHUB_API_URL", forge.url.as_str()), ("GITHUB_REPOSITORY", "shop/infra")]);
    command.envs([("GITHUB_EVENT_PATH", "event.json"), ("GITHUB_TOKEN", "a-token"), ("GITHUB_SHA", "merged")]);
    ended(&command.output().unwrap())
}

#[test]
fn a_comment_is_created_once_and_updated_after_that() {
    let forge = FakeForge::start("a-token");
    forge.pages.lock().unwrap().comments =
        (1..=150).map(|id| json!({"id": id, "body": format!("comment {id}")})).collect();
    let desk = planned(&spec(""));
    let (code, text, errors) = on_github(&desk, &forge, &[]);
    assert_eq!((code, text.as_str()), (0, "Created the comment on GitHub.\n"), "{errors}");
    assert!(forge.bodies()[150].starts_with("<!-- trueup:plan stack=shop target= -->\n### Plan of `shop`"));
    assert_eq!(on_github(&desk, &forge, &[]).1, "Nothing new for the comment on GitHub.\n");
    desk.write("stack.yaml", &spec("    memory_size: 256\n"));
    assert_eq!(desk.run(&["plan", "-f", "stack.yaml", "--out", "plan.json"]).0, 0);
    assert_eq!(on_github(&desk, &forge, &[]).1, "Updated the comment on GitHub.\n");
    assert_eq!(forge.bodies().len(), 151);
    assert!(forge.bodies()[150].contains("256 MB"));
    let pages = forge.pages.lock().unwrap();
    let (path, status) = &pages.statuses[0];
    assert_eq!(path, "/repos/shop/infra/statuses/abc123", "the newest commit of the pull request");
    assert_eq!((&status["state"], &status["context"]), (&json!("success"), &json!("trueup/shop")));
    assert_eq!(status["description"], "Plan: 2 to create, 1 version to publish, 0 to delete.");
}

#[test]
fn a_creation_without_a_response_is_not_repeated() {
    let forge = FakeForge::start("a-token");
    let desk = planned(&spec(""));
    let faults =
        [(StatusCode::TOO_MANY_REQUESTS, false), (StatusCode::BAD_GATEWAY, false), (StatusCode::BAD_GATEWAY, true)];
    forge.pages.lock().unwrap().faults = faults.to_vec();
    let (code, _, errors) = on_github(&desk, &forge, &[]);
    assert_eq!(code, 0, "{errors}");
    assert_eq!(forge.bodies().len(), 1, "{:?}", forge.pages.lock().unwrap().requests);
    forge.pages.lock().unwrap().faults = vec![(StatusCode::SERVICE_UNAVAILABLE, false); 9];
    desk.write("stack.yaml", &spec("    memory_size: 256\n"));
    assert_eq!(desk.run(&["plan", "-f", "stack.yaml", "--out", "plan.json"]).0, 0);
    let (code, _, errors) = on_github(&desk, &forge, &[]);
    assert!(code == 1 && errors.contains("GitHub answered 503 to write the comment: try again"), "{errors}");
}

#[test]
fn a_wrong_token_is_refused_and_not_shown() {
    let desk = planned(&spec(""));
    let forge = FakeForge::start("another-token");
    let (code, text, errors) = on_github(&desk, &forge, &[]);
    assert!(code == 1 && errors.contains("GitHub answered 401 to list the comments: Bad credentials"), "{errors}");
    assert!(errors.contains("pull-requests: write") && !format!("{text}{errors}").contains("a-token"), "{errors}");
}

#[test]
fn a_plan_without_changes_writes_no_new_comment_if_asked_and_updates_an_old_one() {
    let forge = FakeForge::start("a-token");
    let desk = Desk::new();
    desk.write("stack.yaml", &spec(""));
    desk.apply("stack.yaml");
    assert_eq!(desk.run(&["plan", "-f", "stack.yaml", "--out", "plan.json"]).0, 0);
    let (code, text, errors) = on_github(&desk, &forge, &["--skip-no-changes"]);
    assert_eq!((code, text.as_str()), (0, "No changes, and no comment to update.\n"), "{errors}");
    forge.pages.lock().unwrap().comments.push(json!({"id": 1, "body": "<!-- trueup:plan stack=shop target= -->\nold"}));
    assert_eq!(on_github(&desk, &forge, &["--skip-no-changes"]).1, "Updated the comment on GitHub.\n");
    assert!(forge.bodies()[0].contains("No changes. 3 resources of stack shop"), "{:?}", forge.bodies());
}

#[test]
fn a_long_plan_is_divided_and_its_old_parts_are_emptied() {
    let forge = FakeForge::start("a-token");
    let function = |number: usize| {
        format!(
            "  fn-{number:04}:\n    runtime: python3.13\n    handler: app.h{number}\n    role: \
             arn:aws:iam::123456789012:role/r\n    code: {{zip: package.zip}}\n"
        )
    };
    let many = |count| format!("version: 1\nstack: shop\nfunctions:\n{}", (0..count).map(function).collect::<String>());
    let desk = planned(&many(560));
    assert_eq!(on_github(&desk, &forge, &["--max-comments", "3"]).0, 0);
    let bodies = forge.bodies();
    assert_eq!(bodies.len(), 3, "{:?}", bodies.iter().map(String::len).collect::<Vec<_>>());
    assert!(bodies.iter().all(|body| body.len() <= 65_536));
    let shown: usize = bodies.iter().map(|body| body.matches("<summary>").count()).sum();
    assert_eq!(shown, 560, "each function is in one of them");
    desk.write("stack.yaml", &spec(""));
    assert_eq!(desk.run(&["plan", "-f", "stack.yaml", "--out", "plan.json"]).0, 0);
    assert_eq!(on_github(&desk, &forge, &["--max-comments", "3"]).0, 0);
    let emptied = forge.bodies().iter().filter(|body| body.contains("has become shorter")).count();
    assert_eq!((forge.bodies().len(), emptied), (3, 2));
}

#[test]
fn gitlab_has_notes_and_names_of_its_own() {
    let forge = FakeForge::start("b-token");
    let desk = planned(&spec(""));
    let mut command = desk.command(&["comment", "--plan", "plan.json", "--repo", "shop/infra", "--commit", "def456"]);
    command.envs([("CI_API_V4_URL", forge.url.as_str()), ("CI_PROJECT_ID", "12"), ("CI_MERGE_REQUEST_IID", "3")]);
    let (code, text, errors) = ended(&command.env("GITLAB_TOKEN", "b-token").output().unwrap());
    assert_eq!((code, text.as_str()), (0, "Created the comment on GitLab.\n"), "{errors}");
    let pages = forge.pages.lock().unwrap();
    assert!(
        pages.requests.contains(&"POST /projects/shop%2Finfra/merge_requests/3/notes".to_owned()),
        "{:?}",
        pages.requests
    );
    assert_eq!(pages.statuses[0].1["name"], "trueup/shop");
}

#[test]
fn what_is_not_known_is_asked_for_before_anything_is_sent() {
    let desk = planned(&spec(""));
    for (arguments, variables, expected) in [
        (&[][..], &[][..], "the forge is not known"),
        (&["--forge", "github"], &[], "the token is not known"),
        (&["--forge", "github"], &[("GITHUB_TOKEN", "x")], "the repository is not known"),
        (&["--forge", "github", "--repo", "a/b"], &[("GITHUB_TOKEN", "x")], "the pull request is not known"),
        (&["--forge", "github", "--repo", "a/../b"], &[("GITHUB_TOKEN", "x")], "is no name of a repository"),
    ] {
        let mut command = desk.command(&[&["comment", "--plan", "plan.json"], arguments].concat());
        let (code, _, errors) = ended(&command.envs(variables.iter().copied()).output().unwrap());
        assert!(code == 1 && errors.contains(expected), "{arguments:?}: {errors}");
    }
}
