//! Chaos from a seed: every fault at every call, two writers and a stranger, and a plain model of what must be true.
//!
//! A schedule is one line, and its line is all it takes to run it again. Several hundred run with the other tests;
//! `TRUEUP_CHAOS=10000 cargo test --test it chaos -- --nocapture` runs that many, and every fault at every call of every example
//! among them. Schedules that once failed stay in `tests/fixtures/schedules.txt` and run first.

mod census;
mod dice;
mod estate;
mod every_call;
mod ledger;
mod model;
mod tally;
mod tap;
mod writers;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use dice::Dice;
use every_call::{Faultless, Task};
use tally::Tally;

/// One run of misfortunes.
#[derive(Clone, Debug, PartialEq)]
enum Schedule {
    /// One fault at one call of a task.
    Call { task: String, at: usize, fault: String },
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

/// What tasks come to without faults, worked out once.
#[derive(Default)]
struct Known(Mutex<BTreeMap<String, Arc<Faultless>>>);

impl Known {
    fn of(&self, name: &str) -> Result<Arc<Faultless>, String> {
        if let Some(known) = self.0.lock().unwrap().get(name) {
            return Ok(known.clone());
        }
        let task = Task::named(name).ok_or_else(|| format!("there is no task called {name}"))?;
        let faultless = Arc::new(block_on(task.faultless())?);
        if !name.starts_with("random-") {
            self.0.lock().unwrap().insert(name.to_owned(), faultless.clone());
        }
        Ok(faultless)
    }
}

impl Schedule {
    fn run(&self, known: &Known) -> Result<Tally, String> {
        let mut tally = match self {
            Schedule::Call { task, at, fault } => {
                let mut tally = block_on(known.of(task)?.suffer(&[(*at, fault)]))?;
                tally.add("faulted", 1);
                tally
            }
            Schedule::Storm(seed) => {
                let faultless = known.of(&format!("random-{seed}"))?;
                let mut dice = Dice::new(seed ^ 0x5708);
                let all = faultless.faults();
                let faults: Vec<_> = (0..1 + dice.below(5)).map(|_| *dice.pick(&all)).collect();
                let mut tally = block_on(faultless.suffer(&faults)).map_err(|error| format!("{faults:?}\n{error}"))?;
                tally.add("faulted", 1);
                tally
            }
            Schedule::Writers(seed) => {
                let mut tally = block_on(writers::contest(*seed))?;
                tally.add("writers", 1);
                tally
            }
            Schedule::Model(seed) => {
                let mut tally = block_on(model::compare(*seed))?;
                tally.add("model", 1);
                tally
            }
        };
        tally.add("schedules", 1);
        Ok(tally)
    }
}

/// Does something for every item on all processors; the results are in the order of the items.
fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<R>>> = Mutex::new(items.iter().map(|_| None).collect());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((at, item)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, items.get(at)?))) {
                    let result = work(item);
                    results.lock().unwrap()[at] = Some(result);
                }
            });
        }
    });
    results.into_inner().unwrap().into_iter().map(|result| result.expect("a result")).collect()
}

/// Runs schedules; the failures come with their lines.
fn run(schedules: &[Schedule], known: &Known) -> (Tally, Vec<String>) {
    let ended = each(schedules, |schedule| {
        catch_unwind(AssertUnwindSafe(|| schedule.run(known))).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            Err(format!("panicked: {}", text.or_else(|| Some((*panic.downcast_ref::<&str>()?).to_owned())).unwrap_or_default()))
        })
    });
    let (mut tally, mut failures) = (Tally::default(), Vec::new());
    for (schedule, ended) in schedules.iter().zip(ended) {
        match ended {
            Ok(one) => tally.merge(&one),
            Err(error) => failures.push(format!("{schedule}\n{error}")),
        }
    }
    (tally, failures)
}

/// Schedules that once failed.
fn kept() -> Vec<Schedule> {
    let text = std::fs::read_to_string(crate::fresh::repository("tests/fixtures/schedules.txt")).unwrap();
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).map(|line| line.parse().unwrap()).collect()
}

/// Every fault at every call of everything that is no chance, in an order that is the same every time.
fn every_call(known: &Known) -> Result<Vec<Schedule>, String> {
    let mut all = Vec::new();
    for (name, faultless) in Task::names().iter().zip(each(&Task::names(), |name| known.of(name))) {
        let faults = faultless.map_err(|error| format!("{name}: {error}"))?.faults();
        all.extend(faults.into_iter().map(|(at, fault)| Schedule::Call { task: name.clone(), at, fault: fault.to_owned() }));
    }
    Dice::new(4).shuffle(&mut all);
    Ok(all)
}

/// How many schedules the test command runs.
const USUAL: usize = 400;

#[test]
fn reliability() {
    let known = Known::default();
    let asked = std::env::var("TRUEUP_CHAOS").ok().map(|count| count.parse::<usize>().expect("TRUEUP_CHAOS is a count"));
    let many = asked.unwrap_or(USUAL);
    let mut schedules = kept();
    let calls = every_call(&known).unwrap_or_else(|error| panic!("{error}"));
    let possible = calls.len();
    let share = |part: usize| many * part / 100;
    schedules.extend(calls.into_iter().take(if asked.is_some() { usize::MAX } else { share(60) }));
    let random = (0..).map(|seed: u64| match seed % 40 {
        0..=7 => Schedule::Writers(seed),
        8..=15 => Schedule::Model(seed),
        _ => Schedule::Storm(seed),
    });
    let rest = many.saturating_sub(schedules.len()).max(share(40));
    schedules.extend(random.take(rest));
    if let Ok(only) = std::env::var("TRUEUP_CHAOS_ONLY") {
        schedules = only.split(';').map(|line| line.trim().parse().unwrap()).collect();
    }
    let began = std::time::Instant::now();
    let (tally, failures) = run(&schedules, &known);
    println!("{possible} faults at calls are possible; ran {} schedules in {:?}", schedules.len(), began.elapsed());
    println!("{}", tally::section(&tally));
    let told: Vec<String> = failures.iter().take(10).map(|failure| failure.chars().take(3000).collect()).collect();
    if let Ok(file) = std::env::var("TRUEUP_CHAOS_FAILURES") {
        std::fs::write(file, failures.join("\n\n=====\n")).unwrap();
    }
    assert!(failures.is_empty(), "{} of {} failed; add them to tests/fixtures/schedules.txt\n\n{}", failures.len(), schedules.len(), told.join("\n\n"));
}
