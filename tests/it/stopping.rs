//! An apply that is asked to stop: what is in flight ends well, nothing else begins, and the report says so.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use crate::harness::zip;
use crate::server::Server;

const SPEC: &str = "version: 1\nstack: shop\nfunctions:\n  orders:\n    runtime: python3.13\n    handler: app.handler\n    \
                    role: arn:aws:iam::123456789012:role/orders\n    code: {zip: package.zip}\n    reserved_concurrent_executions: 5\n";

#[test]
fn the_signals_of_a_terminal_and_of_a_pipeline_stop_an_apply_in_good_order() {
    for name in ["-INT", "-TERM"] {
        let server = Server::start(&["--settle", "0", "--rule", "latency 1s on CreateFunction"]);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("trueup.yaml"), SPEC).unwrap();
        std::fs::write(folder.path().join("package.zip"), zip(&[("app.py", "")])).unwrap();
        let apply = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
            command.args([
                "apply",
                "--auto-approve",
                "--no-color",
                "--region",
                "us-east-1",
                "--endpoint-url",
                &server.url,
            ]);
            command.current_dir(folder.path()).env_clear().env("CI", "1");
            command.envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command
        };
        let mut child = apply().spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("CreateFunction") {
            assert!(stderr.read_line(&mut said).unwrap() > 0, "it ended too soon: {said}");
        }
        assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
        stderr.read_to_string(&mut said).unwrap();
        let output = child.wait_with_output().unwrap();
        let report = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(5), "{name}: {said}{report}");
        assert!(said.contains("Stopping: what is in flight finishes, nothing new starts."), "{name}: {said}");
        assert!(said.contains("CreateFunction function/orders: done"), "{name}: {said}");
        assert!(!said.contains("PutFunctionConcurrency"), "{name}: {said}");
        let again = apply().output().unwrap();
        assert_eq!(again.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&again.stderr));
        assert!(String::from_utf8_lossy(&again.stderr).contains("PutFunctionConcurrency"), "{name}");
    }
}
