//! Every offline rule, by its published id: a spec that breaks it and one that does not, through the real loader.

mod mappings;
mod rows;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use trueup::declaration::{self, Files, Inputs};
use trueup::show::diagnostics::render;

use crate::harness::{ACCOUNT, REGION};
use mappings::{BROKER, MAPPINGS, MSK};
use rows::{FUNCTIONS, LAST, NOT_OFFLINE, OURS, Over, WORDS};

/// What every rule is tried on.
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

/// Files in memory.
struct Memory(BTreeMap<&'static str, String>);

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let text = path.to_str().and_then(|name| self.0.get(name));
        text.map(|text| text.clone().into_bytes())
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file"))
    }
}

/// The codes that the loader reports, each once, and all of it as text. Every one must have a place.
fn reported(over: Over) -> (Vec<&'static str>, String) {
    let (mapping, fields) = match over {
        Over::Function(fields) => (String::new(), format!("functions: {{orders: {{{fields}}}}}")),
        Over::Mapping(source, fields) => {
            let place = |fields: &str| format!("functions: {{orders: {{event_source_mappings: {{m: {{{fields}}}}}}}}}");
            (place(source), place(fields))
        }
        Over::Whole(fields) => (String::new(), format!("{{{fields}}}")),
    };
    let msk = MSK.replace("topics: [orders], ", "");
    let mut fields = fields.replace("BROKER_MAPPING", BROKER).replace("MSK_MAPPING", &msk);
    for (word, text) in WORDS {
        fields = fields.replace(word, text);
    }
    let names = ["base.yaml", "mapping.yaml", "rule.yaml"];
    let files = Memory(BTreeMap::from_iter(names.into_iter().zip([BASE.to_owned(), mapping + "\n", fields.clone()])));
    let inputs = Inputs { files: names.iter().map(Into::into).collect(), ..Inputs::default() };
    let loaded = declaration::load(&inputs, &files, Some((ACCOUNT.to_owned(), REGION.to_owned())));
    let text = format!("{fields}\n{}", render(&loaded.diagnostics, &loaded.sources, false, None));
    assert!(loaded.diagnostics.iter().all(|diagnostic| diagnostic.span.is_some()), "{text}");
    let mut codes: Vec<&str> = loaded.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    codes.sort_unstable();
    codes.dedup();
    (codes, text)
}

#[test]
fn each_rule_reports_what_breaks_it_at_its_place_and_nothing_else() {
    let mut wrong = Vec::new();
    for (rule, codes, bad, good) in FUNCTIONS.iter().chain(MAPPINGS) {
        let (found, text) = reported(*bad);
        if found != *codes {
            wrong.push(format!("{rule}: {codes:?} should be reported, not {found:?}, of {text}"));
        }
        let (found, text) = reported(*good);
        if !found.is_empty() {
            wrong.push(format!("{rule}: nothing should be reported, not {found:?}, of {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_is_in_exactly_one_list() {
    let mut lists: BTreeMap<String, Vec<&str>> =
        (1..=LAST).chain(OURS.iter().copied()).map(|number| (format!("V{number:03}"), Vec::new())).collect();
    let mut note = |rule: &str, list| {
        let lists = lists.get_mut(rule).unwrap_or_else(|| panic!("there is no rule {rule}"));
        if !lists.contains(&list) {
            lists.push(list);
        }
    };
    FUNCTIONS.iter().chain(MAPPINGS).for_each(|(rule, ..)| note(rule, "table"));
    NOT_OFFLINE.iter().for_each(|(rule, _)| note(rule, "not offline"));
    let wrong: Vec<_> = lists.into_iter().filter(|(_, lists)| lists.len() != 1).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
