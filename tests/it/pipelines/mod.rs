//! Promise: pipelines. The examples of CI are played step by step, with a real git repository, a simulator and a forge. A job may
//! do no more than the policy of its role allows.

mod expressions;
mod github;
mod github_runner;
mod gitlab;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::fake_forge::FakeForge;
use crate::harness::ended;
use crate::server::Server;

/// A function of the stack.
const FUNCTION: &str = "    runtime: python3.13\n    handler: app.handler\n    role: arn:aws:iam::123456789012:role/r\n    \
                        code: {dir: code}\n";

/// Stands in for `gh` and `curl`: the artifacts of a run are folders, and `runs` lists the runs, the newest last.
///
/// Without the number of a run, `gh run download` takes the newest artifact of the name, whoever has made it: an error here.
const GH: &str = r#"#!/bin/sh
refused() { echo "gh $*: refused" >&2; exit 64; }
repository="repos/$GITHUB_REPOSITORY"
case "$1 $2" in
  "run download")
    case "$3" in ""|*[!0-9]*) refused "$@" ;; esac
    [ "$4 $6" = "--name --dir" ] && mkdir -p "$7" && cp "$ARTIFACTS/$3/$5/"* "$7" ;;
  "api $repository/pulls/"*)
    [ "$3 $4" = "--jq .head.sha" ] || refused "$@"
    cat "$ARTIFACTS/pull-${2##*/}" ;;
  "api $repository/actions/workflows/lambda.yml/runs?event=pull_request&status=success&head_sha="*)
    case "$4" in *"select(.head_repository.full_name == env.GITHUB_REPOSITORY)"*) ;; *) refused "$@" ;; esac
    sed -n "s|^\([0-9]*\) pull_request success ${2##*=} $GITHUB_REPOSITORY\$|\1|p" "$ARTIFACTS/runs" | tail -n 1 ;;
  "api $repository/actions/runs/$GITHUB_RUN_ID/approvals") printf '%s' "$APPROVERS" ;;
  *) refused "$@" ;;
esac
"#;
const CURL: &str = r#"#!/bin/sh
while [ $# -gt 0 ]; do
  [ "$1" = --output ] && out=$2
  shift
done
cp "$ARTIFACTS/trueup-plan/plan.json" "$out"
"#;

/// A repository with a stack, its forge, its account and what its pipelines have uploaded.
struct Shop {
    folder: tempfile::TempDir,
    server: RefCell<Server>,
    /// The options of the server: where the account is kept, and its faults.
    account: Vec<String>,
    forge: FakeForge,
}

/// Starts a server that settles at once.
fn server(account: &[String], more: &[&str]) -> Server {
    let account: Vec<&str> = account.iter().map(String::as_str).collect();
    Server::start(&[&["--settle", "0", "--account", "123456789012"], &account[..], more].concat())
}

/// The end of a job.
#[derive(Debug, PartialEq)]
enum JobEnd {
    Success,
    /// The log, with the failing command at its end.
    Failure(String),
    Skipped,
}

impl JobEnd {
    /// Returns the log of a job that failed.
    fn log(&self) -> &str {
        match self {
            JobEnd::Failure(log) => log,
            other => panic!("{other:?}"),
        }
    }
}

impl Shop {
    fn new(token: &'static str) -> Shop {
        let folder = tempfile::tempdir().unwrap();
        let account = vec!["--data".to_owned(), folder.path().join("account").display().to_string()];
        let server = RefCell::new(server(&account, &[]));
        let shop = Shop { folder, server, account, forge: FakeForge::start(token) };
        std::fs::create_dir_all(shop.path("bin")).unwrap();
        std::fs::create_dir_all(shop.path("artifacts")).unwrap();
        for (name, script) in [("gh", GH), ("curl", CURL)] {
            let path = shop.path("bin").join(name);
            std::fs::write(&path, script).unwrap();
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        }
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_trueup"), shop.path("bin/trueup")).unwrap();
        shop.git_in(shop.folder.path(), &["init", "--quiet", "--initial-branch", "main", "repository"]);
        shop.write("code/app.py", "def handler(event, context):\n    return event\n");
        shop.commit("main", "128", "128");
        shop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path("repository").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn git_in(&self, folder: &Path, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]);
        let output =
            command.args(arguments).current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn git(&self, arguments: &[&str]) -> String {
        self.git_in(&self.path("repository"), arguments)
    }

    /// Commits a stack whose functions have so much memory to a branch, which begins where main is.
    fn commit(&self, branch: &str, orders: &str, receipts: &str) -> String {
        if branch != "main" {
            self.git(&["checkout", "--quiet", "-B", branch, "main"]);
        }
        let spec = format!(
            "version: 1\nstack: shop\nfunctions:\n  orders:\n{FUNCTION}    memory_size: {orders}\n    environment: \
             {{variables: {{TOKEN: \"${{env.ORDERS_TOKEN}}\"}}}}\n  receipts:\n{FUNCTION}    memory_size: {receipts}\n"
        );
        self.write("stack.yaml", &spec);
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--message", "change"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Merges a branch into main, or into a branch that stands for what main will be.
    fn merge(&self, branch: &str, into: &str) -> String {
        if into != "main" {
            self.git(&["checkout", "--quiet", "-B", into, "main"]);
        } else {
            self.git(&["checkout", "--quiet", "main"]);
        }
        self.git(&["merge", "--quiet", "--no-ff", "--message", "merge", branch]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Checks out a commit into a new folder.
    fn checkout(&self, commit: &str) -> PathBuf {
        let folder = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        let repository = self.path("repository");
        self.git_in(&folder, &["clone", "--quiet", "--no-checkout", repository.to_str().unwrap(), "."]);
        self.git_in(&folder, &["checkout", "--quiet", "--detach", commit]);
        folder
    }

    /// Lets what follows do what the policy of a role allows, or everything: an account with all that was done to it so far.
    fn assume(&self, role: Option<&str>) {
        let policy = role.map(|arn| {
            let role = arn.rsplit('/').next().unwrap();
            let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
            command.args(["iam-policy", role, "-f", "stack.yaml"]).current_dir(self.path("repository"));
            let (code, policy, errors) = ended(&command.env_clear().env("ORDERS_TOKEN", "").output().unwrap());
            assert_eq!(code, 0, "{role}: {errors}");
            let path = self.path("policy.json");
            std::fs::write(&path, policy).unwrap();
            path.display().to_string()
        });
        self.server.borrow_mut().kill();
        let policy: Vec<&str> = policy.iter().flat_map(|path| ["--iam", path]).collect();
        *self.server.borrow_mut() = server(&self.account, &policy);
    }

    fn connection(&self) -> crate::server::Connection {
        crate::server::Connection::open(&self.server.borrow().url).unwrap()
    }

    /// Prepares a script of a job, with nothing of this environment.
    fn script(&self, shell: &[&str], script: &str, folder: &Path) -> Command {
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).arg(script).current_dir(folder).env_clear();
        command.env("PATH", format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap()));
        command.env("HOME", self.folder.path()).env("CI", "true").env("ARTIFACTS", self.path("artifacts"));
        command.env("TRUEUP_ENDPOINT_URL", &self.server.borrow().url).env("AWS_EC2_METADATA_DISABLED", "true");
        command.envs([("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x"), ("AWS_REGION", "us-east-1")]);
        command
    }

    /// Changes a function as somebody does in the console.
    fn change_by_hand(&self, function: &str, memory: u32) {
        let path = format!("/2015-03-31/functions/{function}/configuration");
        let body = serde_json::json!({"MemorySize": memory});
        assert_eq!(self.connection().call("PUT", &path, &body).unwrap().0, 200);
    }

    /// Replaces the account by an empty one in which this function cannot be read.
    fn empty_the_account_and_hide(&mut self, function: &str) {
        let rule = format!("fail 403 before on GetFunction of {function}");
        self.account = vec!["--rule".to_owned(), rule];
        self.assume(None);
    }

    fn memory(&self, function: &str) -> Value {
        let path = format!("/2015-03-31/functions/{function}/configuration");
        self.connection().call("GET", &path, &Value::Null).unwrap().1["MemorySize"].clone()
    }
}

/// Returns what a command has printed, and its exit code.
fn log(output: &Output) -> (i32, String) {
    let (code, text, errors) = ended(output);
    (code, text + &errors)
}

/// Asserts that these jobs ran, and that none has failed.
fn succeeded(ends: &BTreeMap<String, JobEnd>, jobs: &[&str]) {
    let ran: Vec<&str> =
        ends.iter().filter(|(_, end)| **end != JobEnd::Skipped).map(|(name, _)| name.as_str()).collect();
    assert_eq!(ran, jobs, "{ends:?}");
    assert!(ends.values().all(|end| !matches!(end, JobEnd::Failure(_))), "{ends:?}");
}

/// Reads a workflow of the examples.
fn workflow(path: &str) -> Value {
    let text = std::fs::read_to_string(crate::generated_files::repository(path)).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}
