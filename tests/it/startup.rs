//! A missing region, credential or server is a clear error within two seconds, never a hang.

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
        // The instance metadata service, at an address that never answers.
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (begun.elapsed(), output.status.code().unwrap_or(-1), text)
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
