//! Promise: a spec with several targets is planned and applied in all of them or in none, each as if it were the only one.

mod declared;

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{against, ended, zip};
use crate::server::Server;

const FUNCTION: &str = "vars: {memory: 128, name: hello}
functions:
  hello:
    function_name: ${var.name}
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::${account}:role/hello
    memory_size: ${var.memory}
    code: {zip: package.zip}
";

/// Two accounts, one with a value of its own.
const TWO: &str = "targets:
  eu: {account: '111111111111', region: eu-west-1, vars: {memory: 256}}
  us: {region: us-east-1, role_arn: 'arn:aws:iam::222222222222:role/trueup'}
";

/// A folder with a spec of these targets and its package.
fn folder(targets: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("trueup.yaml"), format!("version: 1\nstack: shop\n{targets}{FUNCTION}")).unwrap();
    std::fs::write(folder.path().join("package.zip"), zip(&[("app.py", "")])).unwrap();
    folder
}

/// Runs the program on the simulators of a folder.
fn simulated(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
    ended(&command.args(arguments).arg("--sim").current_dir(folder).env_clear().env("CI", "1").output().unwrap())
}

/// Runs the program without a server.
fn offline(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    ended(&Command::new(env!("CARGO_BIN_EXE_trueup")).args(arguments).current_dir(folder).env_clear().output().unwrap())
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The memory that a plan gives the function of each target.
fn memory(folder: &Path, arguments: &[&str]) -> [Value; 2] {
    let arguments: Vec<&str> = ["plan", "--json"].into_iter().chain(arguments.iter().copied()).collect();
    let (code, text, errors) = simulated(folder, &arguments);
    assert_eq!(code, 0, "{errors}");
    let plans = parsed(&text);
    ["eu", "us"].map(|target| {
        let changes = plans["targets"][target]["resources"][0]["changes"].as_array().cloned().unwrap_or_default();
        changes.iter().find(|it| it["path"][0] == "memory_size").map_or(Value::Null, |it| it["after"].clone())
    })
}

#[test]
fn a_saved_plan_holds_all_targets_and_is_applied_in_all_of_them() {
    let folder = folder(TWO);
    let run = |arguments: &[&str]| simulated(folder.path(), arguments);
    let (code, text, errors) = run(&["plan", "--out", "plan.json"]);
    assert_eq!(code, 0, "{errors}");
    for expected in ["target eu", "account 111111111111 · eu-west-1", "account 222222222222 · us-east-1", "2 targets"]
    {
        assert!(text.contains(expected), "{expected} is missing: {text}");
    }
    let (code, shown, _) = offline(folder.path(), &["show", "plan.json"]);
    assert!(code == 0 && shown.contains("target us") && !shown.contains("2 targets"), "{shown}");
    let (code, text, errors) = run(&["apply", "plan.json", "--sim-settle", "0", "--json"]);
    assert_eq!(code, 0, "{errors}");
    for target in ["eu", "us"] {
        assert_eq!(parsed(&text)["targets"][target]["verdict"], "applied", "{text}");
    }
    let (code, text, _) = run(&["plan", "--detailed-exitcode"]);
    assert_eq!(code, 0, "{text}");
    // A change in one of them makes the whole file stale: nothing is written anywhere.
    assert_eq!(run(&["plan", "--out", "plan.json", "--var", "memory=512"]).0, 0);
    assert_eq!(run(&["apply", "--only", "us", "--auto-approve", "--var", "memory=300", "--sim-settle", "0"]).0, 0);
    let (code, _, errors) = run(&["apply", "plan.json", "--var", "memory=512"]);
    assert!(code == 3 && errors.contains("target us: the saved plan is stale"), "{code}: {errors}");
    assert!(errors.contains("Nothing was changed in any target."), "{errors}");
    let (code, _, errors) = run(&["apply", "plan.json", "--var", "memory=512", "--only", "eu", "--sim-settle", "0"]);
    assert_eq!(code, 0, "{errors}");
    let (code, text, _) = run(&["drift", "--json", "--var", "memory=512"]);
    assert_eq!(code, 2, "{text}");
    let drift = parsed(&text);
    assert_eq!(drift["targets"]["eu"]["drift"], Value::Array(Vec::new()));
    assert_eq!(drift["targets"]["us"]["drift"][0]["address"], "function/hello");
    assert_eq!(run(&["destroy", "--auto-approve", "--sim-settle", "0"]).0, 0);
    assert_eq!(memory(folder.path(), &[]), [256, 128]);
}

#[test]
fn each_target_has_its_own_variables_and_the_command_line_the_last_word() {
    let folder = folder(TWO);
    let path = folder.path();
    assert_eq!(memory(path, &[]), [256, 128]);
    assert_eq!(memory(path, &["--var", "memory=1024"]), [1024, 1024]);
    std::fs::write(path.join("vars.yaml"), "memory: 2048\n").unwrap();
    assert_eq!(memory(path, &["--var-file", "vars.yaml"]), [2048, 2048]);
}

#[test]
fn a_target_without_a_plan_is_reported_and_keeps_the_others_from_being_applied() {
    let folder = folder(TWO);
    let run = |arguments: &[&str]| simulated(folder.path(), arguments);
    std::fs::create_dir_all(folder.path().join(".trueup/sim/targets/us")).unwrap();
    std::fs::write(folder.path().join(".trueup/sim/targets/us/sim.json"), r#"{"format": 9, "opened": 1}"#).unwrap();
    let (code, text, errors) = run(&["plan"]);
    assert!(code == 1 && text.contains("+ function "), "{code}: {text}");
    assert!(errors.contains("error: target us: could not open the simulator"), "{errors}");
    let (code, _, errors) = run(&["plan", "--out", "plan.json"]);
    assert!(errors.contains("Not saved to plan.json"), "{errors}");
    assert!(code == 1 && !folder.path().join("plan.json").exists(), "half a plan would be mistaken for a whole one");
    let (code, text, _) = run(&["plan", "--json"]);
    assert!(code == 1 && parsed(&text)["targets"]["us"]["error"].is_string(), "{text}");
    let (code, _, errors) = run(&["apply", "--auto-approve"]);
    assert!(code == 1 && errors.contains("Nothing was changed in any target."), "{errors}");
    assert_eq!(memory(folder.path(), &["--only", "eu"])[0], 256, "nothing was created");
    assert_eq!(run(&["apply", "--auto-approve", "--only", "eu", "--sim-settle", "0"]).0, 0);
}

#[test]
fn the_role_of_a_target_is_assumed() {
    let server = Server::start(&["--account", "111111111111"]);
    let spec =
        |account: &str| format!("targets: {{a: {{region: us-east-1, role_arn: 'arn:aws:iam::{account}:role/x'}}}}\n");
    let plan = |account: &str| {
        ended(&against(&server.url, folder(&spec(account)).path(), &["plan", "--verbose"]).output().unwrap())
    };
    let (code, text, errors) = plan("111111111111");
    assert!(code == 0 && text.contains("account 111111111111"), "{errors}");
    let (code, _, errors) = plan("222222222222");
    let expected = "target a: the role arn:aws:iam::222222222222:role/x cannot be assumed";
    assert!(code == 1 && errors.contains(expected) && errors.contains("AccessDenied"), "{errors}");
    assert!(errors.contains("hint: allow sts:AssumeRole"), "{errors}");
}

#[test]
fn a_saved_plan_is_for_the_targets_of_the_spec() {
    let folder = folder(TWO);
    let path = folder.path();
    let run = |arguments: &[&str]| simulated(path, arguments);
    assert_eq!(run(&["plan", "--out", "plan.json"]).0, 0);
    let whole = parsed(&std::fs::read_to_string(path.join("plan.json")).unwrap());
    let file = |targets: Value| std::fs::write(path.join("plan.json"), targets.to_string()).unwrap();
    let (eu, us) = (whole["targets"]["eu"].clone(), whole["targets"]["us"].clone());
    for (targets, code, expected) in [
        (json!({"targets": {"eu": eu}}), 4, "has no plan for the target `us` of the spec"),
        (json!({"targets": {"eu": eu, "us": us, "asia": us}}), 4, "for the target `asia`, and the spec has no such"),
        (
            json!({"targets": {"eu": us, "us": eu}}),
            3,
            "this plan is for account 222222222222, and the run is in account 111",
        ),
        (json!({"targets": {}}), 1, "it has no targets"),
        (eu.clone(), 4, "is for a spec without `targets`, and this one has them"),
    ] {
        file(targets);
        let (found, text, errors) = run(&["apply", "plan.json"]);
        assert!(found == code && errors.contains(expected), "{found}: {text}{errors}");
    }
    file(whole);
    std::fs::write(path.join("trueup.yaml"), format!("version: 1\nstack: shop\n{FUNCTION}")).unwrap();
    let (code, _, errors) = run(&["apply", "plan.json"]);
    assert!(code == 4 && errors.contains("is for a spec with `targets`, and this one has none"), "{errors}");
}

#[test]
fn what_one_target_refuses_no_other_is_given() {
    let folder = folder(TWO);
    let run = |arguments: &[&str]| simulated(folder.path(), arguments);
    assert_eq!(run(&["apply", "--auto-approve", "--sim-settle", "0", "--only", "us"]).0, 0);
    let spec = std::fs::read_to_string(folder.path().join("trueup.yaml")).unwrap();
    let other = spec.replace("  hello:", "  other:").replace("name: hello", "name: other");
    std::fs::write(folder.path().join("trueup.yaml"), other).unwrap();
    let arguments = ["--prune", "--max-deletes", "0"];
    let (code, text, _) = run(&[&["plan"][..], &arguments].concat());
    assert!(code == 4 && text.contains("  us  Refused."), "{text}");
    let (code, text, _) = run(&[&["apply", "--auto-approve", "--json"][..], &arguments].concat());
    assert_eq!(code, 4);
    let targets = &parsed(&text)["targets"];
    assert!(targets["eu"]["error"].as_str().unwrap().starts_with("not applied, because another target"), "{text}");
    assert!(targets["us"]["error"].is_string(), "{text}");
}

#[test]
fn a_target_without_changes_is_counted_and_does_not_stand_for_a_write() {
    let folder = folder(TWO);
    let run = |arguments: &[&str]| simulated(folder.path(), arguments);
    let apply = ["apply", "--auto-approve", "--sim-settle", "0"];
    assert_eq!(run(&apply).0, 0);
    let spec = std::fs::read_to_string(folder.path().join("trueup.yaml")).unwrap();
    // Refused by Lambda, which keeps a part of the account's concurrency unreserved.
    let reserved = "    reserved_concurrent_executions: ${var.reserved}\n";
    let spec = spec.replace("vars: {memory: 128,", "vars: {reserved: unreserved, memory: 128,") + reserved;
    let spec = spec.replace("role/trueup'}", "role/trueup', vars: {reserved: 5000}}");
    std::fs::write(folder.path().join("trueup.yaml"), spec).unwrap();
    let (code, text, errors) = run(&apply);
    assert!(code == 1 && text.contains("2 targets\n  eu  No changes."), "{code}: {text}{errors}");
}

#[test]
fn no_output_of_targets_holds_the_password_of_an_endpoint() {
    let folder = folder(TWO);
    let url = "http://bob:hunter2@127.0.0.1:9";
    std::fs::write(folder.path().join("plan.json"), "{}").unwrap();
    for arguments in [&["plan"][..], &["plan", "--json"], &["plan", "--out", "plan.json"], &["drift", "--json"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
        command.args(arguments).args(["--endpoint-url", url]).current_dir(folder.path()).env_clear();
        let (code, text, errors) = ended(&command.output().unwrap());
        assert!(code == 1 && !text.contains("hunter2") && !errors.contains("hunter2"), "{text}{errors}");
        // Also where a file is in the way, and for a role as for an account.
        assert!(errors.contains("target eu: ") && errors.contains("target us: "), "{errors}");
        assert_eq!(errors.matches("cannot be reached").count(), 2, "{errors}");
    }
}
