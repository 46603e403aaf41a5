//! Promise: the simulator answers as the real service was recorded.
//!
//! The recordings are not part of the project: `TRUEUP_RECORDINGS` names their folder, and without it nothing is tested
//! here. What they teach is also held by the simulator's own tests.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use trueup::sim::{ExternalResources, Options, Settle, Simulator, serve};

/// Cases that are not met yet, a line each with the reason. A case that is met must not be listed.
const UNMET: &str = include_str!("../unmet-recordings.txt");

/// The results of the recorded conversations.
pub struct Replayed {
    pub all: usize,
    pub failed: BTreeSet<String>,
}

#[test]
fn every_recorded_conversation_goes_as_recorded() {
    let Some(Replayed { failed, .. }) = replayed() else { return };
    let unmet: BTreeSet<String> =
        UNMET.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    let new: Vec<&String> = failed.difference(&unmet).collect();
    let met: Vec<&String> = unmet.difference(failed).collect();
    assert!(new.is_empty(), "these are no longer met: {new:#?}");
    assert!(met.is_empty(), "these are met now, and still listed: {met:#?}");
}

/// Replays the recordings, once for all who ask; nothing where they are not at hand.
pub fn replayed() -> Option<&'static Replayed> {
    static REPLAYED: OnceLock<Option<Replayed>> = OnceLock::new();
    REPLAYED.get_or_init(replay).as_ref()
}

fn replay() -> Option<Replayed> {
    let (Some(folder), Some(venv)) = (std::env::var_os("TRUEUP_RECORDINGS"), std::env::var_os("TRUEUP_VENV")) else {
        println!("SKIPPED: TRUEUP_RECORDINGS and TRUEUP_VENV are not both set");
        return None;
    };
    let (replay, python) = (Path::new(&folder).join("replay.py"), Path::new(&venv).join("bin/python"));
    let resources =
        Command::new(&python).arg(&replay).args(["--list-resources", "--account", "000000000000"]).output().unwrap();
    let mut options = Options::default();
    options.account = "000000000000".to_owned();
    options.settle = Settle::uniform(Duration::from_millis(200));
    options.external = ExternalResources::parse(&String::from_utf8_lossy(&resources.stdout)).unwrap();
    let lambda = Simulator::open(options).unwrap();
    let results = tempfile::NamedTempFile::new().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = runtime.spawn(serve(lambda, listener, std::future::pending()));
    let output = Command::new(python)
        .arg(replay)
        .args(["--endpoint", &url, "--aux-endpoint", "none", "--account", "000000000000", "--json"])
        .arg(results.path())
        .output()
        .unwrap();
    server.abort();
    let report: Value = serde_json::from_slice(&std::fs::read(results.path()).unwrap()).unwrap_or_default();
    println!("{}", String::from_utf8_lossy(&output.stdout).lines().last().unwrap_or_default());
    let all = report["results"].as_array().map_or(0, Vec::len);
    Some(Replayed { all, failed: failed(&report) })
}

/// The ids of the cases that failed.
fn failed(report: &Value) -> BTreeSet<String> {
    let results = report["results"].as_array().expect("the replayer writes results");
    assert!(results.len() > 100, "the replayer ran {} cases only", results.len());
    let failed = results.iter().filter(|result| result["passed"] != true);
    failed.filter_map(|result| result["id"].as_str()).map(str::to_owned).collect()
}
