//! A plan that is saved while Lambda is at work on what somebody wrote.

use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::harness::zip;
use crate::server::{Connection, Server};

const SPEC: &str = "version: 1\nstack: shop\nfunctions:\n  orders:\n    runtime: python3.13\n    handler: app.handler\n    \
                    role: arn:aws:iam::123456789012:role/orders\n    code: {zip: package.zip}\n";

#[test]
fn a_plan_is_saved_once_what_moves_revisions_by_itself_is_over() {
    let server = Server::start(&["--settle", "1000"]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("trueup.yaml"), SPEC).unwrap();
    std::fs::write(folder.path().join("package.zip"), zip(&[("app.py", "")])).unwrap();
    let run = |arguments: &[&str]| -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
        command.args(arguments).args(["--region", "us-east-1", "--endpoint-url", &server.url]);
        command.current_dir(folder.path()).env_clear().env("CI", "1");
        command.envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")]);
        command.output().unwrap()
    };
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(run(&["apply", "--auto-approve"]).status.code(), Some(0));
    let mut connection = Connection::open(&server.url).unwrap();
    let mut configuration = |method: &str, change: &Value| {
        connection.call(method, "/2015-03-31/functions/orders/configuration", change).unwrap().1
    };
    configuration("PUT", &json!({"MemorySize": 640}));
    let saved = run(&["plan", "--out", "plan.json"]);
    assert!(said(&saved).contains("Waiting for Lambda to finish: function/orders"), "{}", said(&saved));
    let applied = run(&["apply", "plan.json"]);
    assert_eq!(applied.status.code(), Some(0), "{}", said(&applied));
    assert_eq!(configuration("GET", &Value::Null)["MemorySize"], 128);
}
