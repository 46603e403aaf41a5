//! A clone of a repository, with a random estate in it.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use trueup::apply::Verdict;
use trueup::declaration::Inputs;
use trueup::files::Disk;
use trueup::observe::Depth;
use trueup::plan::{Limits, Plan};
use trueup::session::{ChosenResources, ServerOptions, Session, SessionError, SessionOptions, SimulatorOptions};

use crate::chaos::dice::Dice;
use crate::harness::undone;

/// A clone with an estate of two files, whose functions have code from directories.
pub struct Clone {
    pub folder: tempfile::TempDir,
    account: tempfile::TempDir,
}

/// A function of the estate.
#[derive(Clone, Debug, PartialEq)]
pub struct Declared {
    name: usize,
    pub memory: usize,
    uses_layer: bool,
    is_published: bool,
    reads_variable: bool,
    listens: bool,
}

/// The estate, from which the files are written.
#[derive(Clone, Debug)]
pub struct Estate {
    pub functions: Vec<Declared>,
    variable: usize,
    timeout: usize,
    comment: usize,
}

impl Estate {
    pub fn random(dice: &mut Dice) -> Estate {
        let functions = (0..6).map(|name| Declared::random(name, dice)).collect();
        Estate { functions, variable: 0, timeout: 3, comment: 0 }
    }

    /// Changes something.
    pub fn edit(&mut self, dice: &mut Dice, next: usize) {
        let at = dice.below(self.functions.len().max(1));
        match dice.below(8) {
            0 if !self.functions.is_empty() => drop(self.functions.remove(at)),
            1 => self.functions.push(Declared::random(100 + next, dice)),
            2 => self.variable += 1,
            3 => self.timeout += 1,
            4 => self.comment += 1,
            _ => {
                if let Some(function) = self.functions.get_mut(at) {
                    *function = Declared::random(function.name, dice);
                }
            }
        }
    }

    pub fn text(&self) -> String {
        let mut text = format!(
            "# Edited {} times.\nversion: 1\nstack: estate\nprune: true\nvars: {{stage: \"{}\"}}\n\
             defaults: {{function: {{timeout: {}}}}}\nlayers: {{shared: {{code: {{dir: code/shared}}}}}}\nfunctions:\n",
            self.comment, self.variable, self.timeout
        );
        for function in &self.functions {
            let Declared { name, memory, uses_layer, is_published, reads_variable, listens } = function;
            let _ = writeln!(
                text,
                "  f{name}:\n    runtime: python3.13\n    handler: app.handler\n    role: arn:aws:iam::123456789012:role/f\n    \
                 code: {{dir: code/f{}}}\n    memory_size: {memory}",
                name % 3
            );
            if *uses_layer {
                text.push_str("    layers: [\"${layers.shared.arn}\"]\n");
            }
            if *reads_variable {
                text.push_str("    environment: {variables: {STAGE: \"${var.stage}\"}}\n");
            }
            if *is_published {
                text.push_str(
                    "    publish: {retain_versions: 2}\n    aliases:\n      live:\n        function_version: published\n",
                );
                if *listens {
                    let queue = format!("arn:aws:sqs:us-east-1:123456789012:q{name}");
                    let _ =
                        writeln!(text, "        event_source_mappings: {{queue: {{event_source_arn: \"{queue}\"}}}}");
                }
            }
        }
        if self.functions.is_empty() {
            text = text.replace("functions:\n", "");
        }
        text
    }
}

impl Declared {
    pub fn random(name: usize, dice: &mut Dice) -> Declared {
        let mut is = || dice.below(2) == 0;
        let (uses_layer, is_published, reads_variable, listens) = (is(), is(), is(), is());
        Declared { name, memory: 128 + 64 * dice.below(3), uses_layer, is_published, reads_variable, listens }
    }
}

impl Clone {
    pub fn new() -> Clone {
        let clone = Clone { folder: tempfile::tempdir().unwrap(), account: tempfile::tempdir().unwrap() };
        clone.git(&["init", "--quiet", "--initial-branch=main"]);
        for directory in ["f0", "f1", "f2", "shared"] {
            clone.write(&format!("code/{directory}/app.py"), &format!("# {directory}\n"));
        }
        clone.write(".gitignore", "__pycache__\n*.log\n");
        clone
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]);
        let output = git.args(arguments).current_dir(self.folder.path()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    pub fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "edit"]);
    }

    pub async fn open(&self, changed_since: Option<&str>) -> Result<Session, SessionError> {
        let (folder, settle) = (Some(self.account.path().join("account")), Some(Duration::ZERO));
        let options = SessionOptions {
            inputs: Inputs { files: vec![self.path("trueup.yaml")], ..Inputs::default() },
            server: ServerOptions::Simulator(SimulatorOptions { folder, region: None, settle }),
            selection: ChosenResources {
                changed_since: changed_since.map(str::to_owned),
                ..ChosenResources::default()
            },
            ..SessionOptions::default()
        };
        Session::open(options, &Disk).await
    }

    pub async fn plan(&self, changed_since: Option<&str>) -> Plan {
        let session = self.open(changed_since).await.unwrap();
        assert_eq!(session.connection_warnings, Vec::<String>::new());
        session.plan(Depth::Declared).await.unwrap().plan
    }

    pub async fn apply(&self) {
        let session = self.open(None).await.unwrap();
        let approved = session.plan(Depth::Declared).await.unwrap().approve(&Limits::default()).unwrap();
        let report = session.apply(approved, Default::default(), Default::default()).await;
        assert_eq!(report.verdict(), Verdict::Applied, "{:?}", undone(&report));
    }
}
