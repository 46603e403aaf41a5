//! Promise: trueup works with third-party servers. The example is applied over the network; a second plan is empty.
//!
//! `tests/run` installs them and sets `TRUEUP_VENV`; without it nothing is tested here.
//!
//! Unsupported features, for which the example is reduced:
//! - MiniStack 1.5.33 does not check a RevisionId on PublishVersion; it answers ListProvisionedConcurrencyConfigs with
//!   an empty body, so provisioned concurrency is read one by one.
//! - moto 5.2.5 keeps no RevisionId of functions and accepts stale ones; UpdateFunctionConfiguration drops tracing,
//!   dead letter, ephemeral storage, logging and SnapStart; CreateFunction drops logging, dead letter, SnapStart and
//!   file systems; it has no provisioned concurrency; a mapping of an alias
//!   becomes one of a version; a role and a queue must exist in its IAM and SQS first.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::generated_files::repository;
use crate::harness::{against, zip};

struct Server {
    child: Child,
    url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn venv() -> Option<PathBuf> {
    let venv = std::env::var_os("TRUEUP_VENV").map(PathBuf::from);
    if venv.is_none() {
        println!("SKIPPED: TRUEUP_VENV is not set; `tests/run` installs the servers and sets it");
    }
    venv
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn start(command: &mut Command, port: u16, health: &str) -> Server {
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the server starts");
    let server = Server { child, url: format!("http://127.0.0.1:{port}") };
    let begun = Instant::now();
    loop {
        let mut probe = Command::new("python3");
        let code = format!("import urllib.request; urllib.request.urlopen('{}{health}', timeout=1)", server.url);
        if probe.args(["-c", &code]).stderr(Stdio::null()).status().unwrap().success() {
            return server;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "the server does not answer");
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn trueup(folder: &Path, server: &Server, arguments: &[&str]) -> (i32, String) {
    let output = against(&server.url, folder, arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap_or(-1), text)
}

/// Applies, asserts an empty plan, changes the spec, and does both again.
fn converges(server: &Server, folder: &Path, file: &str, change: (&str, &str)) {
    for round in 0..2 {
        let (code, text) = trueup(folder, server, &["apply", "--auto-approve", "-f", file]);
        assert_eq!(code, 0, "{text}");
        let (code, text) = trueup(folder, server, &["plan", "--detailed-exitcode", "-f", file]);
        assert_eq!(code, 0, "round {round}: {text}");
        let path = folder.join(file);
        let spec = std::fs::read_to_string(&path).unwrap();
        assert!(round > 0 || spec.contains(change.0));
        std::fs::write(&path, spec.replace(change.0, change.1)).unwrap();
    }
}

fn copy_of_the_example() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let copied = Command::new("cp").arg("-r").arg(repository("examples/checkout")).arg(folder.path()).status().unwrap();
    assert!(copied.success());
    folder
}

#[test]
fn the_example_converges_on_ministack() {
    let Some(venv) = venv() else { return };
    let port = free_port();
    let mut command = Command::new(venv.join("bin/ministack"));
    command
        .envs([("BIND_HOST", "127.0.0.1"), ("MINISTACK_ACCOUNT_ID", "123456789012")])
        .env("GATEWAY_PORT", port.to_string());
    let server = start(&mut command, port, "/_ministack/health");
    let folder = copy_of_the_example();
    converges(&server, folder.path(), "checkout/stack.yaml", ("memory_size: 256", "memory_size: 384"));
}

/// Starts moto, and makes what must exist before by a script with `client(service, credentials)`.
fn moto(venv: &Path, setup: &str) -> Server {
    let port = free_port();
    let mut command = Command::new(venv.join("bin/moto_server"));
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
    let server = start(&mut command, port, "/moto-api/data.json");
    let client = "import boto3\n\
        def client(name, key='t', secret='t', token=None):\n    \
            return boto3.client(name, endpoint_url='URL', region_name='us-east-1', aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token)\n";
    let script = client.replace("URL", &server.url) + setup;
    let made = Command::new(venv.join("bin/python")).args(["-c", &script]).status().unwrap();
    assert!(made.success());
    server
}

#[test]
fn two_accounts_converge_on_moto_with_a_role_in_each() {
    let Some(venv) = venv() else { return };
    let setup = "for account in ('111111111111', '222222222222'):\n    \
            lent = client('sts').assume_role(RoleArn=f'arn:aws:iam::{account}:role/deploy', RoleSessionName='test')['Credentials']\n    \
            own = client('iam', lent['AccessKeyId'], lent['SecretAccessKey'], lent['SessionToken'])\n    \
            own.create_role(RoleName='hello', AssumeRolePolicyDocument='{}')\n";
    let server = moto(&venv, setup);
    let folder = tempfile::tempdir().unwrap();
    let spec = "version: 1\nstack: shop\nvars: {memory: 128}\ntargets:\n  \
        first: {region: us-east-1, role_arn: 'arn:aws:iam::111111111111:role/deploy'}\n  \
        second: {region: us-east-1, role_arn: 'arn:aws:iam::222222222222:role/deploy', vars: {memory: 192}}\n\
        functions:\n  hello:\n    runtime: python3.13\n    handler: app.handler\n    memory_size: ${var.memory}\n    \
        role: arn:aws:iam::${account}:role/hello\n    code: {zip: package.zip}\n";
    std::fs::write(folder.path().join("trueup.yaml"), spec).unwrap();
    std::fs::write(folder.path().join("package.zip"), zip(&[("app.py", "")])).unwrap();
    converges(&server, folder.path(), "trueup.yaml", ("memory: 192", "memory: 256"));
}

#[test]
fn the_example_converges_on_moto() {
    let Some(venv) = venv() else { return };
    let setup = "client('iam').create_role(RoleName='checkout', AssumeRolePolicyDocument='{}')\n\
        client('sqs').create_queue(QueueName='orders')\n";
    let server = moto(&venv, setup);
    let folder = copy_of_the_example();
    let file = folder.path().join("checkout/stack.yaml");
    let spec = std::fs::read_to_string(&file).unwrap().replace("        provisioned_concurrent_executions: 2\n", "");
    // Retention needs the versions in use, and so their provisioned concurrency.
    let spec = spec.replace("    publish: {retain_versions: 5}\n", "");
    // A mapping of an alias becomes one of the version that the alias points to, so here it belongs to the function.
    let (before, mapping) = spec.split_once("        event_source_mappings:").expect("the example has a mapping");
    let (mapping, after) = mapping.split_once("  receipts:\n    function_name").expect("and another function");
    let mapping = format!("    event_source_mappings:{}", mapping.replace("\n    ", "\n"));
    let spec = format!("{before}{mapping}  receipts:\n    function_name{after}");
    std::fs::write(&file, spec).unwrap();
    converges(&server, folder.path(), "checkout/stack.yaml", ("memory_size: 256", "memory_size: 384"));
}
