//! Finds the files in which two packages differ.

use std::collections::BTreeSet;

use crate::model::{Contents, DifferentFile, Entry, EntryKind, EntryName, FileDifference};

/// Returns the changes that deploying the desired package makes to the live one.
pub fn difference(live: &Contents, desired: &Contents) -> FileDifference {
    let names: BTreeSet<&EntryName> = live.entries().chain(desired.entries()).map(|(name, _)| name).collect();
    let repeated: BTreeSet<&EntryName> = live.repeated().collect();
    let mut difference = FileDifference::default();
    for name in names {
        let is_repeated = repeated.contains(name);
        let (before, after) = (live.entry(name), desired.entry(name));
        let file = || DifferentFile {
            name: before.or(after).map_or_else(String::new, |entry| shown(name, after.unwrap_or(entry))),
            before: before.and_then(size),
            after: after.and_then(size),
            detail: before.zip(after).and_then(|(before, after)| detail(before, after, is_repeated)),
        };
        match (before, after) {
            (None, Some(_)) => difference.added.push(file()),
            (Some(_), None) => difference.removed.push(file()),
            (Some(before), Some(after)) if before != after || is_repeated => difference.changed.push(file()),
            _ => {}
        }
    }
    difference
}

fn shown(name: &EntryName, entry: &Entry) -> String {
    if entry.is_directory() { format!("{name}/") } else { name.to_string() }
}

fn size(entry: &Entry) -> Option<u64> {
    match entry.kind {
        EntryKind::File { size, .. } => Some(size),
        EntryKind::Directory | EntryKind::Link { .. } => None,
    }
}

/// Returns what differs apart from the content of a file.
fn detail(before: &Entry, after: &Entry, is_repeated: bool) -> Option<String> {
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
    (!parts.is_empty()).then(|| parts.join(", "))
}
