//! `verify` says of each resource what became of it since the plan was saved, and writes nothing.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::zip;

/// A spec of three functions, and `extra` below the first.
fn spec(memory: u32) -> String {
    let function = |name: &str| {
        format!(
            "  {name}: {{runtime: python3.13, handler: app.handler, role: 'arn:aws:iam::123456789012:role/x', \
             memory_size: {memory}, code: {{zip: package.zip}}}}\n"
        )
    };
    format!("version: 1\nstack: shop\nfunctions:\n{}", ["a", "b", "c"].map(function).concat())
}

fn trueup(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
    command.args(arguments).args(["--sim", "--sim-settle", "0"]).current_dir(folder).env_clear().env("CI", "1");
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.code().unwrap_or(-1), if text[0].is_empty() { text.concat() } else { text[0].clone() })
}

/// A folder with three live functions and a saved plan that changes the memory of each.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("package.zip"), zip(&[("app.py", "")])).unwrap();
    for (name, memory) in [("before.yaml", 128), ("after.yaml", 256), ("other.yaml", 512)] {
        std::fs::write(path.join(name), spec(memory)).unwrap();
    }
    assert_eq!(trueup(path, &["apply", "-f", "before.yaml", "--auto-approve"]).0, 0);
    let (code, text) = trueup(path, &["plan", "-f", "after.yaml", "--out", "plan.json"]);
    assert_eq!(code, 0, "{text}");
    folder
}

/// Verifies the plan. Returns the exit code and what became of each function.
fn verified(folder: &Path, file: &str) -> (i32, Vec<String>, Value) {
    let (code, text) = trueup(folder, &["verify", "plan.json", "-f", file, "--json"]);
    let document: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let resources = document["resources"].as_array().unwrap().iter();
    let standings = resources.map(|it| it["standing"].as_str().unwrap().to_owned());
    (code, standings.collect(), document)
}

#[test]
fn a_plan_that_still_holds_is_the_same_and_writes_nothing() {
    let folder = folder();
    for _ in 0..2 {
        let (code, standings, document) = verified(folder.path(), "after.yaml");
        assert_eq!((code, &document["same"]), (0, &json!(true)), "{document}");
        assert_eq!(standings, ["same"; 3]);
    }
    let (code, text) = trueup(folder.path(), &["apply", "plan.json", "-f", "after.yaml"]);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn each_resource_is_named_with_what_became_of_it() {
    let folder = folder();
    let path = folder.path();
    let only = |file: &str, name: &str| {
        let (code, text) = trueup(path, &["apply", "-f", file, "--auto-approve", "--target", name]);
        assert_eq!(code, 0, "{text}");
    };
    only("after.yaml", "function/a");
    only("other.yaml", "function/b");
    let (code, text) = trueup(path, &["destroy", "-f", "before.yaml", "--auto-approve", "--target", "function/c"]);
    assert_eq!(code, 0, "{text}");
    let (code, standings, document) = verified(path, "after.yaml");
    assert_eq!(code, 2);
    assert_eq!(standings, ["applied", "moved", "gone"], "{document}");
    assert_eq!(document["resources"][1]["fields"][0]["path"], json!(["memory_size"]));
    let (code, text) = trueup(path, &["verify", "plan.json", "-f", "after.yaml"]);
    assert_eq!(code, 2);
    for line in [
        "already applied update function/a",
        "moved           update function/b: it was changed",
        "memory_size: 128 → 512",
        "gone            update function/c",
        "The plan would not do the same now: 1 already applied, 1 moved, 1 gone. Apply refuses it; run plan again.",
    ] {
        assert!(text.contains(line), "{line} is missing: {text}");
    }
    // Verified as it was: nothing was written by it.
    assert_eq!(verified(path, "after.yaml").1, ["applied", "moved", "gone"]);
}

#[test]
fn a_plan_that_was_applied_says_so() {
    let folder = folder();
    assert_eq!(trueup(folder.path(), &["apply", "plan.json", "-f", "after.yaml"]).0, 0);
    let (code, standings, _) = verified(folder.path(), "after.yaml");
    assert_eq!((code, standings), (2, vec!["applied".to_owned(); 3]));
}

#[test]
fn a_plan_of_another_spec_is_not_compared_by_resource() {
    let folder = folder();
    let (code, standings, document) = verified(folder.path(), "other.yaml");
    assert_eq!((code, standings.len()), (2, 0));
    let reason = document["differences"][0].as_str().unwrap();
    assert!(reason.contains("it would do something else to function/a, function/b, function/c"), "{document}");
}

#[test]
fn a_write_that_left_no_difference_is_named() {
    let folder = folder();
    for file in ["other.yaml", "before.yaml"] {
        let (code, text) = trueup(folder.path(), &["apply", "-f", file, "--auto-approve", "--target", "function/b"]);
        assert_eq!(code, 0, "{text}");
    }
    let (code, standings, document) = verified(folder.path(), "after.yaml");
    assert_eq!((code, standings), (2, ["same", "moved", "same"].map(str::to_owned).to_vec()));
    assert_eq!(document["resources"][1]["change"], "revision", "{document}");
}

#[test]
fn a_plan_that_apply_would_refuse_is_not_said_to_do_the_same() {
    let folder = folder();
    let image = spec(256)
        .replace("runtime: python3.13, handler: app.handler, ", "")
        .replace("code: {zip: package.zip}", "code: {image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/x:1'}");
    std::fs::write(folder.path().join("after.yaml"), image).unwrap();
    let (code, text) = trueup(folder.path(), &["plan", "-f", "after.yaml", "--out", "plan.json", "--allow-replace"]);
    assert_eq!(code, 0, "{text}");
    let verify = ["verify", "plan.json", "-f", "after.yaml"];
    for (allowed, expected) in [(false, 2), (true, 0)] {
        let option = if allowed { &["--allow-replace"][..] } else { &[] };
        let (code, text) = trueup(folder.path(), &[&verify, option].concat());
        assert_eq!(code, expected, "{text}");
        assert_eq!(text.contains("The plan would be refused."), !allowed, "{text}");
    }
    assert_eq!(trueup(folder.path(), &["apply", "plan.json", "-f", "after.yaml"]).0, 4);
}

#[test]
fn a_secret_without_a_plan_key_is_said_not_to_be_compared() {
    let folder = folder();
    let secret = spec(256).replace("code:", "environment: {variables: {TOKEN: one}}, code:");
    std::fs::write(folder.path().join("after.yaml"), secret).unwrap();
    std::fs::write(folder.path().join("key"), "0123456789abcdef0123456789abcdef0123456789abcdef").unwrap();
    for (key, expected) in [(&[][..], 3), (&["--plan-key", "key"], 0)] {
        let plan = ["plan", "-f", "after.yaml", "--out", "plan.json", "--force"];
        let (code, text) = trueup(folder.path(), &[&plan, key].concat());
        assert_eq!(code, 0, "{text}");
        let (_, text) = trueup(folder.path(), &[&["verify", "plan.json", "-f", "after.yaml", "--json"], key].concat());
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["unbound_secrets"], expected, "{document}");
    }
}

#[test]
fn what_was_predicted_is_applied_too_and_a_plan_that_never_ran_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("package.zip"), zip(&[("app.py", "")])).unwrap();
    let spec = |name: &str, fields: &str| {
        let text = format!(
            "version: 1\nstack: shop\nfunctions:\n  a:\n    runtime: python3.13\n    handler: app.handler\n    role: \
             arn:aws:iam::123456789012:role/x\n    code: {{zip: package.zip}}\n    aliases: {{live: {{function_version: \
             published}}}}\n{fields}"
        );
        std::fs::write(path.join(name), text).unwrap();
    };
    let secret = |default: &str| format!("    environment: {{variables: {{PIN: \"${{env.TOKEN:-{default}}}\"}}}}\n");
    spec("before.yaml", &secret("one"));
    spec("after.yaml", &(secret("one") + "    memory_size: 256\n"));
    spec("other.yaml", &secret("two"));
    let run = |arguments: &[&str]| {
        let (code, text) = trueup(path, arguments);
        assert_eq!(code, 0, "{arguments:?}: {text}");
    };
    run(&["apply", "-f", "before.yaml", "--auto-approve"]);
    // A secret differs, then the function is written and written back: the spec of now wants nothing, and nothing was applied.
    run(&["plan", "-f", "other.yaml", "--out", "plan.json"]);
    for name in ["after.yaml", "before.yaml"] {
        run(&["apply", "-f", name, "--auto-approve"]);
    }
    let (code, standings, document) = verified(path, "before.yaml");
    assert!(code == 2 && !standings.contains(&"applied".to_owned()), "{document}");
    // The alias gets the number that was predicted.
    std::fs::remove_file(path.join("plan.json")).unwrap();
    run(&["plan", "-f", "after.yaml", "--out", "plan.json"]);
    run(&["apply", "plan.json", "-f", "after.yaml"]);
    let (code, standings, document) = verified(path, "after.yaml");
    assert_eq!((code, standings.as_slice()), (2, &["applied"; 3].map(str::to_owned)[..]), "{document}");
    let (code, text) = trueup(path, &["apply", "plan.json", "-f", "after.yaml"]);
    assert!(code == 3 && text.contains("the saved plan has already been applied"), "{text}");
}
