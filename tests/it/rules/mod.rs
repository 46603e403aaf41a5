//! Every rule of the table does what it says: its bad example breaks it, its good example breaks nothing.

mod rows;
mod texts;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use trueup::declaration::{self, Files, Inputs, Loaded};
use trueup::files::Disk;
use trueup::model::{RuleSeverity, Severity};
use trueup::packages::{self, Absent, PackageBuilder};
use trueup::show::diagnostics::render;

use crate::generated_files::repository;
use crate::harness::{ACCOUNT, REGION};
use rows::{CASES, LAST, NOT_OFFLINE, Over, WORDS};

/// The spec under each further case.
const BASE: &str = "
version: 1
stack: shop
functions:
  orders:
    role: arn:aws:iam::123456789012:role/r
    runtime: python3.13
    handler: app.handler
    code: {zip: package.zip}
";

/// The rule of files that are not UTF-8, whose bad example is one only in another encoding.
const UNREADABLE: &str = "S001";
/// The files of a package, with their modes.
type Modes = &'static [(&'static str, u32)];

/// The name of an entry that is a link to another directory, instead of a file.
const LINK: &str = "shared";

/// The name of an entry that is large when it is unzipped.
const LARGE: &str = "large.bin";

/// The rules of packages, which the loader does not read: the code, and the package of the bad example.
const IN_PACKAGES: &[(&str, &str, Modes)] = &[
    ("S033", "other.zip", &[("app.py", 0o644)]),
    ("V137", "package.zip", &[("app.py", 0o644)]),
    ("V138", "package.zip", &[("app.py", 0o644)]),
    ("V139", "backslash.zip", &[("app.py", 0o644), ("lib\\x.py", 0o644)]),
    ("V140", "unreadable.zip", &[("app.py", 0o600)]),
    ("V142", "large.zip", &[("app.py", 0o644), (LARGE, 0o644)]),
    ("V143", "links.zip", &[("app.py", 0o644), (LINK, 0o644)]),
];

/// Files in memory.
struct Memory(BTreeMap<&'static str, Vec<u8>>);

impl Files for Memory {
    fn read(&self, path: &Path, _: Option<&Path>) -> io::Result<Vec<u8>> {
        let bytes = path.to_str().and_then(|name| self.0.get(name));
        bytes.cloned().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file"))
    }
}

fn load(files: Vec<(&'static str, Vec<u8>)>) -> Loaded {
    let inputs = Inputs { files: files.iter().map(|(name, _)| name.into()).collect(), ..Inputs::default() };
    declaration::load(&inputs, &Memory(files.into_iter().collect()), Some((ACCOUNT.to_owned(), REGION.to_owned())))
}

/// Returns each code that the loader reports with its severity, and the rendered diagnostics.
fn reported(loaded: &Loaded) -> (BTreeSet<(&'static str, Severity)>, String) {
    let text = render(&loaded.diagnostics, &loaded.sources, false, None);
    assert!(loaded.diagnostics.iter().all(|diagnostic| diagnostic.span.is_some()), "{text}");
    let codes = loaded.diagnostics.iter().map(|diagnostic| (diagnostic.code.as_str(), diagnostic.severity));
    (codes.collect(), text)
}

fn laid_over(over: Over) -> Loaded {
    let mut fields = match over {
        Over::Function(fields) => format!("functions: {{orders: {{{fields}}}}}"),
        Over::Whole(fields) => format!("{{{fields}}}"),
    };
    for (word, text) in WORDS {
        fields = fields.replace(word, text);
    }
    load(vec![("base.yaml", BASE.into()), ("case.yaml", fields.into())])
}

#[test]
fn the_bad_example_of_each_rule_breaks_it_alone_and_the_good_one_breaks_none() {
    let mut wrong = Vec::new();
    let is_in_packages = |code: &str| IN_PACKAGES.iter().any(|(it, ..)| *it == code);
    for rule in declaration::rules().iter().filter(|rule| !is_in_packages(rule.id.as_str())) {
        let code = rule.id.as_str();
        let bytes = if code == UNREADABLE { latin1(rule.bad) } else { rule.bad.into() };
        let (codes, text) = reported(&load(vec![("bad.yaml", bytes)]));
        let severity = if rule.severity == RuleSeverity::Warning { Severity::Warning } else { Severity::Error };
        if codes != BTreeSet::from([(code, severity)]) {
            wrong.push(format!("{code}: its bad example should break it alone:\n{}\n{text}", rule.bad));
        }
        let (codes, text) = reported(&load(vec![("good.yaml", rule.good.into())]));
        if !codes.is_empty() {
            wrong.push(format!("{code}: its good example should break nothing:\n{}\n{text}", rule.good));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_bad_example_of_each_rule_of_packages_breaks_it_alone_and_the_good_one_breaks_none() {
    for (code, name, files) in IN_PACKAGES {
        let rule = declaration::rule(code).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let found = |spec: &str, name: &str, files: &[(&str, u32)]| {
            std::fs::write(folder.path().join(name), zip_with_modes(files)).unwrap();
            let file = folder.path().join("spec.yaml");
            std::fs::write(&file, spec).unwrap();
            let inputs = Inputs { files: vec![file], ..Inputs::default() };
            let stack = declaration::load(&inputs, &Disk, Some((ACCOUNT.to_owned(), REGION.to_owned()))).stack.unwrap();
            let found = packages::build(&PackageBuilder::default(), &stack, |_| true, Absent::Error).diagnostics;
            found.into_iter().map(|it| (it.code.as_str().to_owned(), it.severity)).collect::<Vec<_>>()
        };
        let severity = if rule.severity == RuleSeverity::Warning { Severity::Warning } else { Severity::Error };
        assert_eq!(found(rule.bad, name, files), [((*code).to_owned(), severity)]);
        assert_eq!(found(rule.good, "package.zip", &[("app.py", 0o644)]), []);
    }
}

fn zip_with_modes(files: &[(&str, u32)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, mode) in files {
        let options = zip::write::SimpleFileOptions::default().unix_permissions(*mode);
        if *name == LINK {
            writer.add_symlink(*name, "../../home/me/shared", options).unwrap();
            continue;
        }
        writer.start_file(*name, options).unwrap();
        if *name == LARGE {
            io::Write::write_all(&mut writer, &vec![0; 130 * 1024 * 1024]).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

/// Encodes a text that has a letter outside of ASCII, in an encoding other than UTF-8.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).expect("Latin-1 has the letter")).collect()
}

#[test]
fn further_cases_are_reported_under_their_codes() {
    let mut wrong = Vec::new();
    for (rule, codes, bad, good) in CASES {
        let (found, text) = reported(&laid_over(*bad));
        let found: Vec<_> = found.into_iter().map(|(code, _)| code).collect();
        if found != *codes {
            wrong.push(format!("{rule}: {codes:?} should be reported, not {found:?}:\n{text}"));
        }
        let (found, text) = reported(&laid_over(*good));
        if !found.is_empty() {
            wrong.push(format!("{rule}: nothing should be reported:\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_published_rules_are_checked_offline_or_have_a_reason() {
    let table: BTreeSet<&str> = declaration::rules().iter().map(|rule| rule.id.as_str()).collect();
    let cases: BTreeSet<&str> = CASES.iter().map(|(rule, ..)| *rule).collect();
    let reasons: BTreeSet<&str> = NOT_OFFLINE.iter().map(|(rule, _)| *rule).collect();
    for number in 1..=LAST {
        let code = format!("V{number:03}");
        let is_checked = table.contains(&*code) || cases.contains(&*code);
        assert!(is_checked != reasons.contains(&*code), "{code}: checked {is_checked}");
    }
}

#[test]
fn the_table_is_sorted_and_each_rule_is_checked_somewhere() {
    let table: Vec<&str> = declaration::rules().iter().map(|rule| rule.id.as_str()).collect();
    assert!(table.is_sorted_by(|one, two| one < two), "{table:?}");
    let mut used = BTreeSet::new();
    sources(&repository("src"), &mut used);
    for code in table {
        assert!(used.contains(code), "nothing reports {code}");
    }
}

/// Finds the codes that the program reports. Catalogs declare codes, and tests make some up; nothing else may.
fn sources(folder: &Path, used: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if ["catalog", "tests", "sim"].contains(&&*name) {
            continue;
        } else if path.is_dir() {
            sources(&path, used);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let program = text.split("#[cfg(test)]").next().unwrap_or_default();
        let code = program.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        let declares = code.contains("Rule::declare(") && !path.ends_with("model/rule.rs");
        assert!(!declares, "{}: only a catalog declares a rule", path.display());
        for word in code.split(|c: char| !c.is_ascii_alphanumeric()) {
            let is_code = word.len() == 4
                && word.starts_with(['S', 'V'])
                && word.bytes().skip(1).all(|byte| byte.is_ascii_digit());
            if is_code {
                used.insert(word.to_owned());
            }
        }
    }
}
