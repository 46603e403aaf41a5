//! Every fault at every call: afterwards, without faults, the next runs must converge to what a faultless run gives.

use std::time::Duration;

use serde_json::Value;
use trueup::kinds::KINDS;
use trueup::plan::PlanOptions;

use super::account_state::{differences, without_failed_versions, without_tag};
use super::concurrent_writer;
use super::counts::{Tally, Told};
use super::dice::Dice;
use super::proxy::{Death, Line, Tap};
use super::test_account::{Ended, Estate};
use super::two_appliers::unguarded;
use crate::stacks::stack;

/// How many runs without faults may be needed.
const RUNS: usize = 2;

/// How many runs may meet faults.
const TRIES: usize = 20;

/// How many random stacks have every fault at every call.
const STACKS: u64 = 8;

/// What is applied, on top of what.
#[derive(Clone, Debug, Default)]
pub struct Task {
    pub name: String,
    /// Applied first, without faults.
    pub before: Option<String>,
    pub spec: String,
    pub destroy: bool,
    settle: Duration,
}

/// What a task comes to when nothing goes wrong.
pub struct Faultless {
    pub task: Task,
    /// The calls of the part that faults may hit, with the number of the first.
    pub first: usize,
    pub calls: Vec<Line>,
    pub census: Value,
    drift: Vec<String>,
}

impl Task {
    /// One by its name: of a kind's example, of an example file, or of a seed; `/destroy` takes it away again.
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

    /// The names of all tasks at whose every call every fault is tried: the examples, made and destroyed, and random stacks.
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

    fn choice(&self) -> PlanOptions {
        PlanOptions { destroy: self.destroy, ..PlanOptions::default() }
    }

    /// An account in which what comes before is done.
    async fn prepared(&self, rules: &str, tap: Tap) -> Result<Estate, String> {
        let estate = Estate::new(rules, self.settle, tap);
        if let Some(before) = &self.before {
            estate.converge(&estate.reconciler(before), &PlanOptions::default(), 1).await?;
        }
        Ok(estate)
    }

    pub async fn faultless(self) -> Result<Faultless, String> {
        let estate = self.prepared("", Tap::default()).await?;
        let (first, reconciler) = (estate.tap.count() + 1, estate.reconciler(&self.spec));
        if let Ended::Ran(report, _) = estate.run(&reconciler, &self.choice()).await {
            let undone = crate::harness::undone(&report);
            if !undone.is_empty() {
                return Err(format!("{}: {undone:?}", self.name));
            }
        }
        let calls = estate.tap.lines.lock().unwrap()[first - 1..].to_vec();
        let drift = estate.converge(&reconciler, &self.choice(), 0).await?;
        let census = estate.census().await;
        Ok(Faultless { task: self, first, calls, census, drift })
    }
}

/// What can go wrong with a call, in the words of the misbehaviour; strangers and deaths are ours.
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
    "stranger",
    "stranger tags",
    "roles 1",
    "exhausted concurrency",
    "exhausted storage",
    "fail InvalidParameterValueException \"The KMS key is invalid for CreateGrant\" before",
    "die before",
    "die after",
];

/// What the paths of writes contain after which something may have to settle, besides a function and its code.
const SETTLING: [&str; 5] =
    ["/configuration", "/versions", "/provisioned-concurrency", "/event-source-mappings", "/capacity-providers"];

/// Whether the fault can befall this call.
fn befalls(fault: &str, line: &Line) -> bool {
    let (put, deletes) = (line.method == axum::http::Method::PUT, line.method == axum::http::Method::DELETE);
    let (made, coded) = (line.path.ends_with("/functions"), line.path.ends_with("/code"));
    match fault.split(' ').next().unwrap_or_default() {
        "stale" => !line.is_write(),
        "settle-failed" => {
            line.is_write() && !deletes && (made || coded || SETTLING.iter().any(|part| line.path.contains(part)))
        }
        "fail" if fault.contains("after") || fault.contains("Invalid") => line.is_write(),
        "stranger" => concurrent_writer::befalls(&line.path, fault.ends_with("tags")),
        "roles" => {
            let names_one = String::from_utf8_lossy(&line.request).contains("\"Role\":");
            line.is_write() && names_one && (made || line.path.ends_with("/configuration"))
        }
        "exhausted" if fault.contains("concurrency") => put && line.path.contains("concurrency"),
        "exhausted" => line.is_write() && (made || coded || line.path.ends_with("/versions")),
        // Dying of a read is the same before and after.
        "die" => line.is_write() || fault.contains("before"),
        _ => fault != "fail 409 before" || line.is_write(),
    }
}

/// Whether nothing may come of the fault even where it befalls a call: there may be nothing that a read is behind by, nothing
/// that settles, a role that is known by now, no body to be slow with, and a stranger who is refused.
fn may_change_nothing(fault: &str) -> bool {
    ["stale", "settle-failed", "roles", "exhausted", "slow", "stranger"].iter().any(|name| fault.starts_with(name))
}

impl Faultless {
    /// Every fault with every call that it can befall.
    pub fn faults(&self) -> Vec<(usize, &'static str)> {
        let fits = |at: usize| FAULTS.into_iter().filter(move |fault| befalls(fault, &self.calls[at]));
        (0..self.calls.len()).flat_map(|at| fits(at).map(move |fault| (at + 1, fault))).collect()
    }

    /// A fault, and a call that it can befall; rare ones come as often as the others.
    pub fn fault(&self, dice: &mut Dice) -> Option<(usize, &'static str)> {
        let fault = *dice.pick(&FAULTS);
        let calls: Vec<usize> = (0..self.calls.len()).filter(|at| befalls(fault, &self.calls[*at])).collect();
        (!calls.is_empty()).then(|| (dice.pick(&calls) + 1, fault))
    }

    /// Runs the task with these faults, counted from its own first call, and then without.
    pub async fn suffer(&self, faults: &[(usize, &str)]) -> Result<Told, String> {
        let mut rules = String::new();
        let mut tap = Tap::default();
        for (at, fault) in faults {
            let at = self.first - 1 + at;
            match *fault {
                "die before" => tap.death = Some((at, Death::Before)),
                "die after" => tap.death = Some((at, Death::After)),
                "stranger" => tap.strangers.push((at, false)),
                "stranger tags" => tap.strangers.push((at, true)),
                fault => rules.push_str(&format!("{fault} at {at}\n")),
            }
        }
        let estate = self.task.prepared(&rules, tap).await?;
        let reconciler = estate.reconciler(&self.task.spec);
        // As many runs as it takes until the last fault has come; what follows meets none.
        let last = faults.iter().map(|(at, _)| self.first - 1 + at).max().unwrap_or(0);
        let mut died = false;
        for _ in 0..TRIES {
            died |= matches!(estate.run(&reconciler, &self.task.choice()).await, Ended::Died);
            if estate.tap.count() >= last {
                break;
            }
        }
        let drift = estate.converge(&reconciler, &self.task.choice(), RUNS).await?;
        let mut acts = estate.tap.acts.lock().unwrap().clone();
        acts.retain(|act| act.done != Some(false));
        let mut strange = drift.iter().filter(|one| !self.drift.contains(one));
        if let Some(strange) = strange.find(|one| acts.is_empty() || !concurrent_writer::is_its_tag(one)) {
            return Err(format!("false drift: {strange}"));
        }
        concurrent_writer::kept(&estate.router(), &acts).await?;
        unguarded(&estate.tap.lines.lock().unwrap())?;
        let found = differences(&wanted(&self.census), &wanted(&estate.census().await));
        if !found.is_empty() {
            return Err(format!("it ends otherwise than without faults:\n{}", found.join("\n")));
        }
        let mut tally = Tally::of(estate.lambda.injected_faults());
        tally.add("died", u64::from(died));
        tally.add("stranger", acts.len() as u64);
        if let ([(at, fault)], true) = (faults, tally.is_empty()) {
            if !may_change_nothing(fault) {
                // It was possible in a run without faults, and up to the fault this one was the same.
                return Err(format!("nothing came of {fault} at {at}"));
            }
            tally.add("idle", 1);
        }
        Ok(Told { tally, trace: estate.tap.trace() })
    }
}

/// What the end is held to: a version that failed keeps its number, and somebody else's tag was looked at already.
fn wanted(census: &Value) -> Value {
    without_tag(without_failed_versions(census), concurrent_writer::TAG)
}
