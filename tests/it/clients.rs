//! Promise: boto3 and the AWS CLI work with the simulator, unmodified.
//!
//! `tests/run` installs them and sets `TRUEUP_VENV`; without it nothing is tested here.

use std::path::PathBuf;
use std::process::Command;

use crate::generated_files::repository;
use crate::server::Server;

/// Runs a script and returns its last line; `None` if the clients are not installed.
fn run(script: &str, arguments: &[&str]) -> Option<String> {
    let Some(venv) = std::env::var_os("TRUEUP_VENV").map(PathBuf::from) else {
        println!("SKIPPED: TRUEUP_VENV is not set; `tests/run` installs the clients and sets it");
        return None;
    };
    let server = Server::start(&["--settle", "100"]);
    let output = Command::new(venv.join("bin/python"))
        .arg(repository("tests/clients").join(script))
        .arg(&server.url)
        .args(arguments)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {errors}");
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    println!("{script}: {said}");
    Some(said)
}

#[test]
fn boto3_drives_the_whole_control_plane() {
    if let Some(said) = run("with_boto3.py", &[]) {
        let operations: u32 = said.trim_end_matches(" operations").parse().expect("the script counts operations");
        assert!(operations >= 60, "only {operations} operations were called");
    }
}

#[test]
fn the_aws_cli_drives_a_function_through_its_life() {
    let folder = tempfile::tempdir().unwrap();
    run("with_aws_cli.py", &[folder.path().to_str().unwrap()]);
}
