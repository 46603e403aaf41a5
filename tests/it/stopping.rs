//! An interrupted apply finishes the steps in progress, starts no other, and reports the rest as not started.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::harness::{against, zip};
use crate::server::Server;

const SPEC: &str = "version: 1\nstack: shop\nfunctions:\n  orders:\n    runtime: python3.13\n    handler: app.handler\n    \
                    role: arn:aws:iam::123456789012:role/orders\n    code: {zip: package.zip}\n    reserved_concurrent_executions: 5\n";

struct Stack {
    folder: tempfile::TempDir,
    server: Server,
}

impl Stack {
    fn new(rule: &str) -> Stack {
        let server = Server::start(&["--settle", "0", "--rule", rule]);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("trueup.yaml"), SPEC).unwrap();
        std::fs::write(folder.path().join("package.zip"), zip(&[("app.py", "")])).unwrap();
        Stack { folder, server }
    }

    fn apply(&self) -> Command {
        against(&self.server.url, self.folder.path(), &["apply", "--auto-approve", "--no-color"])
    }

    /// Sends the signal to an apply once it has printed `once`; returns the exit code, stderr and the report.
    fn stopped(&self, signal: &str, once: &str) -> (Option<i32>, String, String) {
        let mut child = self.apply().spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains(once) {
            assert!(stderr.read_line(&mut said).unwrap() > 0, "it ended too early: {said}");
        }
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        stderr.read_to_string(&mut said).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code(), said, String::from_utf8(output.stdout).unwrap())
    }
}

#[test]
fn both_signals_finish_the_steps_in_progress_and_start_no_other() {
    for name in ["-INT", "-TERM"] {
        let stack = Stack::new("latency 1s on CreateFunction");
        let (code, said, report) = stack.stopped(name, "CreateFunction");
        assert_eq!(code, Some(5), "{name}: {said}{report}");
        assert!(
            said.contains("Stopping after the calls in progress. Press Ctrl-C again to abort now."),
            "{name}: {said}"
        );
        assert!(said.contains("CreateFunction function/orders: done"), "{name}: {said}");
        assert!(!said.contains("PutFunctionConcurrency"), "{name}: {said}");
        let again = stack.apply().output().unwrap();
        assert_eq!(again.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&again.stderr));
        assert!(String::from_utf8_lossy(&again.stderr).contains("PutFunctionConcurrency"), "{name}");
    }
}

#[test]
fn a_call_that_keeps_failing_is_not_sent_again_after_the_signal() {
    for (rule, code) in [
        ("fail 409 \"An update is in progress\" before on CreateFunction", 1),
        ("roles 10m", 1),
        // The first call may have taken effect.
        ("fail 500 before on CreateFunction", 5),
    ] {
        let begun = Instant::now();
        let (ended, said, report) = Stack::new(rule).stopped("-TERM", "waiting");
        assert_eq!(ended, Some(code), "{rule}: {said}{report}");
        assert!(begun.elapsed() < Duration::from_secs(30), "{rule}: {said}{report}");
        assert!(report.contains("failed    1. CreateFunction"), "{rule}: {report}");
    }
}
