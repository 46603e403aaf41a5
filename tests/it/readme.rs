//! Promise: the README is true. Its commands run on a fresh clone without AWS credentials, its spec is valid, and it gives a
//! reason for each dependency. Its sessions are played by [`crate::scenarios`], its tables generated.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::generated_files::repository;

/// The commands that this test does not run: this test is a part of them.
const NOT_RUN: [&str; 2] = ["tests/run", "cargo test --test it reliability -- --nocapture"];

/// Stands in for cargo: the program is built and on the path.
const CARGO: &str = "#!/bin/sh
case $1 in
  install) exit 0 ;;
  run) while [ \"$1\" != -- ]; do shift; done; shift; exec trueup \"$@\" ;;
esac
exit 64
";

fn readme() -> String {
    std::fs::read_to_string(repository("README.md")).unwrap()
}

/// Returns the fenced blocks of a language.
fn blocks(markdown: &str, language: &str) -> Vec<String> {
    let opening = format!("\n```{language}\n");
    markdown.split(&opening).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// Runs a script in a folder, with the program on the path and nothing of this environment.
fn run(script: &str, folder: &Path, environment: &[(&str, &str)]) {
    let bin = folder.join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::copy(env!("CARGO_BIN_EXE_trueup"), bin.join("trueup")).unwrap();
    std::fs::write(bin.join("cargo"), CARGO).unwrap();
    std::fs::set_permissions(bin.join("cargo"), PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    command.args(["-e", "-c", script]).current_dir(folder).env_clear();
    command.envs([("PATH", path.as_str()), ("HOME", "/nonexistent")]).envs(environment.iter().copied());
    let output = command.output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script}\n{stdout}\n{stderr}");
}

#[test]
fn the_commands_run_on_a_fresh_clone_without_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let copied = Command::new("cp").arg("-r").arg(repository("examples")).arg(folder.path()).status().unwrap();
    assert!(copied.success());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let blocks = blocks(&readme(), "sh");
    assert!(blocks.len() >= 5, "{blocks:?}");
    for command in NOT_RUN {
        assert!(blocks.contains(&format!("{command}\n")), "the README does not show {command}");
    }
    for block in blocks.iter().filter(|block| !NOT_RUN.contains(&block.trim_end())) {
        let block = block.replace("127.0.0.1:9001", &format!("127.0.0.1:{port}"));
        run(&block, folder.path(), &[("TRUEUP_SIM_SETTLE", "0")]);
    }
    assert!(folder.path().join(".trueup/sim/us-east-1/functions/checkout-orders.json").exists());
}

#[test]
fn the_spec_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    let specs = blocks(&readme(), "yaml");
    assert_eq!(specs.len(), 1);
    std::fs::write(folder.path().join("trueup.yaml"), &specs[0]).unwrap();
    run("trueup validate", folder.path(), &[("ORDERS_TOKEN", "secret")]);
}

#[test]
fn every_dependency_has_a_reason() {
    let readme = readme();
    let section = readme.split("## Dependencies").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    let names = rows.skip(1).flat_map(|(names, _)| names.trim_end_matches(" (tests only)").split(", "));
    let mut explained: Vec<&str> = names.collect();
    let manifest = std::fs::read_to_string(repository("Cargo.toml")).unwrap();
    let sections = manifest
        .split("\n[")
        .filter(|section| section.starts_with("dependencies]") || section.starts_with("dev-dependencies]"));
    let lines = sections.flat_map(|section| section.lines().skip(1)).filter(|line| !line.starts_with('#'));
    let mut needed: Vec<&str> = lines.filter_map(|line| Some(line.split_once(" = ")?.0)).collect();
    explained.sort_unstable();
    needed.sort_unstable();
    assert_eq!(explained, needed);
}
