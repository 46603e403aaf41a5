//! The library alone depends on no crate of the program and of the simulator.

use std::process::Command;

use crate::generated_files::repository;

/// The names of all crates that the library is built from with these features.
fn dependencies(flags: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .args(flags)
        .current_dir(repository(""))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    tree.lines().filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect()
}

#[test]
fn the_library_alone_has_neither_the_command_line_nor_a_web_server() {
    let (all, library) = (dependencies(&[]), dependencies(&["--no-default-features"]));
    for name in ["anstream", "axum", "clap", "indicatif", "tracing-subscriber"] {
        assert!(all.iter().any(|dependency| dependency == name), "{name} is no dependency any more: remove it here");
        assert!(!library.iter().any(|dependency| dependency == name), "{name} is a dependency of the library alone");
    }
}
