//! Promise: a saved plan is bound to its spec and account, and is applied exactly or refused.

mod code_folder;
mod former_values;
mod moved;
mod secrets;
mod verified;

use std::process::Output;

use serde_json::{Value, json};
use trueup::apply::Verdict;
use trueup::kinds::KINDS;
use trueup::observe::Depth;
use trueup::plan::saved::{Binding, Stale};
use trueup::plan::{Limits, PlanOptions, SealedPlan};

use crate::harness::{Fixture, against, block_on, run, undone, zip};
use crate::server::{Connection, Server};
use crate::stacks::{Random, stack};

const SPEC: &str = "version: 1\nstack: shop\nfunctions:\n  orders:\n    runtime: python3.13\n    handler: app.handler\n    \
                    role: arn:aws:iam::123456789012:role/orders\n    code: {zip: package.zip}\n";

#[test]
fn a_plan_is_saved_only_after_pending_updates_have_settled() {
    let server = Server::start(&["--settle", "1000"]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("trueup.yaml"), SPEC).unwrap();
    std::fs::write(folder.path().join("package.zip"), zip(&[("app.py", "")])).unwrap();
    let trueup = |arguments: &[&str]| against(&server.url, folder.path(), arguments).output().unwrap();
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(trueup(&["apply", "--auto-approve"]).status.code(), Some(0));
    let mut connection = Connection::open(&server.url).unwrap();
    let mut configuration = |method: &str, change: &Value| {
        connection.call(method, "/2015-03-31/functions/orders/configuration", change).unwrap().1
    };
    configuration("PUT", &json!({"MemorySize": 640}));
    let saved = trueup(&["plan", "--out", "plan.json"]);
    assert!(said(&saved).contains("Waiting for Lambda to finish: function/orders"), "{}", said(&saved));
    let applied = trueup(&["apply", "plan.json"]);
    assert_eq!(applied.status.code(), Some(0), "{}", said(&applied));
    assert_eq!(configuration("GET", &Value::Null)["MemorySize"], 128);
}

#[test]
fn an_approved_plan_is_applied_only_to_the_stack_that_it_was_made_for() {
    block_on(async {
        let fixture = Fixture::new();
        let prepared = fixture.prepare(SPEC).await;
        let other = fixture.reconciler(&SPEC.replace("stack: shop", "stack: other"));
        let before = fixture.writes();
        let report = run(&other, prepared).await;
        assert_eq!(report.verdict(), Verdict::Refused, "{:?}", undone(&report));
        assert!(undone(&report)[0].contains("the plan is for stack shop"), "{:?}", undone(&report));
        assert_eq!(fixture.writes(), before);
    });
}

#[test]
fn a_refusal_that_is_removed_from_the_listing_holds_all_the_same() {
    let fixture = Fixture::new();
    let options = PlanOptions { targets: vec!["function/none".parse().unwrap()], ..PlanOptions::default() };
    let mut plan = block_on(fixture.reconciler(SPEC).plan(&options, Depth::Declared)).unwrap();
    assert_eq!(plan.plan.refusals.len(), 1);
    plan.plan.refusals.clear();
    assert!(plan.approve(&Limits::default()).is_err());
}

#[test]
fn a_plan_file_of_another_format_version_is_refused() {
    let fixture = Fixture::new();
    let sealed = block_on(fixture.prepare(SPEC)).plan.sealed(&Binding::of(&fixture.stack(SPEC))).to_json();
    for (version, is_read) in [("1.1", true), ("1.7", true), ("2.0", false), ("1.1x", false), ("1", false), ("", false)]
    {
        let mut file: Value = serde_json::from_str(&sealed).unwrap();
        file["format_version"] = json!(version);
        assert_eq!(SealedPlan::from_json(&file.to_string()).is_ok(), is_read, "{version}");
    }
}

#[test]
fn a_stale_plan_is_refused_and_nothing_is_written() {
    for kind in KINDS.iter() {
        block_on(async {
            let fixture = Fixture::new();
            let reconciler = fixture.reconciler(kind.example());
            let prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
            let binding = Binding::of(&reconciler.stack);
            let saved = SealedPlan::from_json(&prepared.plan.sealed(&binding).to_json()).unwrap();
            // The account changes before the saved plan is applied.
            let report = run(&reconciler, prepared).await;
            assert_eq!(report.verdict(), Verdict::Applied, "{:?}", undone(&report));
            let before = fixture.writes();
            let (stale, _) = reconciler.verify(&saved, &saved.options, None).await.unwrap();
            assert!(stale.iter().any(|stale| matches!(stale, Stale::Changed { .. })), "{}: {stale:?}", kind.name());
            assert_eq!(fixture.writes(), before);
        });
    }
}

#[test]
fn the_same_input_saves_the_same_bytes() {
    for kind in KINDS.iter() {
        block_on(async {
            let fixture = Fixture::new();
            let reconciler = fixture.reconciler(kind.example());
            let binding = Binding::of(&reconciler.stack);
            let write = async || {
                let prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
                prepared.plan.sealed(&binding).to_json()
            };
            let (first, second) = (write().await, write().await);
            assert_eq!(first, second);
            let first = SealedPlan::from_json(&first).unwrap();
            let (stale, _) = reconciler.verify(&first, &first.options, None).await.unwrap();
            assert_eq!(stale, []);
        });
    }
}

#[test]
fn a_saved_plan_is_bound_to_the_values_of_its_spec_and_not_to_its_text() {
    let fixture = Fixture::new();
    let text = stack(&Random::example());
    let digest = |text: &str| Binding::of(&fixture.stack(text)).digest;
    assert_eq!(digest(&text), digest(&format!("# a comment\n{text}\n")));
    for (from, to) in [
        ("app.handler", "app.other"),
        ("stack: ", "prune: true\nstack: "),
        ("functions:\n", "functions:\n  prune: true\n"),
        ("    handler:", "    prevent_destroy: true\n    handler:"),
        ("    handler:", "    ignore: [timeout]\n    handler:"),
    ] {
        let other = text.replacen(from, to, 1);
        assert_ne!(other, text, "{from}");
        assert_ne!(digest(&text), digest(&other), "{to}");
    }
}

#[test]
fn what_people_read_in_a_plan_file_is_compared_too() {
    for kind in KINDS.iter() {
        block_on(async {
            let fixture = Fixture::new();
            let reconciler = fixture.reconciler(kind.example());
            let prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
            let whole: Value =
                serde_json::from_str(&prepared.plan.sealed(&Binding::of(&reconciler.stack)).to_json()).unwrap();
            let resources = whole["resources"].as_array().unwrap().len();
            for at in 0..resources {
                for (member, edited) in
                    [("action", json!("delete")), ("action", json!("keep")), ("data_loss", json!("x"))]
                {
                    let mut plan = whole.clone();
                    plan["resources"][at][member] = edited;
                    let plan = SealedPlan::from_json(&plan.to_string()).unwrap();
                    let (stale, _) = reconciler.verify(&plan, &plan.options, None).await.unwrap();
                    assert!(!stale.is_empty(), "{member} of resource {at} of {}", kind.name());
                }
                let mut plan = whole.clone();
                plan["resources"].as_array_mut().unwrap().remove(at);
                let plan = SealedPlan::from_json(&plan.to_string()).unwrap();
                assert_ne!(
                    reconciler.verify(&plan, &plan.options, None).await.unwrap().0,
                    [],
                    "{} without {at}",
                    kind.name()
                );
            }
        });
    }
}

#[test]
fn a_plan_replaces_only_a_file_that_is_a_plan_of_its_stack() {
    let server = Server::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("trueup.yaml"), SPEC).unwrap();
    std::fs::write(path("other.yaml"), SPEC.replace("stack: shop", "stack: other")).unwrap();
    std::fs::write(path("refused.yaml"), SPEC.replace("{zip: package.zip}", "external")).unwrap();
    std::fs::write(path("package.zip"), zip(&[("app.py", "")])).unwrap();
    let plan = |arguments: &[&str]| {
        let arguments: Vec<&str> = [&["plan", "--out"], arguments].concat();
        let output = against(&server.url, folder.path(), &arguments).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(plan(&["plan.json"]).0, Some(0));
    assert_eq!(plan(&["plan.json"]).0, Some(0), "a plan of the same stack is replaced");
    // So is one that another version wrote.
    std::fs::write(path("plan.json"), r#"{"format_version": "0.9", "stack": "shop"}"#).unwrap();
    assert_eq!(plan(&["plan.json"]).0, Some(0));
    let (code, said) = plan(&["plan.json", "-f", "other.yaml"]);
    assert!(code == Some(1) && said.contains("not a plan of stack other"), "{said}");
    std::fs::write(path("notes.txt"), "keep me").unwrap();
    let (code, said) = plan(&["notes.txt"]);
    assert!(code == Some(1) && said.contains("--force"), "{said}");
    assert_eq!(std::fs::read_to_string(path("notes.txt")).unwrap(), "keep me");
    std::os::unix::fs::symlink("notes.txt", path("link.json")).unwrap();
    for name in ["link.json", "."] {
        let (code, said) = plan(&[name, "--force"]);
        assert!(code == Some(1) && said.contains("it is "), "{name}: {said}");
    }
    assert_eq!(plan(&["notes.txt", "--force"]).0, Some(0));
    assert!(std::fs::read_to_string(path("notes.txt")).unwrap().contains("format_version"));
    let (code, said) = plan(&["refused.json", "-f", "refused.yaml"]);
    assert!(code == Some(4) && !path("refused.json").exists(), "{said}");
}
