//! CPU and memory of validate, plan and the bookkeeping of an apply, from 500 to 50,000 resources.
//!
//! Run with `cargo bench --bench scale`. `validate` is the real program. A plan is the planner alone: what is live was read
//! from the simulator before. The bookkeeping of an apply is that of a plan that creates everything, with steps that succeed
//! at once. CPU is user and system time; memory is what the planner's thread has allocated, the spec and the live state
//! included. Each size is measured in a process of its own, as a command is: in one that has already run, a small plan pays
//! for no page of memory and a large one for nearly all of its own. Of [`RUNS`] processes the least is shown, because a busy machine only adds. `tests/it/linear_growth.rs` holds the growth in every run of the tests.
#![allow(clippy::disallowed_methods, reason = "a bench writes files")]

#[path = "../it/allocation.rs"]
mod allocation;
#[path = "../it/many_resources.rs"]
mod many_resources;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use many_resources::RESOURCES_PER_FUNCTION;
use tokio_util::sync::CancellationToken;
use trueup::apply::{ApplyOptions, Outcome, events};
use trueup::cloud::Cloud;
use trueup::declaration::Stack;
use trueup::model::{Address, Package, TargetPart};
use trueup::observe::{Depth, observe};
use trueup::plan::{Coverage, Limits, LiveState};
use trueup::reconcile::Reconciler;
use trueup::sim::{Options, Settle, Simulator};

/// The processes that measure each size.
const RUNS: usize = 3;

const FUNCTIONS: [usize; 4] = [100, 1_000, 5_000, 10_000];

/// The sizes whose costs are compared, as indices of [`FUNCTIONS`].
const GROWTH: (usize, usize) = (1, 3);

/// The most that ten times the resources may cost.
const MAX_GROWTH: f64 = 12.0;

/// A measured operation: its name, the CPU seconds for each of [`FUNCTIONS`], and the most for the last.
struct Row {
    name: &'static str,
    seconds: Vec<f64>,
    limit: Option<f64>,
}

fn main() {
    // A size as an argument asks for the measurements of one process. Cargo adds arguments of its own.
    if let Some(functions) = std::env::args().skip(1).find_map(|argument| argument.parse().ok()) {
        return measure(functions).print();
    }
    let mut rows = vec![
        Row { name: "validate", seconds: Vec::new(), limit: Some(1.5) },
        Row { name: "plan, everything created", seconds: Vec::new(), limit: None },
        Row { name: "plan, nothing changed", seconds: Vec::new(), limit: Some(2.0) },
        Row { name: "apply, bookkeeping", seconds: Vec::new(), limit: None },
    ];
    let mut peak = 0;
    for functions in FUNCTIONS {
        let runs: Vec<Measured> = (0..RUNS).map(|_| Measured::in_a_process(functions)).collect();
        peak = runs.iter().map(|run| run.peak).min().unwrap_or_default();
        for (index, row) in rows.iter_mut().enumerate() {
            row.seconds.push(runs.iter().map(|run| run.seconds[index]).fold(f64::INFINITY, f64::min));
        }
    }
    report(&rows, peak);
}

/// Prints the table, and fails if a limit is exceeded.
fn report(rows: &[Row], peak: usize) {
    let megabytes = peak >> 20;
    print!("{:<26}", "CPU in seconds");
    FUNCTIONS.iter().for_each(|functions| print!("{:>9}", functions * RESOURCES_PER_FUNCTION));
    println!("{:>9}{:>9}   resources", "growth", "limit");
    let mut exceeded = Vec::new();
    for Row { name, seconds, limit } in rows {
        print!("{name:<26}");
        seconds.iter().for_each(|seconds| print!("{seconds:>9.3}"));
        let (growth, last) = (seconds[GROWTH.1] / seconds[GROWTH.0], seconds[GROWTH.1]);
        println!("{growth:>9.1}{:>9}", limit.map_or(String::new(), |limit| format!("{limit:.1}")));
        if growth > MAX_GROWTH {
            exceeded.push(format!("{name} grows {growth:.1} times where {MAX_GROWTH} are allowed"));
        }
        if limit.is_some_and(|limit| last > limit) {
            exceeded.push(format!("{name} takes {last:.3} s"));
        }
    }
    println!("peak memory of the last plan without changes: {megabytes} MB (limit 600 MB)");
    if megabytes > 600 {
        exceeded.push(format!("the plan takes {megabytes} MB"));
    }
    assert!(exceeded.is_empty(), "{}", exceeded.join("; "));
}

/// The CPU seconds of the rows of the table, and the peak of the plan without changes in bytes.
struct Measured {
    seconds: [f64; 4],
    peak: usize,
}

impl Measured {
    /// Measures a size in a new process of this program.
    fn in_a_process(functions: usize) -> Measured {
        let mut command = Command::new(std::env::current_exe().expect("the program has a path"));
        let output = command.arg(functions.to_string()).stderr(Stdio::inherit()).output().expect("the program runs");
        assert!(output.status.success(), "{functions} functions could not be measured");
        let text = String::from_utf8(output.stdout).expect("figures are text");
        let mut figures = text.split_whitespace().map(|figure| figure.parse::<f64>().expect("a figure is a number"));
        let mut next = || figures.next().expect("every figure is printed");
        Measured { seconds: [next(), next(), next(), next()], peak: next() as usize }
    }

    /// Prints the figures as [`Measured::in_a_process`] reads them.
    fn print(&self) {
        self.seconds.iter().for_each(|seconds| print!("{seconds} "));
        println!("{}", self.peak);
    }
}

fn measure(functions: usize) -> Measured {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("package.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(file).unwrap());
    zip.start_file("app.py", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(b"def handler(event, context): return event\n").unwrap();
    zip.finish().unwrap();
    std::fs::write(folder.path().join("trueup.yaml"), many_resources::spec(functions)).unwrap();
    let (_, validate) = timed(libc::RUSAGE_CHILDREN, || validate(folder.path()));
    let stack = many_resources::load(many_resources::spec(functions));
    let packages = many_resources::packages(&stack, folder.path());
    let (created, create) = timed(libc::RUSAGE_SELF, || many_resources::plan(&stack, &packages, &LiveState::default()));
    let steps = created.plan.steps.clone();
    drop(created);
    let (_, bookkeeping) = timed(libc::RUSAGE_SELF, || many_resources::run(steps));
    let live = applied(&stack, &packages);
    let unchanged = || many_resources::plan(&stack, &packages, &live);
    let ((unchanged, usage), change_nothing) = timed(libc::RUSAGE_SELF, || allocation::usage(unchanged));
    assert!(unchanged.plan.is_empty(), "a plan after an apply has changes");
    Measured { seconds: [validate, create, change_nothing, bookkeeping], peak: usage.peak }
}

/// Runs `trueup validate` in a folder.
fn validate(folder: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
    let status = command.arg("validate").current_dir(folder).stdout(Stdio::null()).status();
    assert!(status.unwrap().success(), "the spec is not valid");
}

/// Applies a stack to a new simulator, and returns what can be observed there afterwards.
fn applied(stack: &Stack, packages: &BTreeMap<Address, Arc<Package>>) -> LiveState {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut options = Options::default();
        options.settle = Settle::instant();
        let lambda = Simulator::open(options).expect("an account in memory opens");
        let endpoint = Arc::new(Cloud::in_process(lambda.router(), stack.scope.text(TargetPart::Region)));
        let pauses = Duration::from_millis(1);
        let options = ApplyOptions { first_pause: pauses, longest_pause: pauses, ..ApplyOptions::default() };
        let (stack, packages) = (Arc::new(stack.clone()), Arc::new(packages.clone()));
        let reconciler = Reconciler { endpoint, stack, packages, options };
        let plan = many_resources::plan(&reconciler.stack, &reconciler.packages, &LiveState::default());
        let plan = plan.approve(&Limits::default()).expect("the plan is not refused");
        let report = reconciler.apply(plan, CancellationToken::new(), events().0).await;
        let failed = report.steps.iter().find(|(_, outcome)| *outcome != Outcome::Done);
        assert!(failed.is_none(), "a step did not succeed: {failed:?}");
        observe(&reconciler.endpoint, &reconciler.stack, &Coverage::default(), Depth::Declared, 10)
            .await
            .expect("the account can be read")
    })
}

/// Returns the result of some work, and the CPU seconds that this process or its children took for it.
fn timed<T>(whose: i32, work: impl FnOnce() -> T) -> (T, f64) {
    let before = cpu_seconds(whose);
    let result = work();
    (result, cpu_seconds(whose) - before)
}

/// The CPU time of this process, or of its children that ended, user and system together.
fn cpu_seconds(whose: i32) -> f64 {
    // SAFETY: an all-zero `rusage` is valid, and the call only writes to it.
    let usage = unsafe {
        let mut usage = std::mem::zeroed::<libc::rusage>();
        libc::getrusage(whose, &raw mut usage);
        usage
    };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}
