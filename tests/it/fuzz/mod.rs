//! Promise: no input panics, hangs or exhausts memory: the fuzz targets on their corpora, on mutations, and on huge inputs.

mod patches;
mod program;
mod server;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use trueup::apply::Verdict;

use crate::fuzz_bodies::{BODIES, Stage, stage};
use crate::generated_files::repository;

/// The mutations of its corpus that each body gets; `cargo fuzz` runs more.
const CASES: u32 = 300;

/// The same for bodies that apply a whole stack.
const APPLIED_CASES: u32 = 60;

/// The most time of one input, in an unoptimised build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// The peak memory of one input of a few kilobytes, in bytes.
const ROOM: usize = 16 << 20;

/// Pieces that mean something to one of the readers.
const PIECES: &[&str] = &[
    "${",
    "}",
    "${var.a}",
    "${env.STAGE}",
    ":-",
    "&a ",
    "*a",
    "<<: ",
    "- ",
    ": ",
    "{",
    "[",
    "]",
    "\"",
    "'",
    "\n",
    "\t",
    "|\n",
    "!!int ",
    "#",
    "null",
    "1e999",
    "-1",
    "18446744073709551616",
    "\u{feff}",
    "\u{0}",
    "é",
    "%00",
    "%2F",
    "?Qualifier=$LATEST",
    "&MaxItems=0",
    "\n---\n",
    "DELETE ",
    "PK\u{3}\u{4}",
    "=",
    "=\n/Configuration/RevisionId null",
    "=\n/NextMarker \"x\"",
    "500\n",
    "429\nretry-after: 1e30\n\n",
    "409\nx-amzn-errortype: ResourceConflictException\n\n{}",
    "\u{1b}[2J",
];

/// One change of an input; positions are parts of 65,536.
#[derive(Clone, Debug)]
enum Edit {
    Cut(u16, u8),
    Repeat(u16, u8),
    Byte(u16, u8),
    Piece(u16, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (any::<u16>(), any::<u8>()).prop_map(|(at, length)| Edit::Cut(at, length)),
        (any::<u16>(), any::<u8>()).prop_map(|(at, length)| Edit::Repeat(at, length)),
        (any::<u16>(), any::<u8>()).prop_map(|(at, byte)| Edit::Byte(at, byte)),
        (any::<u16>(), 0..PIECES.len()).prop_map(|(at, piece)| Edit::Piece(at, piece)),
    ]
}

fn apply(bytes: &mut Vec<u8>, edit: &Edit) {
    let place = |at: u16| usize::from(at) * bytes.len() / 65_536;
    let range = |at: u16, length: u8| place(at)..(place(at) + usize::from(length)).min(bytes.len());
    match edit {
        Edit::Cut(at, length) => drop(bytes.drain(range(*at, *length))),
        Edit::Repeat(at, length) => {
            let range = range(*at, *length);
            let copy = bytes[range.clone()].to_vec();
            bytes.splice(range.start..range.start, copy);
        }
        Edit::Byte(at, byte) => {
            let at = place(*at);
            if let Some(there) = bytes.get_mut(at) {
                *there = *byte;
            }
        }
        Edit::Piece(at, piece) => {
            let at = place(*at);
            bytes.splice(at..at, PIECES[*piece].bytes());
        }
    }
}

/// Runs a body on a thread of its own, to detect hangs and to measure its memory.
fn within_bounds(name: &str, body: fn(&[u8]), bytes: &[u8]) -> usize {
    let (done, wait) = mpsc::channel();
    let input = bytes.to_vec();
    let work = std::thread::spawn(move || {
        let most = crate::allocation::usage(|| body(&input)).1.additional_peak;
        done.send(()).ok();
        most
    });
    let shown = || String::from_utf8_lossy(bytes);
    let most = match wait.recv_timeout(PATIENCE) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{name} hangs on {:?}", shown()),
        _ => work.join().unwrap_or_else(|_| panic!("{name} panics on {:?}", shown())),
    };
    assert!(most <= ROOM, "{name} takes {most} bytes for {:?}", shown());
    most
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = std::fs::read_dir(repository("fuzz/corpus").join(name)).unwrap();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| std::fs::read(file).unwrap()).collect()
}

fn fuzz(name: &str) {
    fuzz_cases(name, CASES);
}

fn fuzz_cases(name: &str, cases: u32) {
    let body = BODIES.iter().find(|(other, _)| *other == name).expect("a body").1;
    let seeds = corpus(name);
    assert!(!seeds.is_empty(), "{name} has no corpus");
    let most = AtomicUsize::new(0);
    let try_one = |bytes: &[u8]| {
        most.fetch_max(within_bounds(name, body, bytes), Ordering::Relaxed);
    };
    seeds.iter().for_each(|seed| try_one(seed));
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let inputs = (0..seeds.len(), proptest::collection::vec(edit(), 1..8));
    runner
        .run(&inputs, |(seed, edits)| {
            let mut bytes = seeds[seed].clone();
            edits.iter().for_each(|edit| apply(&mut bytes, edit));
            try_one(&bytes);
            Ok(())
        })
        .unwrap();
    runner
        .run(&proptest::collection::vec(any::<u8>(), 0..500), |bytes| {
            try_one(&bytes);
            Ok(())
        })
        .unwrap();
    println!("{name}: no input took more than {} bytes at a time", most.into_inner());
}

#[test]
fn any_bytes_are_a_spec_or_an_error() {
    fuzz("spec");
}

#[test]
fn any_text_can_be_interpolated_or_refused() {
    fuzz("interpolation");
}

#[test]
fn any_bytes_are_a_plan_or_an_error() {
    fuzz("plan");
}

#[test]
fn any_requests_are_answered() {
    fuzz("requests");
}

#[test]
fn any_bytes_are_a_package_or_an_error() {
    fuzz("package");
}

#[test]
fn any_answers_of_a_server_end_in_a_plan_or_an_error() {
    fuzz_cases("answers", APPLIED_CASES);
}

#[test]
fn the_answers_of_the_corpus_lead_to_every_end() {
    let stages: Vec<Stage> = corpus("answers").iter().map(|seed| stage(seed)).collect();
    let ends = [Verdict::Applied, Verdict::Partial, Verdict::Failed].map(Stage::Ended);
    for end in [Stage::Unread, Stage::Refused].into_iter().chain(ends) {
        assert!(stages.contains(&end), "none of the corpus ends with {end:?}: {stages:?}");
    }
}

#[test]
fn every_fuzz_body_has_a_target() {
    let manifest = std::fs::read_to_string(repository("fuzz/Cargo.toml")).unwrap();
    for (name, _) in BODIES {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name} is no target");
        let target = std::fs::read_to_string(repository(&format!("fuzz/fuzz_targets/{name}.rs"))).unwrap();
        assert!(target.contains(&format!("fuzz_bodies::{name}(")), "{name} is not what its target runs");
    }
}
