//! Promise: loading, planning and the bookkeeping of an apply are linear in the number of resources.
//!
//! Each phase runs for a number of functions and for ten times as many. Its allocations and their bytes are the same on
//! every machine, so their growth has a tight limit. Work that allocates nothing, such as comparing all pairs, shows in
//! the CPU time only: that is the least of several runs, and its limit is generous. Nothing has to be installed for it.
//! `cargo bench --bench scale` measures up to 50,000 resources.

use std::path::Path;

use trueup::apply::Outcome;
use trueup::plan::LiveState;

use crate::allocation::usage;
use crate::many_resources::{self, RESOURCES_PER_FUNCTION};

/// The numbers of functions that are compared.
const FEW: usize = 100;
const MANY: usize = 10 * FEW;

/// The runs of each number, of which the fastest counts.
const RUNS: usize = 3;

/// The most that ten times the resources may allocate. Sorted maps cost a little more than ten times as much.
const MAX_ALLOCATION_GROWTH: f64 = 11.0;

/// The most CPU time of ten times the resources. Quadratic work costs a hundred times as much.
const MAX_TIME_GROWTH: f64 = 20.0;

const PHASES: [&str; 3] = ["load", "plan", "bookkeeping of an apply"];

const MEASURES: [(&str, f64); 3] = [
    ("allocations", MAX_ALLOCATION_GROWTH),
    ("bytes allocated", MAX_ALLOCATION_GROWTH),
    ("ns of CPU", MAX_TIME_GROWTH),
];

/// One value for each of [`MEASURES`].
type Cost = [u64; MEASURES.len()];

/// Measures each of [`PHASES`] once.
fn costs(functions: usize, folder: &Path) -> [Cost; PHASES.len()] {
    let spec = many_resources::spec(functions);
    let (stack, load) = cost(|| many_resources::load(spec));
    let packages = many_resources::packages(&stack, folder);
    let (planned, plan) = cost(|| many_resources::plan(&stack, &packages, &LiveState::default()));
    let (report, run) = cost(|| many_resources::run(planned.plan.steps));
    let done = report.steps.iter().filter(|(_, outcome)| *outcome == Outcome::Done).count();
    // The call that creates a function publishes its version.
    assert_eq!(
        (stack.resources.len(), done),
        (functions * RESOURCES_PER_FUNCTION, functions * (RESOURCES_PER_FUNCTION - 1))
    );
    [load, plan, run]
}

/// Returns the result of some work, and what it cost this thread.
fn cost<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let begun = cpu_time();
    let (result, usage) = usage(work);
    (result, [usage.allocations, usage.bytes, cpu_time() - begun])
}

/// Returns the CPU time of this thread in nanoseconds.
fn cpu_time() -> u64 {
    // SAFETY: an all-zero `timespec` is valid, and the call only writes to it.
    let time = unsafe {
        let mut time = std::mem::zeroed::<libc::timespec>();
        assert_eq!(libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time), 0, "threads have no clock");
        time
    };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

#[test]
fn ten_times_the_resources_cost_about_ten_times_as_much() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("package.zip"), crate::harness::zip(&[("app.py", "")])).unwrap();
    // What is computed once per process, such as the schemas of the kinds, belongs to no run.
    costs(1, folder.path());
    let least = |functions| {
        let mut least = [[u64::MAX; MEASURES.len()]; PHASES.len()];
        for _ in 0..RUNS {
            let costs = costs(functions, folder.path());
            least
                .iter_mut()
                .flatten()
                .zip(costs.into_iter().flatten())
                .for_each(|(least, cost)| *least = cost.min(*least));
        }
        least
    };
    let (few, many) = (least(FEW), least(MANY));
    let mut wrong = Vec::new();
    for (phase, (few, many)) in PHASES.iter().zip(few.into_iter().zip(many)) {
        for ((measure, limit), (few, many)) in MEASURES.iter().zip(few.into_iter().zip(many)) {
            let growth = many as f64 / few as f64;
            let line = format!("{phase}: {few} {measure} for {FEW} functions, {many} for {MANY}: {growth:.1} times");
            println!("{line}");
            if growth > *limit {
                wrong.push(format!("{line} (limit {limit})"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
