//! Specs in memory: what they mean, and what is reported of bad ones.

mod bad;
mod limits;
mod locations;
mod one_mistake;
mod test_kinds;
mod unknown_target;
mod whole;

use std::collections::BTreeMap;
use std::io;
use std::path::Path as FilePath;

use super::*;
use crate::model::{Address, FieldPath, KindId, Severity};
use crate::show::diagnostics::render;

/// Files in memory.
#[derive(Default)]
struct Memory(BTreeMap<String, Vec<u8>>);

impl Files for Memory {
    fn read(&self, path: &FilePath, _: Option<&FilePath>) -> io::Result<Vec<u8>> {
        let name = path.display().to_string();
        self.0.get(&name).cloned().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file"))
    }
}

fn inputs(files: &[(&str, &str)]) -> (Inputs, Memory) {
    let memory = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    let environment = [("TOKEN", "s3cr3t-token"), ("STAGE", "prod"), ("EMPTY", ""), ("SIZE", "512")];
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let files = files.iter().map(|(name, _)| (*name).into()).collect();
    (Inputs { files, environment, ..Inputs::default() }, Memory(memory))
}

fn loaded(text: &str) -> Loaded {
    let (inputs, memory) = inputs(&[("stack.yaml", text)]);
    Spec::read(&inputs, &memory).resolve_by(&test_kinds::table(), None)
}

fn shown(loaded: &Loaded) -> String {
    render(&loaded.diagnostics, &loaded.sources, false, None)
}

fn good(text: &str) -> Stack {
    let loaded = loaded(text);
    let words = shown(&loaded);
    loaded.stack.unwrap_or_else(|| panic!("{words}"))
}

fn it<'s>(stack: &'s Stack, address: &str) -> &'s Desired {
    stack.resources.get(&Address::try_from(address.to_owned()).expect("an address")).expect("is declared")
}
