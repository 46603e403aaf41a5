//! Text to a tree of values with their places: the only module that knows the YAML library.
//!
//! The library resolves anchors and merge keys, finds duplicate keys and bounds what a hostile file can cost. What
//! a plain scalar is (`0123`, `no`, `1.10`) is decided later, by the field that it is meant for, so the text is taken
//! as it was written.

mod raw;
mod tags;
#[cfg(test)]
mod tests;
mod tree;
mod way_out;

use serde_saphyr::Options;
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};

use super::node::{Map, Node};
use super::report::{self, DiagnosticSink};
use crate::model::Span;
use raw::RawNode;
use tree::Tree;

/// The largest file, in bytes; 10,000 functions need about a tenth of it.
const MAX_YAML_BYTES: usize = 32 * 1024 * 1024;
/// The deepest nesting; specs need about ten levels. Each level takes tens of kilobytes of stack in a debug build, and a thread
/// may have no more than two megabytes.
const DEEPEST: usize = 32;

/// Reads one file's text; the text is that of the source with the index `source`. An empty file is an empty map.
pub fn parse(text: &str, source: usize, report: &mut DiagnosticSink) -> Option<Node> {
    let start = Span { source, range: 0..0 };
    if text.len() > MAX_YAML_BYTES {
        report.error(report::SYNTAX, &start, format!("the file is larger than {} MB", MAX_YAML_BYTES >> 20));
        return None;
    }
    let mut tree = Tree { text, source, duplicates: Vec::new(), tags: Vec::new() };
    let read = |duplicates| serde_saphyr::from_str_with_options::<RawNode>(text, options(duplicates));
    let raw = match read(DuplicateKeyPolicy::Error) {
        Ok(raw) => raw,
        Err(error) => {
            let error = error.without_snippet();
            let Some(duplicate) = tree.duplicate(error) else {
                tree.complain(error, report);
                return None;
            };
            // Duplicate keys end the first reading. The second one goes on, so that the rest of the file is checked too.
            match read(DuplicateKeyPolicy::LastWins) {
                Ok(raw) => {
                    let node = tree.node(raw);
                    // Of keys that are numbers the library passes on the last alone.
                    if !tree.duplicates.iter().any(|it| it.second == duplicate.second) {
                        tree.duplicates.push(duplicate);
                    }
                    tree.duplicates.into_iter().for_each(|duplicate| duplicate.complain(report));
                    tree.tags.into_iter().for_each(|tag| tag.complain(report));
                    return Some(node);
                }
                Err(error) => {
                    duplicate.complain(report);
                    tree.complain(error.without_snippet(), report);
                    return None;
                }
            }
        }
    };
    let node = tree.node(raw);
    tree.tags.into_iter().for_each(|tag| tag.complain(report));
    Some(if node.is_null() { Node::map(Map::new(), start) } else { node })
}

fn options(duplicate_keys: DuplicateKeyPolicy) -> Options {
    serde_saphyr::options! {
        strict_booleans: true,
        duplicate_keys: duplicate_keys,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
        ignore_binary_tag_for_string: true,
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 500_000 },
        budget: serde_saphyr::budget! {
            max_depth: DEEPEST,
            max_nodes: 1_000_000,
            max_events: 4_000_000,
            max_documents: 2,
            enforce_alias_anchor_ratio: false,
        },
    }
}
