//! The difference between two packages, for people.

use std::collections::BTreeSet;

use crate::model::{Contents, Entry, EntryKind, EntryName};

/// The difference between two packages, as names in order with what differs; safe to print.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileDifference {
    /// Entries that only the desired package has.
    pub added: Vec<String>,
    /// Entries that differ; where not only the content does, the rest is in parentheses.
    pub changed: Vec<String>,
    /// Entries that only the live package has.
    pub removed: Vec<String>,
}

/// Returns the changes that deploying the desired package makes to the live one.
pub fn difference(live: &Contents, desired: &Contents) -> FileDifference {
    let names: BTreeSet<&EntryName> = live.entries().chain(desired.entries()).map(|(name, _)| name).collect();
    let repeated: BTreeSet<&EntryName> = live.repeated().collect();
    let mut difference = FileDifference::default();
    for name in names {
        let is_repeated = repeated.contains(name);
        match (live.entry(name), desired.entry(name)) {
            (None, Some(entry)) => difference.added.push(shown(name, entry)),
            (Some(entry), None) => difference.removed.push(shown(name, entry)),
            (Some(before), Some(after)) if before != after || is_repeated => {
                difference.changed.push(format!("{}{}", shown(name, after), detail(before, after, is_repeated)));
            }
            _ => {}
        }
    }
    difference
}

fn shown(name: &EntryName, entry: &Entry) -> String {
    if entry.is_directory() { format!("{name}/") } else { name.to_string() }
}

/// Returns what differs apart from the content of a file.
fn detail(before: &Entry, after: &Entry, is_repeated: bool) -> String {
    let mut parts = Vec::new();
    if is_repeated {
        parts.push("the live package has it more than once".to_owned());
    }
    let is_file = |entry: &Entry| matches!(entry.kind, EntryKind::File { .. });
    let same_kind = (is_file(before) && is_file(after)) || before.kind == after.kind;
    if !same_kind {
        parts.push(format!("{} → {}", before.kind, after.kind));
    } else if before.mode != after.mode {
        parts.push(format!("mode {} → {}", before.mode, after.mode));
    }
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}
