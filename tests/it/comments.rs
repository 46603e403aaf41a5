//! `trueup comment` against a forge that stands in for GitHub and GitLab: found again, updated in place, never twice.

use axum::http::StatusCode;
use serde_json::json;

use crate::fake_forge::{FakeForge, author};
use crate::harness::ended;
use crate::outputs::{Desk, spec};

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
fn a_text_of_someone_else_with_our_marker_is_not_ours() {
    for user in [Some("trueup".to_owned()), None] {
        let forge = FakeForge::start("a-token");
        let mut theirs = author(Some("mallory"));
        theirs["id"] = json!(1);
        theirs["body"] = json!("<!-- trueup:plan stack=shop target= -->\nNothing changes.");
        {
            let mut pages = forge.pages.lock().unwrap();
            (pages.user, pages.comments) = (user, vec![theirs.clone()]);
        }
        let desk = planned(&spec(""));
        assert_eq!(on_github(&desk, &forge, &[]).1, "Created the comment on GitHub.\n");
        assert_eq!(on_github(&desk, &forge, &[]).1, "Nothing new for the comment on GitHub.\n");
        let pages = forge.pages.lock().unwrap();
        assert_eq!((pages.comments.len(), &pages.comments[0]), (2, &theirs));
    }
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
    forge
        .pages
        .lock()
        .unwrap()
        .comments
        .push(json!({"id": 1, "user": {"login": "trueup"}, "body": "<!-- trueup:plan stack=shop target= -->\nold"}));
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
    assert_eq!(on_github(&desk, &forge, &["--max-comments", "1"]).0, 0);
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
        (&["--forge", "github", "--repo", "a/../b"], &[("GITHUB_TOKEN", "x")], "is not the name of a repository"),
    ] {
        let mut command = desk.command(&[&["comment", "--plan", "plan.json"], arguments].concat());
        let (code, _, errors) = ended(&command.envs(variables.iter().copied()).output().unwrap());
        assert!(code == 1 && errors.contains(expected), "{arguments:?}: {errors}");
    }
}

#[test]
fn drift_opens_one_issue_which_is_updated_and_closed() {
    let desk = Desk::new();
    desk.write("stack.yaml", &spec(""));
    desk.apply("stack.yaml");
    let github = |forge: &FakeForge, spec: &str| {
        desk.write("changed.yaml", spec);
        let (code, _, errors) = desk.run(&["drift", "-f", "changed.yaml", "--output", "json=drift.json"]);
        assert!(matches!(code, 0 | 2), "{errors}");
        let mut command = desk.command(&["comment", "--drift", "drift.json"]);
        command.envs([("GITHUB_API_URL", forge.url.as_str()), ("GITHUB_REPOSITORY", "shop/infra")]);
        let (code, text, errors) = ended(&command.env("GITHUB_TOKEN", "a-token").output().unwrap());
        assert_eq!(code, 0, "{errors}");
        text
    };
    let forge = FakeForge::start("a-token");
    // A pull request is an issue too, and somebody may write our marker there.
    let other =
        json!({"number": 1, "state": "open", "pull_request": {}, "body": "<!-- trueup:drift stack=shop target= -->"});
    forge.pages.lock().unwrap().issues.push(other);
    assert_eq!(github(&forge, &spec("")), "No drift, and no open issue.\n");
    assert_eq!(github(&forge, &spec("    memory_size: 256\n")), "Opened an issue.\n");
    assert_eq!(github(&forge, &spec("    memory_size: 256\n")), "Nothing new for the issue.\n");
    forge.pages.lock().unwrap().faults = vec![(StatusCode::BAD_GATEWAY, false), (StatusCode::BAD_GATEWAY, true)];
    assert_eq!(github(&forge, &spec("    memory_size: 512\n    timeout: 9\n")), "Updated the issue.\n");
    assert_eq!(github(&forge, &spec("")), "Closed the issue: there is no drift any more.\n");
    assert_eq!(github(&forge, &spec("")), "No drift, and no open issue.\n");
    let pages = forge.pages.lock().unwrap();
    assert_eq!(pages.issues.len(), 2, "{:?}", pages.issues);
    let issue = &pages.issues[1];
    assert_eq!((&issue["title"], &issue["state"]), (&json!("Drift of stack shop"), &json!("closed")));
    drop(pages);

    let forge = FakeForge::start("b-token");
    desk.write("changed.yaml", &spec("    memory_size: 256\n"));
    assert_eq!(desk.run(&["drift", "-f", "changed.yaml", "--output", "json=drift.json"]).0, 2);
    let mut command = desk.command(&["comment", "--drift", "drift.json"]);
    command.envs([("CI_API_V4_URL", forge.url.as_str()), ("CI_PROJECT_ID", "12"), ("GITLAB_TOKEN", "b-token")]);
    assert_eq!(ended(&command.output().unwrap()).1, "Opened an issue.\n");
    let pages = forge.pages.lock().unwrap();
    let body = pages.issues[0]["description"].as_str().unwrap();
    assert!(body.contains("- changed `function/orders`: `memory_size is 128, declared 256`"), "{body}");
}

#[test]
fn what_could_not_be_read_leaves_the_issue_open() {
    let forge = FakeForge::start("a-token");
    let desk = Desk::new();
    let body = "<!-- trueup:drift stack=shop target= -->\nold";
    forge
        .pages
        .lock()
        .unwrap()
        .issues
        .push(json!({"number": 1, "state": "open", "user": {"login": "trueup"}, "body": body}));
    let unread = json!({"format_version": "1.0", "account": "1", "region": "r", "stack": "shop", "compared": 1, "drift": [],
        "not_compared": [{"kind": "unreadable", "code": "unreadable", "address": "function/orders",
            "read": {"operation": "GetFunction", "cause": "denied", "permission": null, "not_offered": false},
            "operation": "GetFunction", "cause": "denied", "message": "x"}]});
    desk.write("drift.json", &unread.to_string());
    let mut command = desk.command(&["comment", "--drift", "drift.json"]);
    command.envs([("GITHUB_API_URL", forge.url.as_str()), ("GITHUB_REPOSITORY", "a/b"), ("GITHUB_TOKEN", "a-token")]);
    let (code, text, errors) = ended(&command.output().unwrap());
    assert_eq!((code, text.as_str()), (0, "Updated the issue.\n"), "{errors}");
    assert_eq!(forge.pages.lock().unwrap().issues[0]["state"], "open");
    desk.write("drift.json", "{}");
    let (code, _, errors) = ended(&command.output().unwrap());
    assert!(code == 1 && errors.contains("drift.json is not the drift of a stack"), "{errors}");
}

#[test]
fn a_refused_plan_is_commented_and_fails_its_check() {
    let forge = FakeForge::start("a-token");
    let desk = Desk::new();
    desk.write("stack.yaml", &spec(""));
    desk.apply("stack.yaml");
    desk.write("other.yaml", &spec("").replace("stack: shop", "stack: other"));
    let plan = ["plan", "-f", "other.yaml", "--out", "plan.json", "--output", "json=report.json"];
    assert_eq!(desk.run(&plan).0, 4);
    let mut command = desk.command(&["comment", "--plan", "report.json", "--number", "7", "--commit", "abc"]);
    command.envs([("GITHUB_API_URL", forge.url.as_str()), ("GITHUB_REPOSITORY", "a/b"), ("GITHUB_TOKEN", "a-token")]);
    let (code, _, errors) = ended(&command.output().unwrap());
    assert_eq!(code, 0, "{errors}");
    let body = &forge.bodies()[0];
    assert!(body.contains("**Refused**") && !body.contains("sha256:") && !body.contains("trueup apply"), "{body}");
    assert_eq!(forge.pages.lock().unwrap().statuses[0].1["state"], "failure");
}
