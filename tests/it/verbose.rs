//! `--verbose` and `TRUEUP_LOG` print each call, and never a secret.

use std::process::Output;

use crate::harness::{against, zip};
use crate::server::Server;

const SECRET: &str = "correct-horse-battery-staple";

const SPEC: &str = "version: 1\nstack: shop\nfunctions:\n  orders:\n    runtime: python3.13\n    handler: app.handler\n    \
                    role: arn:aws:iam::123456789012:role/orders\n    code: {zip: package.zip}\n    \
                    environment: {variables: {TOKEN: correct-horse-battery-staple}}\n";

/// Applies the spec to a new simulator with these flags and these variables.
fn apply(flags: &[&str], environment: &[(&str, &str)]) -> Output {
    let server = Server::start(&["--settle", "0", "--rule", "fail 429 before on GetFunction at 1"]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("trueup.yaml"), SPEC).unwrap();
    std::fs::write(folder.path().join("package.zip"), zip(&[("app.py", "")])).unwrap();
    let arguments = [&["apply", "--auto-approve"], flags].concat();
    against(&server.url, folder.path(), &arguments).envs(environment.iter().copied()).output().unwrap()
}

/// The lines of stderr that hold all of these words.
fn lines(stderr: &str, words: &[&str]) -> usize {
    stderr.lines().filter(|line| words.iter().all(|word| line.contains(word))).count()
}

#[test]
fn verbose_prints_each_call_with_duration_attempt_status_and_request_id() {
    let output = apply(&["--verbose"], &[]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let throttled = [
        "operation=\"GetFunction\"",
        "resource=/functions/orders",
        "attempt=1",
        "status=429",
        "request_id=",
        "duration_ms=",
    ];
    assert_eq!(lines(&stderr, &throttled), 1, "{stderr}");
    assert!(lines(&stderr, &["operation=\"GetFunction\"", "attempt=2", "status=404"]) > 0, "{stderr}");
    let created = ["step{id=1", "operation=\"CreateFunction\"", "status=201", "request_id=", "duration_ms="];
    assert_eq!(lines(&stderr, &created), 1, "{stderr}");
    assert!(!stderr.contains(SECRET), "{stderr}");
}

#[test]
fn the_log_is_chosen_by_level_or_target_and_has_no_secret_at_any_level() {
    let loud = apply(&[], &[("TRUEUP_LOG", "trace")]);
    let stderr = String::from_utf8_lossy(&loud.stderr);
    assert_eq!(lines(&stderr, &["step{id=1", "status=201"]), 1, "{stderr}");
    assert!(!stderr.contains(SECRET), "{stderr}");

    let steps = apply(&[], &[("TRUEUP_LOG", "trueup::apply=info")]);
    let stderr = String::from_utf8_lossy(&steps.stderr);
    assert_eq!(lines(&stderr, &["step{id=1", "outcome=\"done\""]), 1, "{stderr}");
    assert_eq!(lines(&stderr, &["duration_ms="]), 0, "{stderr}");

    let wrong = apply(&[], &[("TRUEUP_LOG", "hyper=trace")]);
    let stderr = String::from_utf8_lossy(&wrong.stderr);
    assert_eq!(wrong.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("`hyper` is not a target of trueup"), "{stderr}");
}
