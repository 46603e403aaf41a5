//! Promise: no text of AWS, of a file, of a saved plan or of an argument steers a terminal, or passes for a line of ours.

use std::process::Command;

use axum::response::IntoResponse;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use trueup::apply::EventSender;
use trueup::cloud;
use trueup::drift::drift;
use trueup::kinds::KINDS;
use trueup::model::{Secrets, is_hidden};
use trueup::observe::Depth;
use trueup::plan::saved::Binding;
use trueup::plan::{Limits, MaskedPlan, PlanOptions, SealedPlan};
use trueup::show::plan::{Detail, Display};
use trueup::show::{self, Style};

use crate::harness::{Fixture, block_on, zip};

/// A line of ours that is forged, with everything that a terminal obeys or hides.
const HOSTILE: &str = "x\r\nNo changes. forged\u{1b}[2J\u{7}\u{7f}\u{9b}8m\u{202e}\u{2066}\u{200b}\u{2028}\u{e0041}y";

/// Fails if a hidden character reached the text, or the forged line stands on its own.
fn assert_shown(name: &str, text: &str) {
    let found = text.chars().find(|letter| is_hidden(*letter) && *letter != '\n');
    assert_eq!(found, None, "{name}: {text:?}");
    assert!(!text.lines().any(|line| line.trim_start().starts_with("No changes. forged")), "{name}: {text}");
}

/// Renders a plan in every form.
fn assert_all_shown(name: &str, plan: &MaskedPlan) {
    assert_shown(
        name,
        &show::plan::render(plan, Display { detail: Detail::All, steps: true, unfolded: true }, Style::default()),
    );
    assert_shown(name, &show::drift::render(&drift(plan), &plan.not_compared, Style::default()));
}

/// Returns the plan with each text in turn replaced by the hostile one, as far as it still is a plan.
fn planted(plan: &Value) -> impl Iterator<Item = (String, SealedPlan)> {
    let mut texts = Vec::new();
    pointers(plan, &mut String::new(), &mut texts);
    texts.into_iter().filter_map(move |pointer| {
        let mut plan = plan.clone();
        let text = plan.pointer_mut(&pointer)?;
        // An address stays one if only its last key changes.
        *text = match text.as_str()?.rsplit_once('/') {
            Some((kind, _)) if !kind.is_empty() => Value::from(format!("{kind}/{HOSTILE}")),
            _ => Value::from(HOSTILE),
        };
        Some((pointer, SealedPlan::from_json(&plan.to_string()).ok()?))
    })
}

fn pointers(value: &Value, at: &mut String, found: &mut Vec<String>) {
    let mut below = |key: &str, value: &Value| {
        let length = at.len();
        *at += &format!("/{}", key.replace('~', "~0").replace('/', "~1"));
        pointers(value, at, found);
        at.truncate(length);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| below(key, value)),
        Value::Array(list) => list.iter().enumerate().for_each(|(key, value)| below(&key.to_string(), value)),
        Value::String(_) => found.push(at.clone()),
        _ => {}
    }
}

#[test]
fn no_text_of_a_plan_of_any_kind_reaches_the_terminal_raw() {
    for kind in KINDS.iter() {
        block_on(async {
            let fixture = Fixture::new();
            let reconciler = fixture.reconciler(kind.example());
            let created = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
            let mut plans = vec![created.plan.sealed(&Binding::of(&reconciler.stack)).to_json()];
            fixture.apply(kind.example()).await;
            // Deletions show the live state of every resource.
            let options = PlanOptions { destroy: true, ..PlanOptions::default() };
            let deleted = reconciler.plan(&options, Depth::Declared).await.unwrap();
            plans.push(deleted.plan.sealed(&Binding::of(&reconciler.stack)).to_json());
            let mut count = 0;
            for plan in plans {
                let plan: Value = serde_json::from_str(&plan).unwrap();
                for (pointer, planted) in planted(&plan) {
                    assert_all_shown(&format!("{} {pointer}", kind.name()), &planted.masked());
                    count += 1;
                }
            }
            assert!(count > 10, "{}: only {count} texts", kind.name());
        });
    }
}

#[test]
fn no_message_of_aws_reaches_the_terminal_raw() {
    const SPEC: &str = "version: 1\nstack: shop\nfunctions:\n  orders:\n    runtime: python3.13\n    handler: app.handler\n    \
                        role: arn:aws:iam::123456789012:role/r\n    code: {zip: package.zip}\n";
    block_on(async {
        let body = serde_json::json!({"Type": "User", "message": HOSTILE}).to_string();
        let fixture = Fixture::settled(move |router| {
            router.layer(axum::middleware::from_fn(
                move |request: axum::extract::Request, next: axum::middleware::Next| {
                    let body = body.clone();
                    async move {
                        if request.method() != axum::http::Method::POST {
                            return next.run(request).await;
                        }
                        let headers = [
                            ("content-type", "application/json"),
                            ("x-amzn-errortype", "InvalidParameterValueException"),
                        ];
                        (axum::http::StatusCode::BAD_REQUEST, headers, body).into_response()
                    }
                },
            ))
        });
        let reconciler = fixture.reconciler(SPEC);
        let plan = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
        let approved = plan.approve(&Limits::default()).unwrap();
        let report = reconciler.apply(approved, CancellationToken::new(), EventSender::default()).await;
        let text = show::report::render(&report, Style::default(), show::report::ReportOf::Apply, &cloud::hint);
        assert!(text.contains("No changes. forged"), "the message is not shown at all: {text}");
        assert_shown("report", &text);
        let destroy = show::report::render(&report, Style::default(), show::report::ReportOf::Destroy, &cloud::hint);
        assert!(!destroy.contains("Apply failed") && !destroy.contains("Run apply again"), "{destroy}");
        let json = serde_json::to_value(report.scrubbed(&Secrets::default()).masked()).unwrap();
        assert_shown("reason", json["steps"][0]["reason"].as_str().unwrap());
    });
}

#[test]
fn no_argument_reaches_the_terminal_raw() {
    const SPEC: &str = "version: 1\nstack: shop\nfunctions:\n  orders: {runtime: python3.13, handler: app.handler, \
                        role: \"arn:aws:iam::123456789012:role/r\", code: {zip: package.zip}}\n";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("trueup.yaml"), SPEC).unwrap();
    std::fs::write(folder.path().join("package.zip"), zip(&[("app.py", "")])).unwrap();
    let option = format!("--{HOSTILE}");
    let rows: &[&[&str]] = &[
        &[HOSTILE],
        &["plan", HOSTILE],
        &["plan", &option],
        &["plan", "--target", HOSTILE],
        &["plan", "--var", HOSTILE],
        &["plan", "--rate", HOSTILE],
        &["plan", "--region", HOSTILE],
        &["plan", "--profile", HOSTILE],
        &["plan", "--sim", "--plan-key", HOSTILE],
        &["show", HOSTILE],
        // It creates the file.
        &["plan", "--sim", "--out", HOSTILE],
        &["apply", HOSTILE, "--sim", "--plan-key", "trueup.yaml"],
        &["schema", HOSTILE],
        &["explain", HOSTILE],
        &["graph", "--format", HOSTILE],
        &["sim", "--listen", HOSTILE],
        &["sim", "--faults", HOSTILE, "--listen", "0"],
    ];
    for row in rows {
        let output = Command::new(env!("CARGO_BIN_EXE_trueup"))
            .args(*row)
            .current_dir(folder.path())
            .env_clear()
            .envs([("HOME", "/nonexistent"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9")])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!text.is_empty(), "{row:?}");
        assert_shown(&format!("{row:?}"), &text);
    }
}
