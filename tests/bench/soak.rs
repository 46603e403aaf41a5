//! The memory of a process that looks for drift again and again, as a controller or a job does for weeks.
//!
//! Run with `cargo bench --bench soak`. Each of the [`RUNS`] runs reads the spec, builds its packages, connects, reads everything
//! and compares it. The memory of the last hundred runs must be within [`ALLOWED`] of that of the first hundred.
#![allow(clippy::disallowed_methods, reason = "a bench writes files and reads its own memory")]

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use trueup::{Depth, Disk, Inputs, Limits, ServerOptions, Session, SessionOptions, SimulatorOptions, Verdict};

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RUNS: usize = 1000;
const FUNCTIONS: usize = 20;

/// The runs whose memory is averaged.
const WINDOW: usize = 100;

/// The most memory of the last window, as a multiple of that of the first.
const ALLOWED: f64 = 1.05;

fn main() -> ExitCode {
    let folder = tempfile::tempdir().expect("a folder can be made");
    write_estate(folder.path());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be started");
    let memory: Vec<f64> = runtime.block_on(async {
        apply(folder.path()).await;
        let mut memory = Vec::new();
        for _ in 0..RUNS {
            look_for_drift(folder.path()).await;
            memory.push(resident());
        }
        memory
    });
    let mean = |runs: &[f64]| runs.iter().sum::<f64>() / runs.len() as f64 / 1024.0;
    let means: Vec<f64> = memory.chunks(WINDOW).map(mean).collect();
    let ratio = means[means.len() - 1] / means[0];
    let shown: Vec<String> = means.iter().map(|mean| format!("{mean:.1}")).collect();
    println!("{RUNS} drift runs of {FUNCTIONS} functions; MB of each hundred: {}", shown.join(" "));
    println!("the last hundred has {ratio:.3} times the memory of the first (at most {ALLOWED})");
    if ratio <= ALLOWED { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Writes a spec and a package.
fn write_estate(folder: &Path) {
    let function = |number: usize| {
        format!(
            "  f{number}:\n    runtime: python3.13\n    handler: app.handler\n    role: arn:aws:iam::123456789012:role/f\n    \
             code: {{dir: src}}\n    aliases: {{live: {{function_version: published}}}}\n"
        )
    };
    let functions: String = (0..FUNCTIONS).map(function).collect();
    std::fs::create_dir(folder.join("src")).expect("the folder is new");
    std::fs::write(folder.join("src/app.py"), "def handler(event, context): return event\n")
        .expect("a file is written");
    std::fs::write(folder.join("stack.yaml"), format!("version: 1\nstack: soak\nfunctions:\n{functions}"))
        .expect("a file is written");
}

async fn open(folder: &Path) -> Session {
    let simulator =
        SimulatorOptions { folder: Some(folder.join("account")), region: None, settle: Some(Duration::ZERO) };
    let options = SessionOptions {
        inputs: Inputs { files: vec![folder.join("stack.yaml")], ..Inputs::default() },
        server: ServerOptions::Simulator(simulator),
        ..SessionOptions::default()
    };
    Session::open(options, &Disk).await.unwrap_or_else(|error| panic!("{error}"))
}

async fn apply(folder: &Path) {
    let session = open(folder).await;
    let planned = session.plan(Depth::Declared).await.unwrap_or_else(|failed| panic!("{failed}"));
    let approved = planned.approve(&Limits::default()).unwrap_or_else(|refused| panic!("{refused}"));
    let report = session.apply(approved, Default::default(), Default::default()).await;
    assert_eq!(report.verdict(), Verdict::Applied, "the estate could not be created");
}

async fn look_for_drift(folder: &Path) {
    let session = open(folder).await;
    let planned = session.plan(Depth::Full).await.unwrap_or_else(|failed| panic!("{failed}"));
    let drifted = trueup::drift::drift(&planned.plan.masked());
    assert!(drifted.is_empty(), "{drifted:?}");
}

/// The memory that this process has now, in kilobytes.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    let kilobytes = line.split_whitespace().next().and_then(|number| number.parse().ok());
    kilobytes.expect("this system tells the memory of a process in /proc")
}
