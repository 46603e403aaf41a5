//! What plans, drift and findings are written as for other programs: each kind of report, from the real program.

mod browser;
mod events;
mod failures;
mod formats;
mod large;
mod markdown;
mod terraform;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::harness::{ended, zip};

/// A folder with a package, and a simulator to plan against.
pub struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    pub fn new() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("package.zip"), zip(&[("app.py", "handler = print")])).unwrap();
        Desk { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Prepares the program in the folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        if !matches!(arguments.first(), Some(&"validate" | &"comment")) {
            command.arg("--sim=sim").env("TRUEUP_SIM_SETTLE", "0");
        }
        command.env("SOURCE_DATE_EPOCH", "1767225600");
        command
    }

    /// Runs it, and returns its exit code, stdout and stderr.
    pub fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        ended(&self.command(arguments).output().unwrap())
    }

    /// Applies a spec.
    pub fn apply(&self, spec: &str) {
        let (code, text, errors) = self.run(&["apply", "-f", spec, "--auto-approve"]);
        assert_eq!(code, 0, "{text}{errors}");
    }
}

/// A spec of a function that publishes, with more fields and what hangs under it.
pub fn spec(fields: &str) -> String {
    format!(
        "version: 1\nstack: shop\nfunctions:\n  orders:\n    function_name: shop-orders\n    runtime: python3.13\n    \
         handler: app.handler\n    role: arn:aws:iam::123456789012:role/r\n    code: {{zip: package.zip}}\n    \
         aliases: {{live: {{function_version: published}}}}\n{fields}"
    )
}

/// Returns a program of the virtual environment, or says that the test was skipped.
pub fn python() -> Option<PathBuf> {
    let venv = std::env::var_os("TRUEUP_VENV");
    if venv.is_none() {
        println!("SKIPPED: TRUEUP_VENV is not set; `tests/run` installs the readers and sets it");
    }
    Some(Path::new(&venv?).join("bin/python"))
}
