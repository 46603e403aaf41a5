//! A missing region, credential or server is a clear error within two seconds, never a hang. So is an argument that cannot
//! be used, and the error does not quote the value of a variable.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const SPEC: &str = "version: 1\nstack: shop\nfunctions:\n  orders: {runtime: python3.13, handler: app.handler, \
                    role: \"arn:aws:iam::123456789012:role/orders\", code: {zip: package.zip}}\n";

/// A folder with a spec and its package.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("trueup.yaml"), SPEC).unwrap();
    std::fs::write(folder.path().join("package.zip"), crate::harness::zip(&[("app.py", "")])).unwrap();
    folder
}

/// Runs the program in a folder with this environment and these arguments, and nothing else.
fn run_in(folder: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_trueup"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs([("HOME", "/nonexistent"), ("PATH", "/usr/bin:/bin")])
        // The instance metadata service, at an address that never answers.
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Runs `plan` with this environment and these flags, and nothing else.
fn plan(environment: &[(&str, &str)], flags: &[&str]) -> (Duration, i32, String) {
    let folder = folder();
    let arguments: Vec<&str> = ["plan"].into_iter().chain(flags.iter().copied()).collect();
    let begun = Instant::now();
    let (code, text) = run_in(folder.path(), environment, &arguments);
    (begun.elapsed(), code, text)
}

fn fails_at_once(environment: &[(&str, &str)], flags: &[&str], expected: &str) {
    let (time, code, text) = plan(environment, flags);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains(expected), "{text}");
    // The limit allows for the start of a debug build on a busy machine.
    assert!(time < Duration::from_secs(4), "it took {time:?}: {text}");
}

#[test]
fn a_missing_region_fails_at_once() {
    fails_at_once(&[], &[], "no region is set");
}

#[test]
fn missing_credentials_fail_at_once() {
    fails_at_once(&[("AWS_REGION", "eu-west-1")], &[], "no AWS credentials were found");
}

#[test]
fn an_endpoint_without_a_listener_fails_at_once() {
    fails_at_once(&[("AWS_REGION", "eu-west-1")], &["--endpoint-url", "http://127.0.0.1:9"], "cannot be reached");
}

#[test]
fn an_endpoint_that_never_responds_fails_at_once() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    fails_at_once(&[("AWS_REGION", "eu-west-1")], &["--endpoint-url", &url], "cannot be reached");
}

#[test]
fn no_error_quotes_the_value_of_a_variable() {
    let rows: &[&[&str]] = &[
        &["plan", "-var=pw=hunter2"],
        &["plan", "-var", "pw=hunter2"],
        &["plan", "-set=pw=hunter2"],
        &["plan", "--var", "hunter2"],
        &["plan", "--var=pw:hunter2"],
        &["plan", "--var", r#"{"pw":"hunter2"}"#],
        &["plan", "--vra=pw=hunter2"],
        &["plan", "--var", "pw=my", "hunter2"],
        &["plan", "--var=pw=my", "hunter2"],
        &["plan", "pw=hunter2"],
        &["plan", "--", "pw=hunter2"],
        &["plan", "-e", "pw=hunter2"],
        &["plan", "--full=pw=hunter2"],
        &["plan", "--rate", "pw=hunter2"],
        &["plan", "--target", "pw=hunter2"],
        &["destroy", "--exclude", "pw=hunter2"],
        &["schema", "pw=hunter2"],
        &["explain", "pw=hunter2"],
        &["apply", "pw=hunter2"],
        &["show", "pw=hunter2"],
        &["pw=hunter2"],
        &["--var", "pw=hunter2", "plan"],
        &["--", "pw=hunter2"],
    ];
    let folder = folder();
    for row in rows {
        let (code, text) = run_in(folder.path(), &[], row);
        assert!(code == 1 && text.starts_with("error: "), "{row:?}: {code} {text}");
        assert!(!text.contains("hunter2"), "{row:?}: {text}");
    }
}

#[test]
fn a_spec_in_the_place_of_a_plan_is_named_as_one() {
    let rows: &[(&[&str], &str)] = &[
        (&["apply", "trueup.yaml"], "hint: pass a spec with -f: trueup apply -f trueup.yaml"),
        (&["show", "trueup.yaml"], "hint: pass a spec with -f: trueup plan -f trueup.yaml"),
        (&["show", "spec"], "hint: pass a spec with -f: trueup plan -f spec"),
        (&["plan", "trueup.yaml"], "hint: pass a spec with -f trueup.yaml"),
        (&["show", "broken.json"], "not a saved plan"),
        (
            &["apply", "broken.json", "--output", "json=broken.json"],
            "an output would replace broken.json, which is read",
        ),
    ];
    let folder = folder();
    std::fs::write(folder.path().join("spec"), SPEC).unwrap();
    std::fs::write(folder.path().join("broken.json"), "{").unwrap();
    for (row, expected) in rows {
        let (code, text) = run_in(folder.path(), &[], row);
        assert_eq!(code, 1, "{row:?}: {text}");
        assert!(text.contains(expected), "{row:?}: {text}");
    }
}

#[test]
fn a_plan_without_a_key_is_refused_where_one_is_given() {
    let folder = folder();
    std::fs::write(folder.path().join("key"), "7".repeat(32)).unwrap();
    let run = |arguments: &[&str], expected: i32| {
        let (code, text) = run_in(folder.path(), &[("TRUEUP_SIM_SETTLE", "1")], arguments);
        assert_eq!(code, expected, "{arguments:?}: {text}");
        text
    };
    run(&["plan", "--sim", "--out", "open.json"], 0);
    let text = run(&["apply", "open.json", "--sim", "--plan-key", "key"], 1);
    assert!(text.contains("open.json was saved without a plan key, and one is given"), "{text}");
    run(&["plan", "--sim", "--out", "bound.json", "--plan-key", "key"], 0);
    let text = run(&["apply", "bound.json", "--sim"], 1);
    assert!(text.contains("bound.json was saved with a plan key, and none is given"), "{text}");
    run(&["apply", "bound.json", "--sim", "--plan-key", "key"], 0);
    // A plan of `destroy` can be bound too.
    run(&["destroy", "--sim", "--out", "end.json", "--plan-key", "key"], 0);
    run(&["apply", "end.json", "--sim", "--plan-key", "key"], 0);
}
