//! Time of whole commands: `--version`, `validate` of examples/checkout, and a plan of one function without changes.
//!
//! Each is measured as a whole process, and as a ratio to a process that does nothing (`trueup --version`), because a
//! machine's speed differs from day to day and a ratio does not. Run with `cargo bench`.
#![allow(clippy::disallowed_methods, reason = "a bench looks at the clock")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 21;

const SPEC: &str = "version: 1
stack: bench
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {dir: code}
";

fn main() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("code")).unwrap();
    std::fs::write(folder.path().join("code/app.py"), "def handler(event, context): return event\n").unwrap();
    std::fs::write(folder.path().join("trueup.yaml"), SPEC).unwrap();
    let run = |arguments: &[&str]| {
        let begun = Instant::now();
        let status = Command::new(env!("CARGO_BIN_EXE_trueup"))
            .args(arguments)
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "{arguments:?} failed");
        begun.elapsed()
    };
    let median = |arguments: &[&str]| {
        let mut times: Vec<Duration> = (0..RUNS).map(|_| run(arguments)).collect();
        times.sort();
        times[RUNS / 2]
    };
    run(&["apply", "--sim=sim", "--sim-settle=0", "--auto-approve"]);
    let checkout = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/checkout/stack.yaml");
    let mut exceeded = Vec::new();
    let mut nothing = None;
    for (name, arguments, allowed) in [
        ("--version", vec!["--version"], 5.0),
        ("validate, one function", vec!["validate"], 20.0),
        ("validate, examples/checkout", vec!["validate", "-f", checkout], 20.0),
        ("plan without changes", vec!["plan", "--sim=sim", "--sim-settle=0"], 100.0),
    ] {
        let time = milliseconds(median(&arguments));
        let ratio = time / *nothing.get_or_insert(time);
        println!("{name:<27} {time:>7.1} ms, {ratio:>5.1} times --version (limit: {allowed} ms)");
        if time > allowed {
            exceeded.push(name);
        }
    }
    assert!(exceeded.is_empty(), "over the limit: {}", exceeded.join(", "));
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
