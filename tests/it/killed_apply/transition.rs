//! What a command is killed in the middle of, and what must hold afterwards.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use trueup::observe::Depth;
use trueup::plan::{Limits, PlanOptions};

use super::process::{Calls, Death, ResourceRef, Stage};
use crate::chaos::account_state::{census, differences};
use crate::harness::{shown, undone, zip};

/// Files of a stack; one is `stack.yaml`.
pub type Files = Vec<(String, Vec<u8>)>;

/// What the command is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Task {
    Apply,
    /// `apply` of a saved plan.
    Saved,
    Prune,
    Destroy,
}

/// One stack on its way from one declaration to another.
pub struct History {
    pub name: String,
    /// Applied first, and without deaths.
    pub before: Option<Files>,
    pub after: Files,
    pub task: Task,
}

/// How a faultless run ends, and what it takes.
pub struct Faultless {
    pub calls: Calls,
    census: Value,
    prepared: TempDir,
}

/// How long changes take in every second account, so that some runs die while Lambda is at work.
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

impl History {
    fn command(&self) -> Vec<&'static str> {
        match self.task {
            Task::Apply => vec!["apply", "--auto-approve", "--allow-replace"],
            Task::Saved => vec!["apply", SAVED],
            Task::Prune => vec!["apply", "--auto-approve", "--prune"],
            Task::Destroy => vec!["destroy", "--auto-approve"],
        }
    }

    fn choice(&self) -> PlanOptions {
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
            let stage = Stage::new(Duration::ZERO, Some(account.path()));
            let spec = put(&stage, before);
            let report = stage.runtime.block_on(stage.world.apply(&spec));
            assert_eq!(undone(&report), [""; 0], "{}", self.name);
        }
        account
    }

    /// A copy of that account, with the files that the command reads.
    fn stage(&self, prepared: &TempDir, settle: Duration) -> (Stage, TempDir) {
        let account = tempfile::tempdir().unwrap();
        copy(prepared.path(), account.path());
        // What is kept on disk is made durable, which takes time and shows nothing here.
        let stage = Stage::new(settle, self.before.as_ref().map(|_| account.path()));
        put(&stage, &self.after);
        if self.task == Task::Saved {
            assert!(stage.run(&["plan", "--out", SAVED], None).success(), "{}", self.name);
            stage.seen();
        }
        (stage, account)
    }

    /// The account in the end, in which there must be nothing left to do.
    fn end(&self, stage: &Stage, why: &str) -> Value {
        let spec = put(stage, &self.after);
        let reconciler = stage.world.reconciler(&spec);
        let plan = stage.runtime.block_on(reconciler.plan(&self.choice(), Depth::Full)).unwrap().plan;
        assert!(plan.is_empty(), "{}, {why}: there is something left to do\n{}", self.name, shown(&plan));
        without_chosen(stage.runtime.block_on(census(&stage.lambda.router())))
    }

    pub fn faultless(&self) -> Faultless {
        let prepared = self.prepared();
        let (stage, _account) = self.stage(&prepared, Duration::ZERO);
        let status = stage.run(&self.command(), None);
        let calls = stage.calls();
        assert!(status.success() && calls.writes > 0, "{}: {status}, {calls:?}", self.name);
        Faultless { calls, census: self.end(&stage, "unharmed"), prepared }
    }

    /// Kills the command and runs it again; whether it came as far as its death.
    pub fn survives(&self, faultless: &Faultless, at: ResourceRef, death: Death) -> bool {
        let number = match at {
            ResourceRef::Call(number) | ResourceRef::Write(number) => number,
        };
        let settle = if number % 2 == 0 { SETTLE } else { Duration::ZERO };
        let (stage, _account) = self.stage(&faultless.prepared, settle);
        let why = format!("killed {death:?} {at:?}");
        if let Some(code) = stage.run(&self.command(), Some((at, death))).code() {
            assert_eq!(code, 0, "{}, {why}", self.name);
            return false;
        }
        if self.task == Task::Saved {
            // The plan is of an account that is no more, unless nothing was written yet.
            let again = stage.run(&self.command(), None).code();
            assert!(matches!(again, Some(0 | 3)), "{}, {why}: the same plan again ends with {again:?}", self.name);
            let rest = stage.run(&["apply", "--auto-approve"], None);
            assert!(rest.success(), "{}, {why}: it does not converge: {rest}", self.name);
        } else {
            let again = stage.run(&self.command(), None);
            assert!(again.success(), "{}, {why}: it does not converge: {again}", self.name);
        }
        // What the dead run has begun may still be under way, such as a deletion, and the next run has no need to wait for it.
        std::thread::sleep(settle);
        let found = self.end(&stage, &why);
        // Every published version is in there, so nothing was published twice.
        let differences = differences(&faultless.census, &found);
        assert_eq!(differences, [""; 0], "{}, {why}: it ends otherwise than unharmed", self.name);
        true
    }
}

/// The same account without what Lambda chooses anew each time: the addresses of URLs, wherever they stand, and the names of
/// Kafka's consumer groups, which are UUIDs where nobody gives them.
fn without_chosen(census: Value) -> Value {
    let text = census.to_string();
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
fn put(stage: &Stage, files: &Files) -> String {
    files.iter().for_each(|(name, bytes)| stage.world.write(name, bytes));
    let (_, spec) = files.iter().find(|(name, _)| name == "stack.yaml").expect("a stack has a spec");
    String::from_utf8(spec.clone()).unwrap()
}
