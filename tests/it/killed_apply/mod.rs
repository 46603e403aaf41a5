//! Killed at any call and run again, a command converges, publishes nothing twice and writes over nothing that it has not seen.
//!
//! The process is the real program, and it dies by SIGKILL: before a call has taken effect, or after, before it hears of it.
//! A small stack dies after every second write or so, and the estate after some. With `TRUEUP_CHAOS=1` they and every example
//! die before and after every call: `TRUEUP_CHAOS=1 cargo test --profile nightly --test it killed_apply:: -- --nocapture`.

mod process;
mod transition;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use process::{Calls, Death, ResourceRef};
use transition::{Files, History, Task, example, files};

use crate::generated_files::repository;

/// One of nearly everything that hangs on a function.
const SPEC: &str = r#"
version: 1
stack: mortal
target: {account: "123456789012", region: us-east-1}
defaults:
  function: {runtime: python3.14, handler: app.handler, role: "arn:aws:iam::123456789012:role/r", code: {zip: package.zip}}
layers:
  common: {code: {zip: package.zip}, retain_versions: 1, permissions: {partner: {principal: "210987654321"}}}
functions:
  orders:
    layers: ["${layers.common.arn}"]
    reserved_concurrent_executions: 5
    tags: {team: payments}
    permissions:
      uploads: {action: "lambda:InvokeFunction", principal: s3.amazonaws.com, source_arn: "arn:aws:s3:::uploads", source_account: "123456789012"}
    aliases:
      live:
        function_version: published
        provisioned_concurrent_executions: 2
        url: {auth_type: NONE}
        event_invoke_config: {maximum_retry_attempts: 1}
        event_source_mappings:
          queue: {event_source_arn: "arn:aws:sqs:us-east-1:123456789012:orders"}
"#;

/// The same with another value of everything that can be changed in place.
const CHANGED: &[(&str, &str)] = &[
    ("{team: payments}", "{team: shop, stage: test}"),
    ("reserved_concurrent_executions: 5", "reserved_concurrent_executions: 6\n    memory_size: 256"),
    ("provisioned_concurrent_executions: 2", "provisioned_concurrent_executions: 3"),
    ("auth_type: NONE", "auth_type: AWS_IAM"),
    ("maximum_retry_attempts: 1", "maximum_retry_attempts: 2"),
    (":orders\"}", ":orders\", batch_size: 5}"),
    ("arn:aws:s3:::uploads", "arn:aws:s3:::others"),
    ("210987654321", "310987654321"),
];

/// The same as a function of another make.
const REPLACED: &[(&str, &str)] =
    &[("    tags:", "    durable_config: {execution_timeout: 3600, retention_period_in_days: 7}\n    tags:")];

const OLD: &str = "def handler(event, context): return 1\n";
const NEW: &str = "def handler(event, context): return 2\n";

fn edited(spec: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(spec.to_owned(), |spec, (from, to)| {
        assert!(spec.contains(from), "there is no {from}");
        spec.replace(from, to)
    })
}

/// The small stack.
fn mortal(name: &str, before: Option<Files>, after: Files, task: Task) -> History {
    History { name: format!("the mortal stack {name}"), before, after, task }
}

/// The estate; all examples where every call is to be tried.
fn examples() -> Vec<(String, PathBuf)> {
    if !every_call() {
        return vec![("estate".to_owned(), repository("examples/estate.yaml"))];
    }
    let entries = std::fs::read_dir(repository("examples")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|it| it == "yaml")).collect();
    paths.push(repository("examples/checkout/stack.yaml"));
    paths.sort();
    paths
        .into_iter()
        .map(|path| (path.strip_prefix(repository("examples")).unwrap().display().to_string(), path))
        .collect()
}

fn every_call() -> bool {
    std::env::var_os("TRUEUP_CHAOS").is_some()
}

/// Where a command dies. Nothing changes between two writes but what Lambda has under way, so after each write is nearly everywhere.
fn ends(calls: Calls, some: usize) -> Vec<(ResourceRef, Death)> {
    if every_call() {
        return (1..=calls.all)
            .flat_map(|at| [(ResourceRef::Call(at), Death::Before), (ResourceRef::Call(at), Death::After)])
            .collect();
    }
    let step = calls.writes.div_ceil(some);
    let mut ends: Vec<_> = (1..=calls.writes).step_by(step).map(|at| (ResourceRef::Write(at), Death::After)).collect();
    ends.push((ResourceRef::Write(calls.writes / 2 + 1), Death::Before));
    ends
}

/// Has a command die at some of its writes.
fn survive(history: &History, some: usize) {
    let faultless = history.faultless();
    let ends = ends(faultless.calls, some);
    let (next, survived) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        // Much of the time is waiting for what Lambda has under way.
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((at, death)) = ends.get(next.fetch_add(1, Ordering::Relaxed)) {
                    survived.fetch_add(usize::from(history.survives(&faultless, *at, *death)), Ordering::Relaxed);
                }
            });
        }
    });
    let survived = survived.into_inner();
    println!("{}: {survived} crashes survived, of {:?}", history.name, faultless.calls);
    // What is waited for takes a call more or less.
    assert!(survived * 10 >= ends.len() * 9, "{} of {} ends came about", survived, ends.len());
}

/// After how many writes of each task the small stack dies in the test command, and after how many the estate.
const MOST: usize = 8;
const FEW: usize = 2;

#[test]
fn killed_while_it_creates() {
    survive(&mortal("created", None, files(SPEC, OLD), Task::Apply), MOST);
    for (name, path) in examples() {
        survive(&History { name, before: None, after: example(&path, OLD), task: Task::Apply }, FEW);
    }
}

#[test]
fn killed_while_it_updates() {
    let after = files(&edited(SPEC, CHANGED), NEW);
    survive(&mortal("changed", Some(files(SPEC, OLD)), after, Task::Apply), MOST);
    for (name, path) in examples() {
        let name = format!("{name} with new code");
        survive(
            &History { name, before: Some(example(&path, OLD)), after: example(&path, NEW), task: Task::Apply },
            FEW,
        );
    }
}

#[test]
fn killed_while_it_carries_out_a_saved_plan() {
    let after = files(&edited(SPEC, CHANGED), NEW);
    survive(&mortal("by a saved plan", Some(files(SPEC, OLD)), after, Task::Saved), FEW);
}

#[test]
fn killed_while_it_replaces() {
    let after = files(&edited(SPEC, REPLACED), OLD);
    survive(&mortal("replaced", Some(files(SPEC, OLD)), after, Task::Apply), MOST);
}

#[test]
fn killed_while_it_prunes() {
    let bare = "version: 1\nstack: mortal\nfunctions:\n  orders: {runtime: python3.14, handler: app.handler, \
                role: 'arn:aws:iam::123456789012:role/r', code: {zip: package.zip}}\n";
    survive(&mortal("pruned", Some(files(SPEC, OLD)), files(bare, OLD), Task::Prune), MOST);
    for (name, path) in examples() {
        let before = example(&path, OLD);
        let spec = String::from_utf8_lossy(&before[0].1).into_owned();
        let stack = spec.lines().find(|line| line.starts_with("stack:")).expect("a spec names its stack");
        let after = files(&format!("version: 1\n{stack}\n"), OLD);
        survive(&History { name: format!("{name} pruned"), before: Some(before), after, task: Task::Prune }, FEW);
    }
}

#[test]
fn killed_while_it_destroys() {
    survive(&mortal("destroyed", Some(files(SPEC, OLD)), files(SPEC, OLD), Task::Destroy), MOST);
    for (name, path) in examples() {
        let (before, after) = (Some(example(&path, OLD)), example(&path, OLD));
        survive(&History { name: format!("{name} destroyed"), before, after, task: Task::Destroy }, FEW);
    }
}
