//! The language of the source: doc comments are sentences, names are the field's, and no two types share one.

mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use crate::architecture::{program, sources};
use crate::generated_files::repository;
use words::{FUNCTIONS, MODULES, PARTS, TYPES};

/// A doc comment that begins with one of these leaves its subject out.
const QUESTION_WORDS: [&str; 8] = ["What", "Whether", "How", "Where", "Which", "Who", "Whose", "Why"];

/// The most doc comments of a thousand that may begin with a question word.
const ALLOWED_PER_MILLE: usize = 30;

/// Fails if there are offenders, and lists them.
fn hold(section: &str, offenders: &BTreeMap<String, String>) {
    let found: Vec<String> = offenders.iter().map(|(name, places)| format!("{section} {name}: {places}")).collect();
    assert!(found.is_empty(), "use a word of the glossary in src/lib.rs instead:\n{}", found.join("\n"));
}

#[test]
fn doc_comments_begin_with_a_sentence_and_not_with_a_question_word() {
    let (mut all, mut offenders) = (0, Vec::new());
    for (path, text) in texts(&["src"]) {
        let mut before = "";
        for (number, line) in text.lines().map(str::trim_start).enumerate() {
            for mark in ["///", "//!"] {
                let Some(comment) = line.strip_prefix(mark).filter(|_| !before.starts_with(mark)) else { continue };
                all += 1;
                let first = comment.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty());
                if first.is_some_and(|word| QUESTION_WORDS.contains(&word)) {
                    offenders.push(format!("{path}:{}: {line}", number + 1));
                }
            }
            before = line;
        }
    }
    let allowed = all * ALLOWED_PER_MILLE / 1000;
    assert!(offenders.len() <= allowed, "{} of at most {allowed}:\n{}", offenders.len(), offenders.join("\n"));
}

/// Every source file below these folders with its path, tests included.
fn texts(folders: &[&str]) -> Vec<(String, String)> {
    fn walk(folder: &Path, into: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(repository("")).unwrap().display().to_string();
                into.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut all = Vec::new();
    folders.iter().for_each(|folder| walk(&repository(folder), &mut all));
    all.sort();
    all
}

/// A name that the source defines.
struct Definition {
    keyword: String,
    name: String,
    path: String,
    /// True for an item of a module, false for one of an `impl`, a trait or a function.
    is_top: bool,
}

/// Everything that the program defines by name, tests excluded.
fn definitions() -> Vec<Definition> {
    let program = sources().into_iter().map(|(path, text)| (format!("src/{}", path.display()), program(&text)));
    program.flat_map(|(path, text)| defined(&path, &text)).collect()
}

/// Everything that a source file defines by name.
fn defined(path: &str, text: &str) -> Vec<Definition> {
    let before = ["pub ", "pub(crate) ", "pub(super) ", "const ", "async ", "unsafe "];
    let mut all = Vec::new();
    for line in text.lines() {
        let mut code = line.trim_start();
        while let Some(rest) = before.iter().find_map(|word| code.strip_prefix(word)) {
            code = rest;
        }
        let Some((keyword, rest)) = code.split_once(' ') else { continue };
        if !["struct", "enum", "trait", "type", "union", "mod", "fn"].contains(&keyword) {
            continue;
        }
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if !name.is_empty() {
            let (keyword, path) = (keyword.to_owned(), path.to_owned());
            all.push(Definition { keyword, name, path, is_top: !line.starts_with(' ') });
        }
    }
    all
}

/// The words of a name: `ReadCache` and `read_cache` are both `read` and `cache`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if c == '_' || c == '-' || c.is_uppercase() {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().expect("there is one").extend(c.to_lowercase());
        }
    }
    words
}

fn has_private_part(name: &str) -> bool {
    words(name).iter().any(|word| PARTS.contains(&word.as_str()))
}

#[test]
fn no_private_word_names_a_type_a_module_or_a_function() {
    let mut offenders: BTreeMap<String, String> = BTreeMap::new();
    for Definition { keyword, name, path, .. } in definitions() {
        let whole = match keyword.as_str() {
            "fn" => FUNCTIONS,
            "mod" => MODULES,
            _ => TYPES,
        };
        if whole.contains(&name.as_str()) || has_private_part(&name) {
            let places = offenders.entry(format!("{keyword} {name}")).or_default();
            places.push_str(&path);
            places.push(' ');
        }
    }
    hold("private word:", &offenders);
}

#[test]
fn no_private_word_is_part_of_a_name_in_the_tests() {
    let mut offenders: BTreeMap<String, String> = BTreeMap::new();
    for (path, text) in texts(&["src", "tests"]) {
        for Definition { keyword, name, .. } in defined(&path, &text) {
            if has_private_part(&name) {
                offenders.insert(format!("{keyword} {name}"), path.clone());
            }
        }
    }
    hold("private word:", &offenders);
}

#[test]
fn no_private_word_names_a_flag() {
    let help = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_trueup")).args(arguments).arg("--help").env_clear().output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    let main = help(&[]);
    let (_, commands) = main.split_once("Commands:\n").expect("the help lists the commands");
    let commands =
        commands.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
    let mut offenders = BTreeMap::new();
    for command in commands.filter(|command| *command != "help") {
        let text = help(&[command]);
        let flags: BTreeSet<&str> = text
            .split(|c: char| !(c.is_alphanumeric() || c == '-'))
            .filter(|word| word.starts_with("--") && has_private_part(word))
            .collect();
        offenders.extend(flags.into_iter().map(|flag| (flag.to_owned(), command.to_owned())));
    }
    hold("flag:", &offenders);
}

#[test]
fn no_two_types_outside_the_simulator_share_a_name() {
    let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for Definition { keyword, name, path, is_top } in definitions() {
        if is_top && !["fn", "mod"].contains(&keyword.as_str()) && !path.starts_with("src/sim/") {
            by_name.entry(name).or_default().push(path);
        }
    }
    by_name.retain(|_, paths| paths.len() > 1);
    let offenders = by_name.into_iter().map(|(name, paths)| (name, paths.join(" "))).collect();
    hold("shared name:", &offenders);
}
