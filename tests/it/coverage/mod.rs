//! Promise: complete. The kinds cover AWS's published service model: every declarative operation, member and limit.
//!
//! The model is the table of the simulator, which `tests/model/generate.py` writes from botocore's. What a kind
//! calls is read off its source: a builder that is imported and not used does not compile.

pub mod lists;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::Value;
use trueup::kinds::KINDS;
use trueup::resource::{KindEntry, field_traits};

use crate::generated_files::repository;
use lists::{MOVED, NOT_DECLARATIVE, NOT_FIELDS, NOT_NEEDED, OTHERWISE};

static MODEL: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../src/sim/http/service_model/lambda.json")).unwrap());

/// The functions in files that kinds share, as they are called, with their text.
fn shared() -> Vec<(String, String)> {
    let entries = std::fs::read_dir(repository("src/kinds/shared")).unwrap().map(|entry| entry.unwrap().path());
    let mut functions = Vec::new();
    for file in entries.filter(|path| path.extension().is_some_and(|extension| extension == "rs")) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        if name != "mod" {
            let text = code(&file);
            let pieces = text.split("\npub fn ").skip(1).filter_map(|piece| piece.split_once('('));
            functions.extend(pieces.map(|(function, body)| (format!("{name}::{function}"), body.to_owned())));
        }
    }
    functions
}

/// The text of a file without its tests.
fn code(file: &PathBuf) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned()
}

/// The source of a kind without its tests: a file, a folder, or both.
fn sources(kind: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(repository(&format!("src/kinds/{kind}"))).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.push(repository(&format!("src/kinds/{kind}.rs")));
    files.retain(|file| file.is_file() && file.file_stem().is_some_and(|name| name != "tests"));
    assert!(!files.is_empty(), "the kind {kind} has no file of its name");
    files.sort();
    files
}

/// The operations that each kind calls, by itself or through a file that it shares with others.
fn called() -> BTreeMap<&'static str, BTreeSet<String>> {
    let shared = shared();
    let of = |kind: &str| {
        let mut texts: Vec<String> = sources(kind).iter().map(code).collect();
        let uses = |name: &str| texts.iter().any(|text| text.contains(&format!("{name}(")));
        let through: Vec<String> = shared.iter().filter(|(name, _)| uses(name)).map(|(_, text)| text.clone()).collect();
        texts.extend(through);
        let words = texts.iter().flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
        words.filter_map(|word| word.strip_suffix("InputBuilder")).map(str::to_owned).collect()
    };
    KINDS.iter().map(|entry| (entry.name(), of(entry.name()))).collect()
}

#[test]
fn every_operation_of_the_service_model_is_called_or_listed_with_a_reason() {
    let mut lists: BTreeMap<&str, Vec<String>> =
        MODEL["operations"].as_object().unwrap().keys().map(|name| (name.as_str(), Vec::new())).collect();
    let mut note = |operation: &str, list: String| {
        lists.get_mut(operation).unwrap_or_else(|| panic!("there is no operation {operation}")).push(list);
    };
    let called = called();
    for operation in called.values().flatten().collect::<BTreeSet<_>>() {
        note(operation, "called".to_owned());
    }
    for (why, operations) in NOT_DECLARATIVE {
        operations.iter().for_each(|operation| note(operation, (*why).to_owned()));
    }
    NOT_NEEDED.iter().for_each(|(operation, why)| note(operation, (*why).to_owned()));
    let wrong: Vec<_> = lists.into_iter().filter(|(_, lists)| lists.len() != 1).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_kind_takes_permissions_for_the_calls_that_it_makes() {
    let all = called();
    for (kind, called) in &all {
        let taken = taken(KINDS.iter().find(|entry| entry.name() == *kind).unwrap());
        let untaken: Vec<_> = called.iter().filter(|operation| !taken.contains(*operation)).collect();
        assert!(untaken.is_empty(), "{kind} calls {untaken:?}");
        // A kind may ask another one, as versions do for the aliases that point to them.
        let by_another = |operation: &String| all.iter().any(|(other, of)| other != kind && of.contains(operation));
        let unused: Vec<_> = taken.iter().filter(|it| !called.contains(*it) && !by_another(it)).collect();
        assert!(unused.is_empty(), "{kind} does not call {unused:?}");
    }
}

/// The operations that a kind takes permissions for.
fn taken(kind: &KindEntry) -> BTreeSet<String> {
    let calls = kind.calls();
    let groups = [calls.reads, calls.searches, calls.writes, calls.prunes, calls.deletes];
    groups.into_iter().flatten().map(|operation| operation.name().to_owned()).collect()
}

/// The result of a walk through the requests.
#[derive(Default)]
struct Findings {
    wrong: Vec<String>,
    used: BTreeSet<&'static str>,
}

#[test]
fn every_request_member_is_a_spec_field_with_the_same_limits() {
    let mut findings = Findings::default();
    for (operation, kinds) in writers() {
        let Some(input) = MODEL["operations"][&operation]["input"].as_str() else { continue };
        for member in MODEL["shapes"][input]["members"].as_object().unwrap().keys() {
            let shape = MODEL["shapes"][input]["members"][member]["shape"].as_str().unwrap();
            walk(&format!("{operation}.{member}"), shape, &kinds, &mut findings);
        }
    }
    for (path, _) in MOVED.iter().chain(NOT_FIELDS).chain(OTHERWISE) {
        if !findings.used.contains(path) {
            findings.wrong.push(format!("{path}: is in a list for nothing"));
        }
    }
    assert!(findings.wrong.is_empty(), "{}", findings.wrong.join("\n"));
}

/// The writes, with the kinds that do them.
fn writers() -> BTreeMap<String, Vec<&'static str>> {
    let mut writers: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    for (kind, operations) in called() {
        let writes = operations.into_iter().filter(|operation| {
            !["Get", "List", "Delete", "Remove", "Untag"].iter().any(|prefix| operation.starts_with(prefix))
        });
        writes.for_each(|operation| writers.entry(operation).or_default().push(kind));
    }
    writers
}

/// The entry of a list for a path, which may name any operation as `*`.
fn listed(list: &'static [(&'static str, &'static str)], path: &str, findings: &mut Findings) -> Option<&'static str> {
    let (operation, rest) = path.split_once('.').unwrap_or((path, ""));
    let fits = |entry: &str| {
        let (of, field) = entry.split_once('.').unwrap_or((entry, ""));
        field == rest && (of == operation || of == "*")
    };
    let (entry, text) = list.iter().find(|(entry, _)| fits(entry))?;
    findings.used.insert(entry);
    Some(text)
}

fn walk(path: &str, shape: &str, kinds: &[&str], findings: &mut Findings) {
    if listed(NOT_FIELDS, path, findings).is_some() {
        return;
    }
    let fields = fields(path, kinds, findings);
    let Some((_, field)) = fields.first() else {
        findings.wrong.push(format!("{path}: is no field of {}", kinds.join(" or ")));
        return;
    };
    if listed(OTHERWISE, path, findings).is_none() {
        for (kind, field) in &fields {
            let differences = differences(&MODEL["shapes"][shape], field);
            findings.wrong.extend(differences.into_iter().map(|difference| format!("{path} of {kind}: {difference}")));
        }
    }
    let shape = &MODEL["shapes"][shape];
    match shape["type"].as_str() {
        Some("structure") => {
            for (member, details) in shape["members"].as_object().into_iter().flatten() {
                walk(&format!("{path}.{member}"), details["shape"].as_str().unwrap(), kinds, findings);
            }
        }
        Some("list") => walk(&format!("{path}.[]"), shape["member"].as_str().unwrap(), kinds, findings),
        // Where the model has a map by a closed list of words, a spec has a field for each.
        Some("map") if field.get("properties").is_some() => {
            for word in MODEL["shapes"][shape["key"].as_str().unwrap()]["enum"].as_array().into_iter().flatten() {
                let word = word.as_str().unwrap();
                walk(&format!("{path}.{word}"), shape["value"].as_str().unwrap(), kinds, findings);
            }
        }
        Some("map") => walk(&format!("{path}.{{}}"), shape["value"].as_str().unwrap(), kinds, findings),
        _ => {}
    }
}

/// The schemas of the field that a member is, in those of the kinds that have it.
fn fields<'k>(path: &str, kinds: &[&'k str], findings: &mut Findings) -> Vec<(&'k str, Value)> {
    let mut steps: Vec<&str> = path.split('.').skip(1).collect();
    let operation = path.split('.').next().unwrap_or_default();
    // The longest prefix of the path with another place decides.
    let mut place = String::new();
    for length in (0..=steps.len()).rev() {
        if let Some(moved) = listed(MOVED, &format!("{operation}.{}", steps[..length].join(".")), findings) {
            place = moved.to_owned();
            steps.drain(..length);
            break;
        }
    }
    let mut names: Vec<String> = place.split('.').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    names
        .extend(steps.into_iter().map(|step| if step == "[]" || step == "{}" { step.to_owned() } else { snake(step) }));
    let field = |kind: &str| {
        let schema = KINDS.iter().find(|entry| entry.name() == kind)?.schema();
        let mut here = schema;
        for name in &names {
            let schema = field_traits::present(here);
            here = match name.as_str() {
                "[]" => schema.get("items")?,
                "{}" => schema.get("additionalProperties")?,
                name => schema.get("properties")?.get(name)?,
            };
        }
        Some(field_traits::present(here).clone())
    };
    kinds.iter().filter_map(|kind| Some((*kind, field(kind)?))).collect()
}

/// A member's name as specs have it.
fn snake(member: &str) -> String {
    if member.contains('_') {
        return member.to_owned();
    }
    let chars: Vec<char> = member.replace("GiB", "Gib").chars().collect();
    let mut name = String::new();
    for (at, c) in chars.iter().enumerate() {
        let begins = c.is_ascii_uppercase()
            && at > 0
            && (!chars[at - 1].is_ascii_uppercase() || chars.get(at + 1).is_some_and(char::is_ascii_lowercase));
        if begins {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

/// Lists the limits of a shape that its field does not have.
fn differences(shape: &Value, field: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    let (least, most) = match shape["type"].as_str().unwrap() {
        "string" | "blob" => ("minLength", "maxLength"),
        "list" => ("minItems", "maxItems"),
        "map" => ("minProperties", "maxProperties"),
        _ => ("minimum", "maximum"),
    };
    let is_count = least != "minimum";
    for (bound, key) in [("min", least), ("max", most)] {
        let want = shape[bound].as_f64().filter(|want| !(is_count && bound == "min" && *want == 0.0));
        let have = field[key].as_f64();
        if want != have && want.is_some() {
            differences.push(format!("{key} is {have:?} and not {want:?}"));
        }
    }
    if let Some(want) = shape["pattern"].as_str() {
        let have = field["pattern"].as_str().unwrap_or("none");
        // AWS takes its patterns as anchored; one that takes everything bounds nothing.
        if have != format!("^{want}$") && have != format!("^({want})$") && ![r"[\s\S]*", ".*"].contains(&want) {
            differences.push(format!("the pattern is {have} and not {want}"));
        }
    }
    let texts = |list: &Value| -> BTreeSet<String> {
        list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let want = texts(&shape["enum"]);
    if !want.is_empty() {
        let mut have = texts(&field["enum"]);
        // Items of a list have no values of their own in schemars, but a pattern of words.
        let words = field["pattern"].as_str().unwrap_or_default().trim_matches(['^', '(', ')', '$']);
        have.extend(words.split('|').filter(|word| !word.is_empty()).map(str::to_owned));
        if want != have {
            differences.push(format!("the values are {have:?} and not {want:?}"));
        }
    }
    differences
}
