//! The change that a command is killed in the middle of, and what must hold afterwards.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use trueup::observe::Depth;
use trueup::plan::{Limits, PlanOptions};

use super::process::{CallNumber, Calls, KillPoint, TestServer};
use crate::chaos::account_state::{account_state, differences};
use crate::harness::{shown, undone, zip};

/// Files of a stack; one is `stack.yaml`.
pub type Files = Vec<(String, Vec<u8>)>;

/// The command that is killed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Task {
    Apply,
    /// `apply` of a saved plan.
    Saved,
    Prune,
    Destroy,
}

/// A change of one stack from one spec to another.
pub struct Transition {
    pub name: String,
    /// The spec that is applied first, without kills.
    pub before: Option<Files>,
    pub after: Files,
    pub task: Task,
}

/// The result of a run that is not killed, and its number of calls.
pub struct FaultFreeRun {
    pub calls: Calls,
    state: Value,
    prepared: TempDir,
}

/// The time until changes settle in every second account, so that some runs are killed while an update is in progress.
const SETTLE: Duration = Duration::from_millis(150);

const SAVED: &str = "saved.json";

/// The files of a stack whose code is all in one package.
pub fn files(spec: &str, code: &str) -> Files {
    vec![("stack.yaml".to_owned(), spec.into()), ("package.zip".to_owned(), zip(&[("app.py", code)]))]
}

/// The files of an example with other code in it.
pub fn example(path: &Path, code: &str) -> Files {
    let mut files = files(&std::fs::read_to_string(path).unwrap(), code);
    for folder in ["orders", "receipts"] {
        files.push((format!("{folder}/app.py"), code.into()));
    }
    files
}

impl Transition {
    fn command(&self) -> Vec<&'static str> {
        match self.task {
            Task::Apply => vec!["apply", "--auto-approve", "--allow-replace"],
            Task::Saved => vec!["apply", SAVED],
            Task::Prune => vec!["apply", "--auto-approve", "--prune"],
            Task::Destroy => vec!["destroy", "--auto-approve"],
        }
    }

    fn options(&self) -> PlanOptions {
        PlanOptions {
            prune: self.task == Task::Prune,
            destroy: self.task == Task::Destroy,
            limits: Limits { allow_replace: true, ..Limits::default() },
            ..PlanOptions::default()
        }
    }

    /// The account as it is before the command, in a folder.
    fn prepared(&self) -> TempDir {
        let account = tempfile::tempdir().unwrap();
        if let Some(before) = &self.before {
            let stage = TestServer::new(Duration::ZERO, Some(account.path()));
            let spec = put(&stage, before);
            let report = stage.runtime.block_on(stage.fixture.apply(&spec));
            assert_eq!(undone(&report), [""; 0], "{}", self.name);
        }
        account
    }

    /// A copy of that account, with the files that the command reads.
    fn stage(&self, prepared: &TempDir, settle: Duration) -> (TestServer, TempDir) {
        let account = tempfile::tempdir().unwrap();
        copy(prepared.path(), account.path());
        // Persisting to disk takes time and tests nothing here.
        let stage = TestServer::new(settle, self.before.as_ref().map(|_| account.path()));
        put(&stage, &self.after);
        if self.task == Task::Saved {
            assert!(stage.run(&["plan", "--out", SAVED], None).success(), "{}", self.name);
            stage.seen();
        }
        (stage, account)
    }

    /// Reads the account at the end, in which nothing may be left to do.
    fn end(&self, stage: &TestServer, why: &str) -> Value {
        let spec = put(stage, &self.after);
        let reconciler = stage.fixture.reconciler(&spec);
        let plan = stage.runtime.block_on(reconciler.plan(&self.options(), Depth::Full)).unwrap().plan;
        assert!(plan.is_empty(), "{}, {why}: there is something left to do\n{}", self.name, shown(&plan));
        without_generated(stage.runtime.block_on(account_state(&stage.lambda.router())))
    }

    pub fn run_without_faults(&self) -> FaultFreeRun {
        let prepared = self.prepared();
        let (stage, _account) = self.stage(&prepared, Duration::ZERO);
        let status = stage.run(&self.command(), None);
        let calls = stage.calls();
        assert!(status.success() && calls.writes > 0, "{}: {status}, {calls:?}", self.name);
        FaultFreeRun { calls, state: self.end(&stage, "unharmed"), prepared }
    }

    /// Kills the command and runs it again; returns false if it ended before the kill.
    pub fn survives_kill(&self, fault_free: &FaultFreeRun, at: CallNumber, death: KillPoint) -> bool {
        let number = match at {
            CallNumber::Call(number) | CallNumber::Write(number) => number,
        };
        let settle = if number % 2 == 0 { SETTLE } else { Duration::ZERO };
        let (stage, _account) = self.stage(&fault_free.prepared, settle);
        let why = format!("killed {death:?} {at:?}");
        if let Some(code) = stage.run(&self.command(), Some((at, death))).code() {
            assert_eq!(code, 0, "{}, {why}", self.name);
            return false;
        }
        if self.task == Task::Saved {
            // The saved plan is stale by now, unless nothing was written yet.
            let again = stage.run(&self.command(), None).code();
            assert!(matches!(again, Some(0 | 3)), "{}, {why}: the same plan again ends with {again:?}", self.name);
            let rest = stage.run(&["apply", "--auto-approve"], None);
            assert!(rest.success(), "{}, {why}: it does not converge: {rest}", self.name);
        } else {
            let again = stage.run(&self.command(), None);
            assert!(again.success(), "{}, {why}: it does not converge: {again}", self.name);
        }
        // An update of the killed run, such as a deletion, may still be in progress without the next run waiting for it.
        std::thread::sleep(settle);
        let found = self.end(&stage, &why);
        // Every published version is in there, so nothing was published twice.
        let differences = differences(&fault_free.state, &found);
        assert_eq!(differences, [""; 0], "{}, {why}: it ends otherwise than unharmed", self.name);
        true
    }
}

/// Replaces what Lambda generates at random: the addresses of URLs, wherever they occur, and the names of
/// Kafka consumer groups, which are UUIDs unless they are declared.
fn without_generated(state: Value) -> Value {
    let text = state.to_string();
    let addresses = fancy_regex::Regex::new("//[0-9a-z]{32}[.]lambda-url[.]").unwrap();
    let groups = fancy_regex::Regex::new("\"ConsumerGroupId\":\"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\"").unwrap();
    let text = addresses.replace_all(&text, "//chosen.lambda-url.");
    let text = groups.replace_all(&text, "\"ConsumerGroupId\":\"chosen\"");
    serde_json::from_str(&text).unwrap()
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Writes the files of a stack, and gives its spec.
fn put(stage: &TestServer, files: &Files) -> String {
    files.iter().for_each(|(name, bytes)| stage.fixture.write(name, bytes));
    let (_, spec) = files.iter().find(|(name, _)| name == "stack.yaml").expect("a stack has a spec");
    String::from_utf8(spec.clone()).unwrap()
}
