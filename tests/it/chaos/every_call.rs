//! Every fault at every call. Afterwards, runs without faults must converge to the result of a run that never met one.

use std::time::Duration;

use serde_json::Value;
use trueup::kinds::KINDS;
use trueup::plan::PlanOptions;

use super::account_state::{differences, without_failed_versions, without_tag};
use super::concurrent_writer;
use super::counts::{Counts, ScheduleResult};
use super::dice::Dice;
use super::proxy::{KillPoint, Line, Proxy};
use super::test_account::{RunResult, TestAccount};
use super::two_appliers::check_revisions;
use crate::stacks::stack;

/// The most runs without faults until the account has converged.
const RUNS: usize = 2;

/// The most runs that may meet faults.
const TRIES: usize = 20;

/// The number of random stacks with every fault at every call.
const STACKS: u64 = 8;

/// A spec to apply or destroy, and the spec that is applied before it.
#[derive(Clone, Debug, Default)]
pub struct Task {
    pub name: String,
    /// Applied first, without faults.
    pub before: Option<String>,
    pub spec: String,
    pub destroy: bool,
    settle: Duration,
}

/// The result of a task without faults.
pub struct FaultFreeRun {
    pub task: Task,
    /// The calls that faults may be injected into, with the number of the first.
    pub first: usize,
    pub calls: Vec<Line>,
    pub state: Value,
    drift: Vec<String>,
}

impl Task {
    /// Finds a task by its name: a kind's example, an example file, or a seed; `/destroy` destroys it afterwards.
    pub fn named(name: &str) -> Option<Task> {
        if let Some(seed) = name.strip_prefix("random-").or_else(|| name.strip_prefix("stack-")) {
            return Some(Task { name: name.to_owned(), ..Task::random(seed.parse().ok()?) });
        }
        let (of, destroy) = name.strip_suffix("/destroy").map_or((name, false), |of| (of, true));
        let example = KINDS.iter().find(|kind| kind.name() == of).map(|kind| kind.example().to_owned());
        let file = || std::fs::read_to_string(crate::generated_files::repository(&format!("examples/{of}.yaml"))).ok();
        let spec = example.or_else(file)?;
        let before = destroy.then(|| spec.clone());
        Some(Task { name: name.to_owned(), before, spec, destroy, settle: Duration::ZERO })
    }

    /// Creation, change or destruction of a random stack.
    pub fn random(seed: u64) -> Task {
        let mut dice = Dice::new(seed);
        let (first, second) = (dice.stack(), dice.stack());
        let (before, spec, destroy) = match dice.below(4) {
            0 => (None, stack(&first), false),
            1 => (Some(stack(&first)), stack(&first), true),
            _ => (Some(stack(&first)), stack(&first.edited(&second)), false),
        };
        let settle = Duration::from_millis(*dice.pick(&[0, 700]));
        Task { name: format!("random-{seed}"), before, spec, destroy, settle }
    }

    /// Lists the tasks with every fault at every call: the examples, created and destroyed, and random stacks.
    pub fn names() -> Vec<String> {
        let mut names: Vec<String> = KINDS.iter().map(|kind| kind.name().to_owned()).collect();
        for entry in std::fs::read_dir(crate::generated_files::repository("examples")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                names.push(path.file_stem().unwrap().to_string_lossy().into_owned());
            }
        }
        names.sort();
        names.dedup();
        let destroyed: Vec<String> = names.iter().map(|name| format!("{name}/destroy")).collect();
        let random = (0..STACKS).map(|seed| format!("stack-{seed}"));
        names.into_iter().chain(destroyed).chain(random).collect()
    }

    fn options(&self) -> PlanOptions {
        PlanOptions { destroy: self.destroy, ..PlanOptions::default() }
    }

    /// Opens an account in which the earlier spec has been applied.
    async fn prepared(&self, rules: &str, proxy: Proxy) -> Result<TestAccount, String> {
        let account = TestAccount::new(rules, self.settle, proxy);
        if let Some(before) = &self.before {
            account.converge(&account.reconciler(before), &PlanOptions::default(), 1).await?;
        }
        Ok(account)
    }

    pub async fn run_without_faults(self) -> Result<FaultFreeRun, String> {
        let account = self.prepared("", Proxy::default()).await?;
        let (first, reconciler) = (account.proxy.count() + 1, account.reconciler(&self.spec));
        if let RunResult::Ran(report, _) = account.run(&reconciler, &self.options()).await {
            let undone = crate::harness::undone(&report);
            if !undone.is_empty() {
                return Err(format!("{}: {undone:?}", self.name));
            }
        }
        let calls = account.proxy.lines.lock().unwrap()[first - 1..].to_vec();
        let drift = account.converge(&reconciler, &self.options(), 0).await?;
        let state = account.account_state().await;
        Ok(FaultFreeRun { task: self, first, calls, state, drift })
    }
}

/// The faults of a call, in the simulator's syntax. Concurrent writers and kills are added by the tests.
pub const FAULTS: [&str; 26] = [
    "fail 500 before",
    "fail 500 after",
    "fail 503 before",
    "fail 503 after",
    "fail 409 before",
    "fail 429 before",
    "fail AccessDeniedException before",
    "fail ExpiredTokenException before",
    "reset",
    "lose",
    "cut",
    "latency 40s",
    "slow 40s",
    "stale 1",
    "stale 2",
    "stale 4",
    "stale 3s",
    "settle-failed InvalidSubnet",
    "concurrent writer",
    "concurrent writer tags",
    "roles 1",
    "exhausted concurrency",
    "exhausted storage",
    "fail InvalidParameterValueException \"The KMS key is invalid for CreateGrant\" before",
    "die before",
    "die after",
];

/// Parts of the paths of writes that settle later, besides those of a function and its code.
const SETTLING: [&str; 5] =
    ["/configuration", "/versions", "/provisioned-concurrency", "/event-source-mappings", "/capacity-providers"];

/// Returns true if the fault can be injected into this call.
fn applies_to(fault: &str, line: &Line) -> bool {
    let (put, deletes) = (line.method == axum::http::Method::PUT, line.method == axum::http::Method::DELETE);
    let (made, coded) = (line.path.ends_with("/functions"), line.path.ends_with("/code"));
    match fault.split(' ').next().unwrap_or_default() {
        "stale" => !line.is_write(),
        "settle-failed" => {
            line.is_write() && !deletes && (made || coded || SETTLING.iter().any(|part| line.path.contains(part)))
        }
        "fail" if fault.contains("after") || fault.contains("Invalid") => line.is_write(),
        "concurrent writer" => concurrent_writer::applies_to(&line.path, fault.ends_with("tags")),
        "roles" => {
            let names_one = String::from_utf8_lossy(&line.request).contains("\"Role\":");
            line.is_write() && names_one && (made || line.path.ends_with("/configuration"))
        }
        "exhausted" if fault.contains("concurrency") => put && line.path.contains("concurrency"),
        "exhausted" => line.is_write() && (made || coded || line.path.ends_with("/versions")),
        // A kill at a read is the same before and after it.
        "die" => line.is_write() || fault.contains("before"),
        _ => fault != "fail 409 before" || line.is_write(),
    }
}

/// Returns true if the fault may have no effect where it is injected: a stale read may have nothing to hide, an update may not
/// settle, a role may be known by now, a reply may have no body to delay, and a concurrent write may be rejected.
fn may_have_no_effect(fault: &str) -> bool {
    ["stale", "settle-failed", "roles", "exhausted", "slow", "concurrent writer"]
        .iter()
        .any(|name| fault.starts_with(name))
}

impl FaultFreeRun {
    /// Lists every fault with every call that it can be injected into.
    pub fn faults(&self) -> Vec<(usize, &'static str)> {
        let fits = |at: usize| FAULTS.into_iter().filter(move |fault| applies_to(fault, &self.calls[at]));
        (0..self.calls.len()).flat_map(|at| fits(at).map(move |fault| (at + 1, fault))).collect()
    }

    /// Picks a fault, and a call that it can be injected into; rare faults are as likely as the others.
    pub fn fault(&self, dice: &mut Dice) -> Option<(usize, &'static str)> {
        let fault = *dice.pick(&FAULTS);
        let calls: Vec<usize> = (0..self.calls.len()).filter(|at| applies_to(fault, &self.calls[*at])).collect();
        (!calls.is_empty()).then(|| (dice.pick(&calls) + 1, fault))
    }

    /// Runs the task with these faults, counted from its own first call, and then without.
    pub async fn run_with_faults(&self, faults: &[(usize, &str)]) -> Result<ScheduleResult, String> {
        let mut rules = String::new();
        let mut proxy = Proxy::default();
        for (at, fault) in faults {
            let at = self.first - 1 + at;
            match *fault {
                "die before" => proxy.kill_point = Some((at, KillPoint::Before)),
                "die after" => proxy.kill_point = Some((at, KillPoint::After)),
                "concurrent writer" => proxy.concurrent_writes.push((at, false)),
                "concurrent writer tags" => proxy.concurrent_writes.push((at, true)),
                fault => rules.push_str(&format!("{fault} at {at}\n")),
            }
        }
        let account = self.task.prepared(&rules, proxy).await?;
        let reconciler = account.reconciler(&self.task.spec);
        // Runs until the last fault was injected; later runs meet none.
        let last = faults.iter().map(|(at, _)| self.first - 1 + at).max().unwrap_or(0);
        let mut killed = false;
        for _ in 0..TRIES {
            killed |= matches!(account.run(&reconciler, &self.task.options()).await, RunResult::Killed);
            if account.proxy.count() >= last {
                break;
            }
        }
        let drift = account.converge(&reconciler, &self.task.options(), RUNS).await?;
        let mut injected = account.proxy.injected.lock().unwrap().clone();
        injected.retain(|act| act.done != Some(false));
        let mut strange = drift.iter().filter(|one| !self.drift.contains(one));
        if let Some(strange) = strange.find(|one| injected.is_empty() || !concurrent_writer::is_injected_tag(one)) {
            return Err(format!("false drift: {strange}"));
        }
        concurrent_writer::check_tags_kept(&account.router(), &injected).await?;
        check_revisions(&account.proxy.lines.lock().unwrap())?;
        let found = differences(&wanted(&self.state), &wanted(&account.account_state().await));
        if !found.is_empty() {
            return Err(format!("it ends otherwise than without faults:\n{}", found.join("\n")));
        }
        let mut counts = Counts::of(account.lambda.injected_faults());
        counts.add("died", u64::from(killed));
        counts.add("concurrent writer", injected.len() as u64);
        if let ([(at, fault)], true) = (faults, counts.is_empty()) {
            if !may_have_no_effect(fault) {
                // The run without faults had this call, and up to the fault both runs are the same.
                return Err(format!("nothing came of {fault} at {at}"));
            }
            counts.add("idle", 1);
        }
        Ok(ScheduleResult { counts, trace: account.proxy.trace() })
    }
}

/// Reduces an account to what must be equal: failed versions keep their numbers, and the concurrent writer's tag is checked apart.
fn wanted(state: &Value) -> Value {
    without_tag(without_failed_versions(state), concurrent_writer::TAG)
}
