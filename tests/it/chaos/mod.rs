//! Seeded chaos: every fault at every call, two appliers with a concurrent writer, and histories compared with a model.
//!
//! A schedule is one line, and its line is enough to run it again. Several hundred run with the other tests;
//! `TRUEUP_CHAOS=10000 cargo test --profile nightly --test it chaos -- --nocapture` runs so many at random and
//! every fault at every call of every example; `TRUEUP_CHAOS_ONLY="storm 7; writers 3"` runs these alone, and TRUEUP_CHAOS_FAILURES
//! names a file for all that failed. The README's counts come from the usual run. Schedules that once failed stay in
//! `tests/fixtures/schedules.txt` and run first.

pub mod account_state;
mod concurrent_writer;
mod counts;
pub mod dice;
mod every_call;
mod lost_updates;
mod manual_edits;
mod model;
mod observed_settings;
mod proxy;
mod race_window;
mod test_account;
mod two_appliers;

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use counts::{Counts, ScheduleResult};
use dice::Dice;
use every_call::{FaultFreeRun, Task};

/// One run with injected faults.
#[derive(Clone, Debug, PartialEq)]
enum Schedule {
    /// One fault at one call of a task.
    Call {
        task: String,
        at: usize,
        fault: String,
    },
    /// Several faults in a random task.
    Storm(u64),
    Writers(u64),
    Model(u64),
}

impl std::fmt::Display for Schedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Schedule::Call { task, at, fault } => write!(f, "call {at} of {task}: {fault}"),
            Schedule::Storm(seed) => write!(f, "storm {seed}"),
            Schedule::Writers(seed) => write!(f, "writers {seed}"),
            Schedule::Model(seed) => write!(f, "model {seed}"),
        }
    }
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(line: &str) -> Result<Schedule, String> {
        let wrong = || format!("`{line}` is no schedule");
        let (what, rest) = line.split_once(' ').ok_or_else(wrong)?;
        let seed = || rest.parse::<u64>().map_err(|_| wrong());
        match what {
            "storm" => Ok(Schedule::Storm(seed()?)),
            "writers" => Ok(Schedule::Writers(seed()?)),
            "model" => Ok(Schedule::Model(seed()?)),
            "call" => {
                let (at, rest) = rest.split_once(" of ").ok_or_else(wrong)?;
                let (task, fault) = rest.split_once(": ").ok_or_else(wrong)?;
                let at = at.parse().map_err(|_| wrong())?;
                Ok(Schedule::Call { task: task.to_owned(), at, fault: fault.to_owned() })
            }
            _ => Err(wrong()),
        }
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(future)
}

/// The results of tasks without faults, computed once.
#[derive(Default)]
struct FaultFreeRuns(Mutex<BTreeMap<String, Arc<FaultFreeRun>>>);

impl FaultFreeRuns {
    fn of(&self, name: &str) -> Result<Arc<FaultFreeRun>, String> {
        if let Some(known) = self.0.lock().unwrap().get(name) {
            return Ok(known.clone());
        }
        let task = Task::named(name).ok_or_else(|| format!("there is no task called {name}"))?;
        let fault_free = Arc::new(block_on(task.run_without_faults())?);
        if !name.starts_with("random-") {
            self.0.lock().unwrap().insert(name.to_owned(), fault_free.clone());
        }
        Ok(fault_free)
    }
}

impl Schedule {
    fn run(&self, known: &FaultFreeRuns) -> Result<ScheduleResult, String> {
        let (what, mut result) = match self {
            Schedule::Call { task, at, fault } => {
                ("faulted", block_on(known.of(task)?.run_with_faults(&[(*at, fault)]))?)
            }
            Schedule::Storm(seed) => {
                let fault_free = known.of(&format!("random-{seed}"))?;
                let mut dice = Dice::new(seed ^ 0x5708);
                let faults: Vec<_> = (0..1 + dice.below(5)).filter_map(|_| fault_free.fault(&mut dice)).collect();
                (
                    "faulted",
                    block_on(fault_free.run_with_faults(&faults)).map_err(|error| format!("{faults:?}\n{error}"))?,
                )
            }
            Schedule::Writers(seed) => ("writers", block_on(two_appliers::run_contest(*seed))?),
            Schedule::Model(seed) => ("model", block_on(model::compare(*seed))?),
        };
        result.counts.add(what, 1);
        result.counts.add("schedules", 1);
        Ok(result)
    }

    /// Runs the schedule twice; both must send and receive the same bytes.
    fn run_twice(&self, known: &FaultFreeRuns) -> Result<Counts, String> {
        let (mut first, second) = (self.run(known)?, self.run(known)?);
        if first.trace != second.trace {
            let lines = first.trace.lines().zip(second.trace.lines());
            let at = lines.enumerate().find(|(_, (one, two))| one != two);
            return Err(format!("run twice, it goes otherwise: {at:?}"));
        }
        first.counts.add("repeated", 1);
        Ok(first.counts)
    }
}

/// Does some work for every item on all processors; the results are in the order of the items.
fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<R>>> = Mutex::new(items.iter().map(|_| None).collect());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((at, item)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, items.get(at)?)))
                {
                    let result = work(item);
                    results.lock().unwrap()[at] = Some(result);
                }
            });
        }
    });
    results.into_inner().unwrap().into_iter().map(|result| result.expect("a result")).collect()
}

/// Runs schedules, one in twenty of them twice; the failures come with their lines.
fn run(schedules: &[Schedule], known: &FaultFreeRuns) -> (Counts, Vec<String>) {
    let numbered: Vec<(usize, &Schedule)> = schedules.iter().enumerate().collect();
    let ended = each(&numbered, |(at, schedule)| {
        let run = || match at % 20 {
            0 => schedule.run_twice(known),
            _ => schedule.run(known).map(|result| result.counts),
        };
        catch_unwind(AssertUnwindSafe(run))
            .unwrap_or_else(|panic| Err(format!("panicked: {}", panic_message(panic.as_ref()))))
    });
    let (mut counts, mut failures) = (Counts::default(), Vec::new());
    for (schedule, ended) in schedules.iter().zip(ended) {
        match ended {
            Ok(one) => counts.merge(&one),
            Err(error) => {
                counts.failed(&error);
                failures.push(format!("{schedule}\n{error}"));
            }
        }
    }
    (counts, failures)
}

/// Returns the message of a panic.
fn panic_message(panic: &dyn Any) -> &str {
    panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("")
}

/// Schedules that once failed.
fn kept() -> Vec<Schedule> {
    let text = std::fs::read_to_string(crate::generated_files::repository("tests/fixtures/schedules.txt")).unwrap();
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).map(|line| line.parse().unwrap()).collect()
}

/// Lists every fault at every call of the fixed tasks: one of each fault in turn, at calls in an order that
/// is the same every time, so that the first few of them hold the rare faults too.
fn every_call(known: &FaultFreeRuns) -> Result<Vec<Schedule>, String> {
    let names = Task::names();
    let mut by_fault: BTreeMap<&'static str, Vec<Schedule>> = BTreeMap::new();
    for (name, fault_free) in names.iter().zip(each(&names, |name| known.of(name))) {
        for (at, fault) in fault_free.map_err(|error| format!("{name}: {error}"))?.faults() {
            let schedule = Schedule::Call { task: name.clone(), at, fault: fault.to_owned() };
            by_fault.entry(fault).or_default().push(schedule);
        }
    }
    let mut dice = Dice::new(4);
    by_fault.values_mut().for_each(|list| dice.shuffle(list));
    let mut all = Vec::new();
    while by_fault.values().any(|list| !list.is_empty()) {
        all.extend(by_fault.values_mut().filter_map(Vec::pop));
    }
    Ok(all)
}

/// The number of schedules that the test command runs.
const USUAL: usize = 300;

/// The schedules that once failed, and then as many as are wanted: the first of all faults at calls and as much of chance, or every
/// one of them and all of chance.
fn schedules(known: &FaultFreeRuns, many: usize, every: bool) -> Vec<Schedule> {
    let calls = every_call(known).unwrap_or_else(|error| panic!("{error}"));
    println!("{} faults at calls of examples are possible", calls.len());
    let random = (0..).map(|seed: u64| match seed % 40 {
        0..=4 => Schedule::Writers(seed),
        5..=7 => Schedule::Model(seed),
        _ => Schedule::Storm(seed),
    });
    let (at_calls, at_random) = if every { (usize::MAX, many) } else { (many / 2, many / 2) };
    kept().into_iter().chain(calls.into_iter().take(at_calls)).chain(random.take(at_random)).collect()
}

/// Compares the counts in the documentation with these, or writes them there.
fn result(section: &str) {
    const MARK: &str = "<!-- reliability -->\n";
    let readme = crate::generated_files::repository("README.md");
    let now = std::fs::read_to_string(&readme).unwrap();
    let parts: Vec<&str> = now.split(MARK).collect();
    let [before, there, after] = parts[..] else { panic!("the README lacks its two marks of reliability") };
    if std::env::var_os("TRUEUP_BLESS").is_some() {
        assert!(
            section.contains(counts::RECORDINGS),
            "the counts are written with TRUEUP_RECORDINGS and TRUEUP_VENV only"
        );
        std::fs::write(&readme, format!("{before}{MARK}{section}{MARK}{after}")).unwrap();
        return;
    }
    let mut there = there.to_owned();
    if !section.contains(counts::RECORDINGS) {
        println!("SKIPPED: the row of the recordings, which are not at hand, is taken as it stands");
        there =
            there.lines().filter(|row| !row.starts_with(counts::RECORDINGS)).map(|row| format!("{row}\n")).collect();
    }
    assert!(there == section, "the README's counts are stale: run the tests once with TRUEUP_BLESS=1");
}

#[test]
fn reliability() {
    let known = FaultFreeRuns::default();
    let asked = std::env::var("TRUEUP_CHAOS").ok().map(|count| count.parse().expect("TRUEUP_CHAOS is a count"));
    let only = std::env::var("TRUEUP_CHAOS_ONLY").ok();
    let schedules: Vec<Schedule> = match &only {
        Some(only) => only.split(';').map(|line| line.trim().parse().unwrap()).collect(),
        None => schedules(&known, asked.unwrap_or(USUAL), asked.is_some()),
    };
    let (counts, failures) = run(&schedules, &known);
    let section = counts::section(&counts, crate::recordings::replayed());
    println!("{section}");
    if let Ok(file) = std::env::var("TRUEUP_CHAOS_FAILURES") {
        std::fs::write(file, failures.join("\n\n")).unwrap();
    }
    let first: Vec<String> = failures.iter().take(10).map(|failure| failure.chars().take(3000).collect()).collect();
    let (failed, all) = (failures.len(), schedules.len());
    assert!(
        failed == 0,
        "{failed} of {all} failed; keep them in tests/fixtures/schedules.txt\n\n{}",
        first.join("\n\n")
    );
    if asked.is_none() && only.is_none() {
        result(&section);
    }
}
