//! Huge inputs for the real program, whose memory is measured.

use std::ffi::OsStr;
use std::io::{Cursor, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The most time of one input, in an unoptimised build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The limit of a process' address space, in kilobytes.
const LIMIT: &str = "1500000";

/// The most peak memory, in megabytes: twice a plan file of the largest size, whose text grows while it is read.
const ROOM: u64 = 600;

/// Runs the program in a folder with the file `input`; it has to end by itself, in time, and with little memory.
fn endures(what: &str, arguments: &[&str], bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("input"), bytes).unwrap();
    std::fs::write(folder.path().join("package.zip"), bomb(300)).unwrap();
    let mut child = Command::new("sh")
        .args(["-c", &format!("ulimit -v {LIMIT}; exec \"$@\""), "sh", env!("CARGO_BIN_EXE_trueup")])
        .args(arguments)
        .current_dir(folder.path())
        .env_clear()
        .env("BROKEN", OsStr::from_bytes(b"\xff\xfe"))
        .env("LONG", "x".repeat(100_000))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (begun, mut peak) = (Instant::now(), 0);
    let status = loop {
        peak = peak.max(crate::server::peak_memory(child.id()).unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{what}: {arguments:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(3));
    };
    println!("{what}: {arguments:?} ended with {status} after {:.1?} and {peak} MB", begun.elapsed());
    // A panic is 101, and a process that ran out of memory or stack dies of a signal.
    assert!(status.code().is_some_and(|code| code < 100), "{what}: {arguments:?} ended with {status}");
    assert!(peak <= ROOM, "{what}: {arguments:?} took {peak} MB");
}

/// A small zip file of `count` entries of a megabyte of zeros.
pub fn bomb(count: usize) -> Vec<u8> {
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

const HEAD: &str = "version: 1\nstack: s\n";
const FUNCTION: &str = "functions:\n  f:\n    runtime: python3.13\n    handler: app.handler\n    \
                        role: arn:aws:iam::123456789012:role/r\n    code: {zip: package.zip}\n";

#[test]
fn very_wide_specs_end_with_a_result() {
    let keys = |indent: &str| (0..100_000).map(|key| format!("{indent}k{key}: v\n")).collect::<String>();
    let functions: String = (0..5_000).map(|key| format!("  f{key}: {{}}\n")).collect();
    for (what, spec) in [
        ("100,000 variables", format!("{HEAD}vars:\n{}", keys("  "))),
        ("100,000 tags", format!("{HEAD}{FUNCTION}    tags:\n{}", keys("      "))),
        ("100,000 unknown fields", format!("{HEAD}{FUNCTION}{}", keys("    "))),
        ("20,000 layers", format!("{HEAD}{FUNCTION}    layers: [{}]\n", "x,".repeat(20_000))),
        ("5,000 functions", format!("{HEAD}functions:\n{functions}")),
    ] {
        endures(what, &["validate", "-f", "input"], spec.as_bytes());
    }
}

#[test]
fn deep_large_and_broken_specs_end_with_a_result() {
    let line = |name: u8| format!("{0}: &{0} [{1}]\n", name as char, format!("*{}, ", (name - 1) as char).repeat(9));
    let laughs = format!("a: &a [x]\n{}", (b'b'..=b'j').map(line).collect::<String>());
    let utf16: Vec<u8> = HEAD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let specs: Vec<(&str, Vec<u8>)> = vec![
        ("deep maps", "{a: ".repeat(100_000).into()),
        ("deep lists", "[".repeat(1_000_000).into()),
        ("deep blocks", (0..2_000).map(|depth| " ".repeat(depth) + "a:\n").collect::<String>().into()),
        ("a deep value", format!("{HEAD}vars: {{a: {}}}\n", "[".repeat(100_000)).into()),
        ("a long number", format!("version: {}\n", "9".repeat(1_000_000)).into()),
        (
            "a great number",
            format!("{HEAD}{FUNCTION}    memory_size: 1e999999999\n    timeout: 0x{}\n", "f".repeat(9999)).into(),
        ),
        ("a long word", format!("{HEAD}x: {}\n", "a".repeat(2_000_000)).into()),
        ("aliases of aliases", laughs.into()),
        ("bytes that are no text", vec![0xff; 1_000_000]),
        ("half of a letter", format!("{HEAD}x: é\n").into_bytes().into_iter().filter(|byte| *byte != 0xa9).collect()),
        ("another encoding", [vec![0xff, 0xfe], utf16].concat()),
    ];
    for (what, bytes) in specs {
        endures(what, &["validate", "-f", "input"], &bytes);
    }
    endures("a file without end", &["validate", "-f", "/dev/zero"], b"");
}

#[test]
fn huge_expressions_end_with_a_result() {
    let doubled: String =
        (1..64).map(|level| format!("  v{level}: '${{var.v{0}}}${{var.v{0}}}'\n", level - 1)).collect();
    let chain: String = (1..50_000).map(|key| format!("  v{key}: '${{var.v{}}}'\n", key - 1)).collect();
    let uses: String = (0..10_000).map(|key| format!("  v{key}: '${{env.LONG}}'\n")).collect();
    for (what, vars) in [
        ("deep expressions", format!("  a: '{}'\n", "${var.b:-".repeat(50_000))),
        ("many expressions", format!("  a: '{}'\n", "${account}".repeat(100_000))),
        ("open expressions", format!("  a: '{}'\n", "${".repeat(1_000_000))),
        ("a long name", format!("  a: '${{var.{}}}'\n", "x".repeat(1_000_000))),
        ("a great number as a name", format!("  a: '${{var.{}}}'\n", "9".repeat(1_000_000))),
        ("doubled doubles", format!("  v0: xxxxxxxx\n{doubled}")),
        ("a chain of variables", format!("  v0: x\n{chain}")),
        ("a long value used often", uses),
        ("a value that is no text", "  a: '${env.BROKEN}'\n".to_owned()),
    ] {
        let last = vars.lines().last().and_then(|line| line.split_once(':')).map_or("", |(name, _)| name.trim());
        let spec = format!("{HEAD}vars:\n{vars}{FUNCTION}    description: '${{var.{last}}}'\n");
        endures(what, &["validate", "-f", "input"], spec.as_bytes());
    }
}

#[test]
fn huge_plans_end_with_a_result() {
    let keys: Vec<String> = (0..100_000).map(|key| format!("\"k{key}\": {key}")).collect();
    let head = "\"format_version\": \"1.0\"";
    for (what, bytes) in [
        ("a deep plan", "[".repeat(1_000_000).into_bytes()),
        ("a deep member", format!("{{{head}, \"steps\": {}", "{\"a\":".repeat(100_000)).into()),
        ("a long number", format!("{{\"format_version\": {}}}", "9".repeat(1_000_000)).into()),
        ("a great number", format!("{{{head}, \"steps\": [{{\"number\": 1e999999999}}]}}").into()),
        ("a wide plan", format!("{{{head}, \"steps\": [{}0]}}", "{},".repeat(1_000_000)).into()),
        ("100,000 members", format!("{{{head}, {}}}", keys.join(", ")).into()),
        ("100,000 members of a member", format!("{{{head}, \"scope\": {{{}}}}}", keys.join(", ")).into()),
        ("bytes that are no text", vec![0xff; 1_000_000]),
        ("half of a letter", [format!("{{{head}, \"a\": \"").into_bytes(), b"\xc3\"}".to_vec()].concat()),
    ] {
        endures(what, &["show", "input"], &bytes);
    }
    endures(
        "a deep plan",
        &["apply", "input", "--sim=account", "--region", "us-east-1"],
        "[".repeat(1_000_000).as_bytes(),
    );
    endures("a plan without end", &["show", "/dev/zero"], b"");
}

#[test]
fn a_zip_bomb_is_not_unpacked() {
    let refused = trueup::package::contents(&bomb(300)).unwrap_err().to_string();
    assert!(refused.contains("unzipped, and Lambda allows less than"), "{refused}");
    let layer = format!("{HEAD}layers: {{l: {{code: {{zip: package.zip}}}}}}\n");
    for spec in [format!("{HEAD}{FUNCTION}"), layer] {
        endures("a bomb", &["plan", "-f", "input", "--sim=account", "--region", "us-east-1"], spec.as_bytes());
    }
}
