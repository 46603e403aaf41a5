//! What a user sees when something is missing: a clear error within two seconds, never a hang.

use std::process::Command;
use std::time::{Duration, Instant};

const SPEC: &str = "version: 1\nstack: shop\nfunctions:\n  orders: {runtime: python3.13, handler: app.handler, \
                    role: \"arn:aws:iam::123456789012:role/orders\", code: {zip: package.zip}}\n";

/// Runs `plan` with this environment and these flags, and nothing else.
fn plan(environment: &[(&str, &str)], flags: &[&str]) -> (Duration, i32, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("trueup.yaml"), SPEC).unwrap();
    std::fs::write(folder.path().join("package.zip"), crate::harness::zip(&[("app.py", "")])).unwrap();
    let begun = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_trueup"))
        .arg("plan")
        .args(flags)
        .current_dir(folder.path())
        .env_clear()
        .envs([("HOME", "/nonexistent"), ("PATH", "/usr/bin:/bin")])
        // The address of the service that EC2 asks for credentials: one that never answers.
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (begun.elapsed(), output.status.code().unwrap_or(-1), text)
}

fn told(environment: &[(&str, &str)], flags: &[&str], expected: &str) {
    let (time, code, text) = plan(environment, flags);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains(expected), "{text}");
    // The program's own start-up in a debug build on a busy machine is allowed for; a hang is not.
    assert!(time < Duration::from_secs(4), "it took {time:?}: {text}");
}

#[test]
fn no_region_is_told_at_once() {
    told(&[], &[], "no region is set");
}

#[test]
fn no_credentials_are_told_at_once() {
    told(&[("AWS_REGION", "eu-west-1")], &[], "no AWS credentials were found");
}

#[test]
fn an_endpoint_that_nobody_listens_on_is_told_at_once() {
    told(&[("AWS_REGION", "eu-west-1")], &["--endpoint-url", "http://127.0.0.1:9"], "cannot be reached");
}

#[test]
fn an_endpoint_that_never_answers_is_told_at_once() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    told(&[("AWS_REGION", "eu-west-1")], &["--endpoint-url", &url], "cannot be reached");
}
