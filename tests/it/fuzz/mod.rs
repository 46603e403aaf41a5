//! The bodies of the fuzz targets on their corpora, on mutations of them, and on what is too large for a corpus.

use std::io::{Cursor, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::fresh::repository;
use crate::fuzz_bodies::BODIES;
use crate::server::{Connection, Server};

/// How many mutations of its corpus each body gets; `cargo fuzz` is for more.
const CASES: u32 = 300;

/// How long one input may take, in an unoptimised build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a process may have of address space, in kilobytes, whatever it is given.
const MEMORY: &str = "3000000";

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

/// Runs a body on a thread of its own, to notice when it does not come back.
fn within_patience(name: &str, body: fn(&[u8]), bytes: &[u8]) {
    let (done, wait) = mpsc::channel();
    let input = bytes.to_vec();
    let work = std::thread::spawn(move || {
        body(&input);
        done.send(()).ok();
    });
    match wait.recv_timeout(PATIENCE) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{name} hangs on {:?}", String::from_utf8_lossy(bytes)),
        _ => work.join().unwrap_or_else(|_| panic!("{name} panics on {:?}", String::from_utf8_lossy(bytes))),
    }
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = std::fs::read_dir(repository("fuzz/corpus").join(name)).unwrap();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| std::fs::read(file).unwrap()).collect()
}

fn fuzz(name: &str) {
    let body = BODIES.iter().find(|(other, _)| *other == name).expect("a body").1;
    let seeds = corpus(name);
    assert!(!seeds.is_empty(), "{name} has no corpus");
    for seed in &seeds {
        within_patience(name, body, seed);
    }
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let inputs = (0..seeds.len(), proptest::collection::vec(edit(), 1..8));
    runner
        .run(&inputs, |(seed, edits)| {
            let mut bytes = seeds[seed].clone();
            edits.iter().for_each(|edit| apply(&mut bytes, edit));
            within_patience(name, body, &bytes);
            Ok(())
        })
        .unwrap();
    runner
        .run(&proptest::collection::vec(any::<u8>(), 0..500), |bytes| {
            within_patience(name, body, &bytes);
            Ok(())
        })
        .unwrap();
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
fn every_body_is_a_target() {
    let manifest = std::fs::read_to_string(repository("fuzz/Cargo.toml")).unwrap();
    for (name, _) in BODIES {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name} is no target");
        let target = std::fs::read_to_string(repository(&format!("fuzz/fuzz_targets/{name}.rs"))).unwrap();
        assert!(target.contains(&format!("fuzz_bodies::{name}(")), "{name} is not what its target runs");
    }
}

/// Runs the program on a file with little memory; it has to end by itself, and in time.
fn endures(what: &str, arguments: &[&str], bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("input"), bytes).unwrap();
    let mut child = Command::new("sh")
        .args(["-c", &format!("ulimit -v {MEMORY}; exec \"$@\""), "sh", env!("CARGO_BIN_EXE_trueup")])
        .args(arguments)
        .current_dir(folder.path())
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = std::time::Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("{what}: {arguments:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    // A panic is 101, and a process that ran out of memory or stack dies of a signal.
    assert!(status.code().is_some_and(|code| code < 100), "{what}: {arguments:?} ended with {status}");
}

#[test]
fn inputs_without_measure_end_in_an_answer() {
    let head = "version: 1\nstack: s\n";
    let keys: String = (0..100_000).map(|key| format!("  k{key}: v\n")).collect();
    let functions: String = (0..5_000).map(|key| format!("  f{key}: {{}}\n")).collect();
    let line = |name: u8| format!("{0}: &{0} [{1}]\n", name as char, format!("*{}, ", (name - 1) as char).repeat(9));
    let laughs = format!("a: &a [x]\n{}", (b'b'..=b'j').map(line).collect::<String>());
    let specs: Vec<(&str, Vec<u8>)> = vec![
        ("100,000 variables", format!("{head}vars:\n{keys}").into()),
        ("5,000 functions", format!("{head}functions:\n{functions}").into()),
        ("deep maps", "{a: ".repeat(100_000).into()),
        ("deep lists", "[".repeat(1_000_000).into()),
        ("deep blocks", (0..2_000).map(|depth| " ".repeat(depth) + "a:\n").collect::<String>().into()),
        ("a long number", format!("version: {}\n", "9".repeat(1_000_000)).into()),
        ("a long word", format!("{head}x: {}\n", "a".repeat(2_000_000)).into()),
        ("aliases of aliases", laughs.into()),
        ("deep expressions", format!("{head}vars: {{a: '{}'}}\n", "${var.b:-".repeat(50_000)).into()),
        ("bytes that are no text", vec![0xff; 1_000_000]),
    ];
    for (what, bytes) in specs {
        endures(what, &["validate", "-f", "input"], &bytes);
    }
    endures("a file without end", &["validate", "-f", "/dev/zero"], b"");
    for (what, text) in [
        ("a deep plan", "[".repeat(1_000_000)),
        ("a long number", format!("{{\"format_version\": {}}}", "9".repeat(1_000_000))),
        ("a wide plan", format!("{{\"format_version\": \"1.0\", \"steps\": [{}0]}}", "{},".repeat(1_000_000))),
    ] {
        endures(what, &["show", "input"], text.as_bytes());
    }
    endures("a plan without end", &["show", "/dev/zero"], b"");
}

/// A small zip file of `count` entries of a megabyte of zeros.
fn bomb(count: usize) -> Vec<u8> {
    let mut one = zip::ZipWriter::new(Cursor::new(Vec::new()));
    one.start_file("zeros", zip::write::SimpleFileOptions::default()).unwrap();
    one.write_all(&vec![0; 1 << 20]).unwrap();
    let mut one = zip::ZipArchive::new(one.finish().unwrap()).unwrap();
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for entry in 0..count {
        zip.raw_copy_file_rename(one.by_index_raw(0).unwrap(), format!("zeros{entry}")).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_bomb_of_a_package_does_not_go_off() {
    let bomb = bomb(300);
    let refused = trueup::package::list(&bomb).unwrap_err().to_string();
    assert!(refused.contains("unzips to more than"), "{refused}");
    let server = Server::start(&["--settle", "0"]);
    let mut connection = Connection::open(&server.url).unwrap();
    let mut create = |code: Value, more: Value| {
        let mut body = json!({"FunctionName": "f", "Runtime": "python3.13", "Handler": "app.handler",
            "Role": "arn:aws:iam::123456789012:role/r", "Code": code});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, answer) = connection.call("POST", "/2015-03-31/functions", &body).unwrap();
        (status, answer["message"].as_str().or(answer["Message"].as_str()).unwrap_or_default().to_owned())
    };
    let (status, message) = create(json!({"ZipFile": BASE64_STANDARD.encode(&bomb)}), json!({}));
    assert_eq!((status, message.as_str()), (400, "Unzipped size must be smaller than 262144000 bytes"));
    let many: serde_json::Map<String, Value> = (0..100_000).map(|key| (format!("key{key}"), json!("v"))).collect();
    let (status, message) = create(json!({"ZipFile": ""}), json!({"Tags": many}));
    assert_eq!(status, 400, "{message}");
    let (status, message) = create(json!({"ZipFile": ""}), json!({"Environment": {"Variables": many}}));
    assert_eq!(status, 400, "{message}");
    assert!(server.peak_memory().is_none_or(|peak| peak < 300), "the server has taken {:?} MB", server.peak_memory());
}
