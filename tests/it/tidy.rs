//! The house stays tidy: who may import whom, what is pure, and how long files and functions may be.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::generated_files::repository;

/// The most lines of a file before its tests.
const FILE_WALL: usize = 500;
/// The most lines of a function.
const FUNCTION_WALL: usize = 70;

/// Which modules each module may name. Downward only; `sim` is another program.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("model", &[]),
    ("resource", &["wire", "model"]),
    ("kinds", &["wire", "model", "resource"]),
    ("graph", &["model"]),
    ("declaration", &["wire", "model", "resource", "kinds", "graph"]),
    ("diff", &["model", "resource"]),
    ("plan", &["model", "resource", "kinds", "declaration", "graph", "diff"]),
    ("drift", &["model", "plan"]),
    ("show", &["wire", "model", "resource", "kinds", "plan", "drift", "apply"]),
    ("package", &["model"]),
    ("files", &["declaration"]),
    ("contents", &["wire", "model", "resource", "plan", "package"]),
    ("observe", &["wire", "model", "resource", "kinds", "declaration", "plan"]),
    ("apply", &["wire", "model", "resource", "kinds", "diff", "plan", "observe"]),
    ("reconcile", &["wire", "model", "resource", "kinds", "declaration", "plan", "observe", "apply", "contents"]),
    ("cloud", &["wire"]),
    (
        "session",
        &["wire", "model", "kinds", "declaration", "plan", "observe", "apply", "reconcile", "package", "cloud", "sim"],
    ),
    ("sim", &[]),
];

/// Modules without `async`, clocks, files or environment.
const PURE: &[&str] = &[
    "model",
    "resource",
    "kinds",
    "graph",
    "declaration",
    "diff",
    "plan",
    "drift",
    "show",
    "apply/run.rs",
    "apply/retry.rs",
    "cloud/retry.rs",
    "cloud/hint.rs",
];

/// Words that must not stand in pure code.
const IMPURE: &[&str] =
    &["async fn", "async move", ".await", "std::fs", "std::env::", "SystemTime", "Instant::now", "std::process"];

/// Words that say nothing as the name of a type.
const EMPTY_WORDS: &[&str] = &["Manager", "Helper", "Util", "Utils", "Handler", "Info", "Data"];

/// The program without its tests, for a room may try itself out with the whole house.
fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.file_stem().is_some_and(|name| name == "tests") {
                continue;
            } else if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(&repository("src"), &mut files);
    files.sort();
    files
        .into_iter()
        .map(|path| (path.strip_prefix(repository("src")).unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect()
}

/// The text before the tests of a file.
fn program(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or_default()
}

/// The text without comments, so that prose may name what code may not.
fn code(text: &str) -> String {
    program(text).lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn module(path: &Path) -> String {
    let first = path.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn modules_import_downward_only() {
    let rules: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module(&path);
        let Some(allowed) = rules.get(module.as_str()) else { continue };
        for named in code(&text).split("crate::").skip(1) {
            let named: String = named.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if named != module && !named.is_empty() && !allowed.contains(&named.as_str()) {
                wrong.push(format!("src/{}: {module} may not import {named}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_has_a_rule() {
    for (path, _) in sources() {
        let module = module(&path);
        let known =
            MAY_IMPORT.iter().any(|(name, _)| *name == module) || ["lib", "main", "cli"].contains(&module.as_str());
        assert!(known, "src/{}: say in the tidy test what {module} may import", path.display());
    }
}

#[test]
fn pure_modules_do_not_touch_the_world() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let name = path.to_str().unwrap();
        if !PURE.iter().any(|pure| name.starts_with(pure)) {
            continue;
        }
        let code = code(&text);
        wrong.extend(
            IMPURE
                .iter()
                .filter(|word| code.contains(**word))
                .map(|word| format!("src/{name}: `{word}` in a pure module")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_and_functions_are_short_enough_to_read() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let lines = program(&text).lines().count();
        if lines > FILE_WALL {
            wrong.push(format!("src/{}: {lines} lines, find the second idea in it", path.display()));
        }
        let mut begun: Option<(usize, String)> = None;
        for (number, line) in program(&text).lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let opens = ["fn ", "pub fn ", "async fn ", "pub async fn ", "pub(super) fn ", "pub(crate) fn "];
            if begun.is_none() && opens.iter().any(|open| line.trim_start().starts_with(open)) && !line.ends_with(';') {
                begun = Some((number, " ".repeat(indent) + "}"));
            }
            if let Some((start, end)) = &begun
                && line == end
            {
                let length = number - start + 1;
                if length > FUNCTION_WALL {
                    wrong.push(format!("src/{}:{}: a function of {length} lines", path.display(), start + 1));
                }
                begun = None;
            } else if begun.as_ref().is_some_and(|(start, _)| *start == number) && line.ends_with('}') {
                begun = None;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_say_what_things_are() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for line in program(&text).lines() {
            let Some(rest) = ["struct ", "enum ", "trait "]
                .iter()
                .find_map(|word| line.split(word).nth(1).filter(|_| !line.trim_start().starts_with("//")))
            else {
                continue;
            };
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
            if EMPTY_WORDS.iter().any(|word| name.ends_with(word)) {
                wrong.push(format!("src/{}: {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_test_file_is_run() {
    let main = std::fs::read_to_string(repository("tests/it/main.rs")).unwrap();
    for entry in std::fs::read_dir(repository("tests/it")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.trim_end_matches(".rs");
        assert!(name == "main" || main.contains(&format!("mod {name};")), "tests/it/{name}.rs is forgotten");
    }
}

#[test]
fn the_engine_names_no_kind() {
    let rooms: Vec<&str> = trueup::kinds::KINDS.iter().map(|kind| kind.name()).collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module(&path);
        if ["kinds", "sim"].contains(&module.as_str()) {
            continue;
        }
        let code = code(&text);
        for room in &rooms {
            // A bare word may be a key of the spec or an attribute, such as `version`.
            let quoted = format!("\"{room}\"");
            let forms = [format!("new({quoted}"), format!("kind({quoted}"), format!("kind == {quoted}")];
            let named = forms.into_iter().chain([format!("kinds::{room}"), format!("\"{room}/")]);
            wrong.extend(
                named
                    .filter(|name| code.contains(name.as_str()))
                    .map(|name| format!("src/{}: names the kind {name}", path.display())),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
