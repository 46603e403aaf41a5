//! The rules of packages that functions and layers share: names and modes with which files can be used, and programs that
//! Linux can run.

use super::catalog::{V139, V140, V143};
use crate::model::{Contents, Entry, EntryKind, EntryName, FileFormat, Findings, Machine, Mode, listed};

/// The number of names in a message; the others are counted.
const NAMES: usize = 5;

/// The directories of a function that are there without its package, and those of its layers and file systems.
const ELSEWHERE: [&str; 14] = [
    "/bin",
    "/dev",
    "/etc",
    "/lib",
    "/lib64",
    "/mnt",
    "/opt",
    "/proc",
    "/sbin",
    "/sys",
    "/tmp",
    "/usr",
    "/var/lang",
    "/var/runtime",
];

/// The directory of a function's code, which a layer may link to.
const CODE: &str = "/var/task";

/// Warns of files that nothing finds or reads once they are unpacked in the directory `mount`.
pub fn check(contents: &Contents, mount: &str, findings: &mut Findings) {
    let is_known = |path: &str, folder: &str| {
        path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let known = |path: &str| ELSEWHERE.iter().chain([&CODE]).any(|folder| is_known(path, folder));
    let outside = contents.links_outside(mount).into_iter().filter(|(_, path)| !known(path));
    let outside: Vec<String> = outside.map(|(name, path)| format!("{name} → {path}")).collect();
    if !outside.is_empty() {
        findings.warning(V143, "code", format!("links that lead out of the package: {}", listed(&outside, NAMES))).help(
            "Lambda unpacks the package alone; add the files themselves, as `links: follow` does within a directory",
        );
    }
    let windows: Vec<String> = named(contents, |name, _| name.bytes().contains(&b'\\'));
    if !windows.is_empty() {
        findings.warning(V139, "code", format!("file names with `\\` in the package: {}", listed(&windows, NAMES))).help(
            "on Linux `\\` is part of a name; make the zip file with `/` between directories, or use `code: {dir: …}`",
        );
    }
    let encoded = named(contents, |name, _| name.text().is_none());
    if !encoded.is_empty() {
        findings
            .warning(V139, "code", format!("file names that are not UTF-8 in the package: {}", listed(&encoded, NAMES)))
            .help("rename the files, or make the zip file with UTF-8 names");
    }
    let closed: Vec<String> = contents.entries().filter(|(_, entry)| is_closed(entry)).map(with_mode).collect();
    if !closed.is_empty() {
        findings.warning(V140, "code", format!("Lambda's user cannot read {}", listed(&closed, NAMES))).help(
            "run `chmod -R a+rX` on the files before they are zipped, or use `code: {dir: …}`, which corrects modes",
        );
    }
    let programs = named(contents, is_program_without_mode);
    if !programs.is_empty() {
        findings
            .warning(
                V140,
                "code",
                format!("{} cannot be executed: the zip file has no modes", listed(&programs, NAMES)),
            )
            .help("make the zip file on Linux or macOS, or use `code: {dir: …}`, which makes programs executable");
    }
}

/// Returns the reason why Linux cannot run a file on this architecture, if there is one.
pub fn why_it_cannot_run(entry: &Entry, architecture: Option<&str>) -> Option<String> {
    let EntryKind::File { format, .. } = entry.kind else { return Some("is not a file".to_owned()) };
    if !entry.mode.is_executable() {
        return Some(match entry.mode {
            Mode::Unset => "cannot be executed: the zip file has no modes, as when it is made on Windows".to_owned(),
            Mode::Unix(_) => format!("cannot be executed: its mode is {}, and it needs 0755", entry.mode),
        });
    }
    Some(match format {
        FileFormat::Empty => "is empty".to_owned(),
        FileFormat::Windows => "is a program for Windows".to_owned(),
        FileFormat::MacOs => "is a program for macOS".to_owned(),
        FileFormat::Other => "is neither an ELF program nor a script that begins with `#!`".to_owned(),
        FileFormat::Script { carriage_return: true } => {
            "has a first line that ends as on Windows, so its interpreter is not found".to_owned()
        }
        FileFormat::Script { carriage_return: false } => return None,
        FileFormat::Elf(machine) => {
            let built = match machine {
                Machine::X86_64 => "x86_64",
                Machine::Arm64 => "arm64",
                Machine::Other => "a processor that Lambda does not have",
            };
            let architecture = architecture?;
            (built != architecture).then(|| format!("is built for {built}, not for {architecture}"))?
        }
    })
}

fn named(contents: &Contents, is_meant: impl Fn(&EntryName, &Entry) -> bool) -> Vec<String> {
    contents.entries().filter(|(name, entry)| is_meant(name, entry)).map(|(name, _)| name.to_string()).collect()
}

fn with_mode((name, entry): (&EntryName, &Entry)) -> String {
    let slash = if entry.is_directory() { "/" } else { "" };
    format!("{name}{slash} (mode {})", entry.mode)
}

/// Tests for a file that not every user may read, or a directory that not every user may enter.
fn is_closed(entry: &Entry) -> bool {
    match entry.kind {
        EntryKind::Directory => !entry.mode.is_searchable(),
        EntryKind::File { .. } => !entry.mode.is_readable(),
        EntryKind::Link { .. } => false,
    }
}

/// Tests for a program or a shell script without modes. A `bootstrap` has a rule of its own; libraries need no such mode,
/// and other scripts are mostly run by an interpreter.
fn is_program_without_mode(name: &EntryName, entry: &Entry) -> bool {
    let file = name.bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let has = |part: &[u8]| file.windows(part.len()).any(|window| window == part);
    let EntryKind::File { format, .. } = entry.kind else { return false };
    let is_program = match format {
        FileFormat::Elf(_) => !has(b".so"),
        FileFormat::Script { .. } => file.ends_with(b".sh"),
        _ => false,
    };
    entry.mode == Mode::Unset && is_program && name.bytes() != b"bootstrap"
}
