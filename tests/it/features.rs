//! The library alone depends on no crate of the program and of the simulator.

use std::process::Command;

use crate::architecture::{program, sources};
use crate::generated_files::repository;

/// The modules that a feature turns on, with the program's `main`.
const OPTIONAL_MODULES: [&str; 5] = ["cli", "forge", "main", "show", "sim"];

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

/// The optional crates of `Cargo.toml`, as Rust names them.
fn optional_crates() -> Vec<String> {
    let manifest = std::fs::read_to_string(repository("Cargo.toml")).unwrap();
    let optional = manifest.lines().filter(|line| line.contains("optional = true"));
    optional.map(|line| line.split(' ').next().unwrap().replace('-', "_")).collect()
}

/// `cargo check --lib --no-default-features` proves more, but compiles the dependencies a second time, with other features.
/// The public workflow runs it; this holds in every test run that only optional modules use optional crates.
#[test]
fn only_optional_modules_use_optional_crates() {
    let crates = optional_crates();
    assert!(["axum", "clap"].iter().all(|name| crates.iter().any(|one| one == name)), "{crates:?}");
    let (mut wrong, mut uses) = (Vec::new(), 0);
    for (path, text) in sources() {
        let module = path.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
        let is_optional = OPTIONAL_MODULES.contains(&module);
        let program = program(&text);
        let code = program.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            let words = line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
            for word in words.filter(|word| crates.iter().any(|name| word.starts_with(&format!("{name}::")))) {
                uses += 1;
                if !is_optional {
                    wrong.push(format!("src/{}: {word}", path.display()));
                }
            }
        }
    }
    assert!(uses > 30, "the test finds no uses any more: {uses}");
    assert_eq!(wrong, [""; 0]);
}
