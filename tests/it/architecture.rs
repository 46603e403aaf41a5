//! Architecture fences: imports between modules, purity, length of files, names of types, and kinds that the engine may not name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::generated_files::repository;

/// The most lines of a file before its tests. The most lines of a function stand in `clippy.toml`.
const MAX_FILE_LINES: usize = 500;

/// The modules that each module may name. Downward only; `sim` is another program.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("model", &[]),
    ("resource", &["wire", "model"]),
    ("kinds", &["wire", "model", "resource"]),
    ("graph", &["model"]),
    ("declaration", &["wire", "model", "resource", "kinds", "graph"]),
    ("diff", &["model", "resource"]),
    ("plan", &["wire", "model", "resource", "kinds", "declaration", "graph", "diff"]),
    ("drift", &["model", "plan"]),
    ("show", &["wire", "model", "resource", "kinds", "plan", "drift", "apply", "estimate", "iam"]),
    ("confinement", &[]),
    ("package", &["model", "confinement"]),
    ("packages", &["model", "resource", "kinds", "declaration", "package", "confinement"]),
    ("files", &["declaration", "confinement"]),
    ("change", &["model", "kinds", "declaration", "plan", "package", "packages", "confinement", "files"]),
    ("concurrent", &[]),
    ("contents", &["wire", "model", "resource", "plan", "package", "concurrent"]),
    ("observe", &["wire", "model", "resource", "kinds", "declaration", "plan", "concurrent"]),
    ("estimate", &["wire", "model", "declaration", "plan", "observe"]),
    ("iam", &["wire", "model", "resource", "kinds", "declaration"]),
    ("apply", &["wire", "model", "resource", "kinds", "diff", "plan", "observe"]),
    ("reading", &["wire", "apply"]),
    (
        "reconcile",
        &["wire", "model", "resource", "kinds", "declaration", "plan", "observe", "apply", "contents", "reading"],
    ),
    ("cloud", &["model", "wire"]),
    ("forge", &["cloud"]),
    (
        "session",
        &[
            "wire",
            "model",
            "kinds",
            "declaration",
            "plan",
            "observe",
            "apply",
            "reconcile",
            "packages",
            "cloud",
            "sim",
            "change",
        ],
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
    "iam",
    "show",
    "apply/run.rs",
    "apply/retry.rs",
    "cloud/retry.rs",
    "cloud/hint.rs",
];

/// Text that pure code must not contain.
const IMPURE: &[&str] =
    &["async fn", "async move", ".await", "std::fs", "std::env::", "SystemTime", "Instant::now", "std::process"];

/// Words that say nothing at the end of a type's name.
const VAGUE_NAMES: &[&str] = &["Manager", "Helper", "Util", "Utils", "Handler", "Info", "Data"];

/// The program without its tests, because tests may use every module.
pub fn sources() -> Vec<(PathBuf, String)> {
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

/// The text of a file without its tests: a module of them ends the file, or stands in another one.
pub fn program(text: &str) -> String {
    let mut pieces = text.split("#[cfg(test)]\n");
    let mut program = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (item, rest) = piece.split_once('\n').unwrap_or((piece, ""));
        if !item.ends_with(';') {
            break;
        }
        program.push_str(rest);
    }
    program
}

#[test]
fn the_program_goes_on_behind_tests_that_stand_in_another_file() {
    let text = "mod a;\n#[cfg(test)]\nmod tests;\nmod b;\n#[cfg(test)]\nmod inner {\n    fn test() {}\n}\n";
    assert_eq!(program(text), "mod a;\nmod b;\n");
}

/// Removes comments, which may name other modules.
fn code(text: &str) -> String {
    program(text).lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn module(path: &Path) -> String {
    let first = path.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn modules_import_only_modules_below_them() {
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
        assert!(
            known,
            "src/{}: add what {module} may import to MAY_IMPORT in tests/it/architecture.rs",
            path.display()
        );
    }
}

#[test]
fn pure_modules_use_no_clock_file_or_environment() {
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
fn files_are_short_enough_to_read() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let lines = program(&text).lines().count();
        if lines > MAX_FILE_LINES {
            wrong.push(format!("src/{}: {lines} lines, more than {MAX_FILE_LINES}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_of_types_are_specific() {
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
            if VAGUE_NAMES.iter().any(|word| name.ends_with(word)) {
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
        assert!(
            name == "main" || main.contains(&format!("mod {name};")),
            "tests/it/{name}.rs is not declared in main.rs"
        );
    }
}

/// Returns true if the code has this path or text, and not only one that begins with it, such as `kinds::function_with`.
fn names(code: &str, path: &str) -> bool {
    let is_longer = |rest: &str| rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    code.match_indices(path).any(|(at, _)| path.ends_with('/') || !is_longer(&code[at + path.len()..]))
}

#[test]
fn the_engine_names_no_kind() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module(&path);
        if ["kinds", "sim"].contains(&module.as_str()) || path == Path::new("model/kind_id.rs") {
            continue;
        }
        let code = code(&text);
        for kind in trueup::model::KindId::ALL {
            // A bare word may be a key of the spec or an attribute, such as `version`.
            let named = [format!("KindId::{kind:?}"), format!("kinds::{kind}"), format!("\"{kind}/")].into_iter();
            wrong.extend(
                named
                    .filter(|name| names(&code, name))
                    .map(|name| format!("src/{}: names the kind {name}", path.display())),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_kind_has_the_same_files() {
    let exists = |folder: &Path, name: &str| folder.join(format!("{name}.rs")).is_file() || folder.join(name).is_dir();
    for kind in trueup::model::KindId::ALL {
        let folder = repository(&format!("src/kinds/{kind}"));
        for name in ["mod", "spec", "observe", "write", "tests"] {
            assert!(exists(&folder, name), "src/kinds/{kind} has no {name}.rs");
        }
        // Two kinds have no rules beyond their schema, and an empty file would promise some.
        let module = std::fs::read_to_string(folder.join("mod.rs")).unwrap();
        let is_checked = module.contains("fn check(");
        assert_eq!(exists(&folder, "rules"), is_checked, "src/kinds/{kind}: rules.rs goes with `Declare::check`");
    }
}
