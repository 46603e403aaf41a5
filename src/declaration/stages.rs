//! Warns where the names of resources depend on a variable and the name of the stack does not.
//!
//! Only the stack's name shows the owner of a live resource. Two stages that share it own each other's resources, so a
//! run for one of them with `--prune` deletes those of the other.

use super::expression::{self, TextPiece};
use super::node::{Map, Node};
use super::places::Place;
use super::report::{self, DiagnosticSink};
use super::targets;
use crate::resource::KindEntry;

/// Warns once, at the first such name. `tree` is as written: its variables are not filled in yet.
pub fn check(tree: &Map, root: &Place<'_>, table: &[KindEntry], report: &mut DiagnosticSink) {
    let varies = |key: &str| tree.get(key).is_some_and(|field| has_variable(&field.node));
    // Another account or region is another stage too, and targets that share both are refused.
    if varies("stack") || varies("target") || tree.contains_key(targets::KEY) {
        return;
    }
    let defaults = tree.get("defaults").and_then(|field| field.node.as_map());
    let collections = root.fields.iter().filter_map(|(name, place)| Some((tree.get(*name)?, place.each.as_ref()?)));
    let of_kind = |kind: &str| table.iter().any(|entry| entry.name() == kind);
    let defaults = defaults.into_iter().flatten().filter(|(kind, _)| of_kind(kind));
    let mut resources: Vec<(&str, &Node)> = defaults.map(|(kind, field)| (kind.as_str(), &field.node)).collect();
    for (collection, each) in collections {
        let Some((entry, _)) = each.kind else { continue };
        let declared = collection.node.as_map().into_iter().flatten();
        resources.extend(declared.map(|(_, field)| (entry.name(), &field.node)));
    }
    let name = resources.into_iter().find_map(|(kind, node)| {
        let (key, name) = node.below(&format!("{kind}_name"))?;
        has_variable(name).then(|| key.unwrap_or(&name.span))
    });
    if let Some(place) = name {
        report
            .warning(report::STAGES, place, "this name depends on a variable, but the name of the stack does not")
            .label("differs from run to run")
            .help(
                "use the variable in `stack` too: runs that share a stack delete each other's resources with --prune",
            );
    }
}

/// Returns true if a text in the node takes the value of a variable.
fn has_variable(node: &Node) -> bool {
    match node.as_map() {
        Some(map) => map.values().any(|field| has_variable(&field.node)),
        None => node.text().and_then(|text| expression::parse(text).ok()).is_some_and(|pieces| {
            pieces.iter().any(|piece| match piece {
                TextPiece::Text(_) => false,
                TextPiece::Expression { name, .. } => name.starts_with("var.") || name.starts_with("env."),
            })
        }),
    }
}
