//! A command that is killed at any call and run again converges, publishes nothing twice and overwrites nothing unseen.
//!
//! The real program is killed with SIGKILL before a call takes effect, or after it and before the reply.
//! A small stack is killed after about every second write, the estate example after a few. With `TRUEUP_CHAOS=1` every example is
//! killed before and after every call: `TRUEUP_CHAOS=1 cargo test --profile nightly --test it killed_apply:: -- --nocapture`.

mod process;
mod transition;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use process::{CallNumber, Calls, KillPoint};
use transition::{Files, Task, Transition, example, files};

use crate::generated_files::repository;

/// A function with nearly every kind of child.
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

/// Edits that change every value that can be changed in place.
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

/// Edits that replace the function.
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
fn small_stack(name: &str, before: Option<Files>, after: Files, task: Task) -> Transition {
    Transition { name: format!("the mortal stack {name}"), before, after, task }
}

/// Lists the estate example, or all examples if every call is to be tried.
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

/// Lists the points at which a command is killed. Little changes between two writes, so after each write is nearly everywhere.
fn kill_points(calls: Calls, some: usize) -> Vec<(CallNumber, KillPoint)> {
    if every_call() {
        return (1..=calls.all)
            .flat_map(|at| [(CallNumber::Call(at), KillPoint::Before), (CallNumber::Call(at), KillPoint::After)])
            .collect();
    }
    let step = calls.writes.div_ceil(some);
    let mut ends: Vec<_> =
        (1..=calls.writes).step_by(step).map(|at| (CallNumber::Write(at), KillPoint::After)).collect();
    ends.push((CallNumber::Write(calls.writes / 2 + 1), KillPoint::Before));
    ends
}

/// Kills a command at some of its writes.
fn survive_kills(history: &Transition, some: usize) {
    let fault_free = history.run_without_faults();
    let ends = kill_points(fault_free.calls, some);
    let (next, survived) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        // Much of the time is spent waiting for the simulator.
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((at, death)) = ends.get(next.fetch_add(1, Ordering::Relaxed)) {
                    survived.fetch_add(usize::from(history.survives_kill(&fault_free, *at, *death)), Ordering::Relaxed);
                }
            });
        }
    });
    let survived = survived.into_inner();
    println!("{}: {survived} crashes survived, of {:?}", history.name, fault_free.calls);
    // Waiting takes a varying number of calls.
    assert!(survived * 10 >= ends.len() * 9, "{} of {} ends came about", survived, ends.len());
}

/// The most kills of the small stack in the test command, and of the estate example.
const MOST: usize = 8;
const FEW: usize = 2;

#[test]
fn converges_after_a_kill_during_create() {
    survive_kills(&small_stack("created", None, files(SPEC, OLD), Task::Apply), MOST);
    for (name, path) in examples() {
        survive_kills(&Transition { name, before: None, after: example(&path, OLD), task: Task::Apply }, FEW);
    }
}

#[test]
fn converges_after_a_kill_during_update() {
    let after = files(&edited(SPEC, CHANGED), NEW);
    survive_kills(&small_stack("changed", Some(files(SPEC, OLD)), after, Task::Apply), MOST);
    for (name, path) in examples() {
        let name = format!("{name} with new code");
        survive_kills(
            &Transition { name, before: Some(example(&path, OLD)), after: example(&path, NEW), task: Task::Apply },
            FEW,
        );
    }
}

#[test]
fn converges_after_a_kill_during_a_saved_plan() {
    let after = files(&edited(SPEC, CHANGED), NEW);
    survive_kills(&small_stack("by a saved plan", Some(files(SPEC, OLD)), after, Task::Saved), FEW);
}

#[test]
fn converges_after_a_kill_during_replace() {
    let after = files(&edited(SPEC, REPLACED), OLD);
    survive_kills(&small_stack("replaced", Some(files(SPEC, OLD)), after, Task::Apply), MOST);
}

#[test]
fn converges_after_a_kill_during_prune() {
    let bare = "version: 1\nstack: mortal\nfunctions:\n  orders: {runtime: python3.14, handler: app.handler, \
                role: 'arn:aws:iam::123456789012:role/r', code: {zip: package.zip}}\n";
    survive_kills(&small_stack("pruned", Some(files(SPEC, OLD)), files(bare, OLD), Task::Prune), MOST);
    for (name, path) in examples() {
        let before = example(&path, OLD);
        let spec = String::from_utf8_lossy(&before[0].1).into_owned();
        let top = spec.lines().filter(|line| line.starts_with("stack:") || line.starts_with("vars:"));
        let top = top.collect::<Vec<_>>().join("\n");
        let after = files(&format!("version: 1\n{top}\n"), OLD);
        survive_kills(
            &Transition { name: format!("{name} pruned"), before: Some(before), after, task: Task::Prune },
            FEW,
        );
    }
}

#[test]
fn converges_after_a_kill_during_destroy() {
    survive_kills(&small_stack("destroyed", Some(files(SPEC, OLD)), files(SPEC, OLD), Task::Destroy), MOST);
    for (name, path) in examples() {
        let (before, after) = (Some(example(&path, OLD)), example(&path, OLD));
        survive_kills(&Transition { name: format!("{name} destroyed"), before, after, task: Task::Destroy }, FEW);
    }
}
