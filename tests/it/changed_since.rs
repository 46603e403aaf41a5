//! Promise: a plan of a change is the whole plan, restricted to what the change can touch, and reads nothing else.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use trueup::apply::Verdict;
use trueup::declaration::Inputs;
use trueup::files::Disk;
use trueup::model::NotCheckedKind;
use trueup::observe::Depth;
use trueup::plan::{Limits, Plan};
use trueup::session::{ServerOptions, Session, SessionError, SessionOptions, SimulatorOptions};

use crate::chaos::dice::Dice;
use crate::harness::{block_on, shown, undone};

/// A clone with an estate of two files, whose functions have code from directories.
struct Clone {
    folder: tempfile::TempDir,
    account: tempfile::TempDir,
}

/// A function of the estate.
#[derive(Clone, Debug, PartialEq)]
struct Declared {
    name: usize,
    memory: usize,
    uses_layer: bool,
    is_published: bool,
    reads_variable: bool,
    listens: bool,
}

/// The estate, from which the files are written.
#[derive(Clone, Debug)]
struct Estate {
    functions: Vec<Declared>,
    variable: usize,
    timeout: usize,
    comment: usize,
}

impl Estate {
    fn random(dice: &mut Dice) -> Estate {
        let functions = (0..6).map(|name| Declared::random(name, dice)).collect();
        Estate { functions, variable: 0, timeout: 3, comment: 0 }
    }

    /// Changes something.
    fn edit(&mut self, dice: &mut Dice, next: usize) {
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

    fn text(&self) -> String {
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
    fn random(name: usize, dice: &mut Dice) -> Declared {
        let mut is = || dice.below(2) == 0;
        let (uses_layer, is_published, reads_variable, listens) = (is(), is(), is(), is());
        Declared { name, memory: 128 + 64 * dice.below(3), uses_layer, is_published, reads_variable, listens }
    }
}

impl Clone {
    fn new() -> Clone {
        let clone = Clone { folder: tempfile::tempdir().unwrap(), account: tempfile::tempdir().unwrap() };
        clone.git(&["init", "--quiet", "--initial-branch=main"]);
        for directory in ["f0", "f1", "f2", "shared"] {
            clone.write(&format!("code/{directory}/app.py"), &format!("# {directory}\n"));
        }
        clone.write(".gitignore", "__pycache__\n*.log\n");
        clone
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        std::fs::write(self.path(name), text).unwrap();
    }

    fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]);
        let output = git.args(arguments).current_dir(self.folder.path()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "edit"]);
    }

    async fn open(&self, changed_since: Option<&str>) -> Result<Session, SessionError> {
        let (folder, settle) = (Some(self.account.path().join("account")), Some(Duration::ZERO));
        let options = SessionOptions {
            inputs: Inputs { files: vec![self.path("trueup.yaml")], ..Inputs::default() },
            server: ServerOptions::Simulator(SimulatorOptions { folder, region: None, settle }),
            changed_since: changed_since.map(str::to_owned),
            ..SessionOptions::default()
        };
        Session::open(options, &Disk).await
    }

    async fn plan(&self, changed_since: Option<&str>) -> Plan {
        let session = self.open(changed_since).await.unwrap();
        assert_eq!(session.connection_warnings, Vec::<String>::new());
        session.plan(Depth::Declared).await.unwrap().plan
    }

    async fn apply(&self) {
        let session = self.open(None).await.unwrap();
        let approved = session.plan(Depth::Declared).await.unwrap().approve(&Limits::default()).unwrap();
        let report = session.apply(approved, Default::default(), Default::default()).await;
        assert_eq!(report.verdict(), Verdict::Applied, "{:?}", undone(&report));
    }
}

/// The writes of a plan, without the numbers of its steps.
fn writes(plan: &Plan) -> BTreeSet<String> {
    plan.steps.iter().map(|step| format!("{} {}", step.operation, step.address)).collect()
}

#[test]
fn a_plan_of_a_change_is_the_whole_plan_over_random_commits() {
    block_on(async {
        let mut touched = 0;
        for seed in 0..4 {
            let (mut dice, clone) = (Dice::new(seed), Clone::new());
            let mut estate = Estate::random(&mut dice);
            clone.write("trueup.yaml", &estate.text());
            clone.commit();
            clone.apply().await;
            for number in 0..8 {
                (0..1 + dice.below(2)).for_each(|edit| estate.edit(&mut dice, 10 * number + edit));
                clone.write("trueup.yaml", &estate.text());
                let directory = *dice.pick(&["f0", "f1", "f2", "shared"]);
                match dice.below(4) {
                    0 => clone.write(&format!("code/{directory}/app.py"), &format!("# {directory} {number}\n")),
                    // Neither is part of a package or of its content.
                    1 => clone.write(&format!("code/{directory}/__pycache__/app.pyc"), &format!("{number}")),
                    2 => clone.write("README.md", &format!("{number}\n")),
                    // New files count before they are committed.
                    _ => clone.write(&format!("code/{directory}/more{number}.py"), "\n"),
                }
                let (whole, part) = (clone.plan(None).await, clone.plan(Some("HEAD")).await);
                let context = || format!("seed {seed}, commit {number}\n{}\nbut\n{}", shown(&whole), shown(&part));
                assert_eq!(writes(&part), writes(&whole), "{}", context());
                assert!(part.resources.len() <= whole.resources.len(), "{}", context());
                touched += usize::from(part.resources.len() < whole.resources.len());
                clone.commit();
                // A commit later the same holds.
                assert_eq!(writes(&clone.plan(Some("HEAD~1")).await), writes(&whole), "{}", context());
                clone.apply().await;
            }
        }
        assert!(touched > 14, "{touched} of 32 plans covered less than everything");
    });
}

#[test]
fn what_the_change_cannot_touch_is_not_read_and_the_plan_says_so() {
    block_on(async {
        let clone = Clone::new();
        let mut estate = Estate::random(&mut Dice::new(1));
        clone.write("trueup.yaml", &estate.text());
        clone.commit();
        clone.apply().await;
        let nothing = clone.plan(Some("main")).await;
        assert_eq!((nothing.resources.len(), nothing.steps.len()), (0, 0), "{}", shown(&nothing));
        assert!(shown(&nothing).contains("No resource was read: nothing changed since "), "{}", shown(&nothing));
        estate.functions[0].memory += 64;
        clone.write("trueup.yaml", &estate.text());
        let part = clone.plan(Some("main")).await;
        let unread = part.not_compared.iter().find_map(|it| match &it.0 {
            NotCheckedKind::Excluded { count, unchanged_since: Some(since) } => Some((*count, since.clone())),
            _ => None,
        });
        let (count, since) = unread.expect("the plan says what it has not read");
        assert!(count >= 4, "{}", shown(&part));
        assert!(shown(&part).contains(&format!("{count} resources that no change since {since} can touch")));
    });
}

#[test]
fn everything_is_planned_where_the_stack_itself_changed_or_the_former_spec_has_errors() {
    block_on(async {
        let clone = Clone::new();
        let estate = Estate::random(&mut Dice::new(1)).text();
        clone.write("trueup.yaml", &format!("{estate}  broken: {{}}\n"));
        clone.commit();
        clone.write("trueup.yaml", &estate);
        let warnings = async |since: &str| clone.open(Some(since)).await.unwrap().connection_warnings;
        assert!(warnings("HEAD").await[0].starts_with("the spec has errors at "), "{:?}", warnings("HEAD").await);
        clone.commit();
        clone.write("trueup.yaml", &estate.replace("prune: true\n", ""));
        let [warning] = &warnings("HEAD").await[..] else { panic!("no warning") };
        assert!(warning.starts_with("the stack itself is declared otherwise at "), "{warning}");
        assert!(warning.ends_with(", so everything is planned"), "{warning}");
    });
}

/// A function with its code in a folder.
fn function(name: &str, code: &str, more: &str) -> String {
    format!(
        "  {name}:\n    runtime: python3.13\n    handler: app.handler\n    role: arn:aws:iam::123456789012:role/f\n    \
         code: {code}\n{more}"
    )
}

/// A spec of these functions.
fn spec_of(functions: &[String]) -> String {
    format!("version: 1\nstack: estate\nfunctions:\n{}", functions.concat())
}

#[test]
fn what_git_does_not_know_counts_as_changed() {
    block_on(async {
        let clone = Clone::new();
        clone.write("v1/app/app.py", "# one\n");
        clone.write("v2/app/app.py", "# two\n");
        clone.write("built/a/app.py", "# built\n");
        clone.write(".gitignore", "built\n");
        std::os::unix::fs::symlink("v1", clone.path("current")).unwrap();
        let functions = [
            function("linked", "{dir: current/app}", ""),
            function("ignored", "{dir: built/a}", ""),
            function("plain", "{dir: code/f0}", ""),
            function("marked", "{dir: code/f1}", ""),
            function("program", "{dir: code/f2}", ""),
        ];
        clone.write("trueup.yaml", &spec_of(&functions));
        clone.commit();
        clone.apply().await;
        assert_eq!(writes(&clone.plan(Some("HEAD")).await), BTreeSet::new());
        std::fs::remove_file(clone.path("current")).unwrap();
        std::os::unix::fs::symlink("v2", clone.path("current")).unwrap();
        clone.write("built/a/app.py", "# built again\n");
        clone.git(&["update-index", "--skip-worktree", "code/f1/app.py"]);
        clone.write("code/f1/app.py", "# unseen\n");
        clone.git(&["config", "core.fileMode", "false"]);
        let program = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(clone.path("code/f2/app.py"), program).unwrap();
        let (whole, part) = (clone.plan(None).await, clone.plan(Some("HEAD")).await);
        assert_eq!(writes(&part), writes(&whole), "{}\nbut\n{}", shown(&whole), shown(&part));
        assert_eq!((writes(&whole).len(), part.resources.len()), (4, 4), "{}", shown(&part));
    });
}

#[test]
fn a_rollback_plans_what_came_since_and_a_whole_repository_may_be_the_code() {
    block_on(async {
        let clone = Clone::new();
        clone.write("trueup.yaml", &spec_of(&[function("f", "{dir: .}", "")]));
        clone.commit();
        clone.write("trueup.yaml", &spec_of(&[function("f", "{dir: .}", "    memory_size: 256\n")]));
        clone.commit();
        clone.apply().await;
        clone.git(&["checkout", "--quiet", "HEAD~1"]);
        let (whole, part) = (clone.plan(None).await, clone.plan(Some("main")).await);
        assert_eq!(writes(&part), writes(&whole), "{}\nbut\n{}", shown(&whole), shown(&part));
        assert!(!writes(&part).is_empty(), "{}", shown(&part));
    });
}

#[test]
fn a_new_file_of_the_spec_and_a_link_to_one_have_nothing_before_them() {
    block_on(async {
        let clone = Clone::new();
        clone.write("other.yaml", "a: b\n");
        clone.commit();
        clone.write("trueup.yaml", &spec_of(&[function("f", "{dir: code/f0}", "")]));
        let warning = clone.open(Some("HEAD")).await.unwrap().connection_warnings.remove(0);
        assert!(warning.contains("trueup.yaml is not a file of the repository at "), "{warning}");
        std::fs::rename(clone.path("trueup.yaml"), clone.path("real.yaml")).unwrap();
        std::os::unix::fs::symlink(clone.path("real.yaml"), clone.path("trueup.yaml")).unwrap();
        clone.commit();
        let warning = clone.open(Some("HEAD")).await.unwrap().connection_warnings.remove(0);
        assert!(warning.contains("trueup.yaml is not a file of the repository at "), "{warning}");
    });
}

#[test]
fn an_unknown_commit_and_a_folder_without_a_repository_are_errors() {
    block_on(async {
        let clone = Clone::new();
        clone.write("trueup.yaml", &Estate::random(&mut Dice::new(1)).text());
        clone.commit();
        let error = async |since: &str| clone.open(Some(since)).await.map(drop).unwrap_err().to_string();
        assert_eq!(
            error("origin/main").await,
            "--changed-since: `origin/main` is no commit of this repository; nothing was done"
        );
        assert_eq!(
            error("--output=x").await,
            "--changed-since: `--output=x` is no commit of this repository; nothing was done"
        );
        std::fs::remove_dir_all(clone.path(".git")).unwrap();
        let here = is_below_a_repository(clone.folder.path());
        assert!(here || error("HEAD").await.contains("is in no git repository"), "{}", error("HEAD").await);
    });
}

/// Returns true if the folder of temporary files is itself in a repository.
fn is_below_a_repository(folder: &Path) -> bool {
    folder.ancestors().any(|around| around.join(".git").exists())
}
