//! Takes the target of a run out of `targets`, where one spec names several accounts and regions to be applied in.
//!
//! A spec is resolved for one target at a time, as if it were the only one: only its own values are filled in. So a run
//! that chooses some of the targets needs nothing of the others, such as a variable of the environment that this machine lacks.

use super::node::{Content, Field, Map, Node};
use super::report::{self, DiagnosticSink};
use crate::model::suggest::listed;

/// The key under which the targets stand.
pub const KEY: &str = "targets";

/// Returns the names of the targets, in the order of the text.
pub fn names(tree: &Map) -> Vec<String> {
    let targets = tree.get(KEY).and_then(|field| field.node.as_map());
    targets.into_iter().flatten().filter(|(_, field)| is_there(field)).map(|(name, _)| name.clone()).collect()
}

/// Tests for a field that no later file removes.
fn is_there(field: &Field) -> bool {
    !matches!(field.node.content, Content::Null { .. })
}

/// Leaves only the chosen target in the tree, and returns the variables that it sets.
pub fn choose(tree: &mut Map, chosen: Option<&str>, report: &mut DiagnosticSink) -> Map {
    let several = tree.shift_remove(KEY).filter(is_there);
    let (Some(field), rival) = (several, tree.get("target").filter(|field| is_there(field))) else {
        if let Some(name) = chosen {
            let message = format!("the spec has no `targets`, and the target `{name}` was chosen");
            report.error_without_place(report::UNKNOWN_KEY, message).help("leave the choice out");
        }
        return Map::new();
    };
    let Field { key, node } = field;
    if let Some(rival) = rival {
        report
            .error(report::VALUE, &rival.key, "a spec has `target` or `targets`, not both")
            .label("the only target")
            .related(key, "several targets")
            .help("write this one under `targets`, with a name");
        return Map::new();
    }
    let span = node.span.clone();
    let mut targets = match node.content {
        Content::Map(mut targets) => {
            targets.retain(|_, field| is_there(field));
            targets
        }
        Content::Broken => return Map::new(),
        _ => {
            let message = format!("`targets`: expected a map of names and targets, found {}", node.what());
            report.error(report::TYPE, node.mark(Some(&key)), message).label(node.what());
            return Map::new();
        }
    };
    if targets.is_empty() {
        report.error(report::NO_VALUE, &key, "`targets` names no target").help("add one, or leave `targets` out");
        return Map::new();
    }
    for (name, field) in targets.iter().filter(|(name, _)| !is_name(name)) {
        report
            .error(report::NAME, &field.key, format!("`{name}` cannot be the name of a target"))
            .label("name of a target")
            .help("a name has letters, digits, `-` and `_`, at most 64");
    }
    let Some(name) = chosen else {
        let message = format!("the spec has several targets: {}", listed(targets.keys().map(String::as_str)));
        report.error(report::VALUE, &key, message).help("choose one");
        return Map::new();
    };
    let Some(mut target) = targets.shift_remove(name) else {
        let near = report.did_you_mean(name, targets.keys().map(String::as_str));
        let all = || format!("the targets are {}", listed(targets.keys().map(String::as_str)));
        let help = near.unwrap_or_else(all);
        report.error(report::UNKNOWN_KEY, &key, format!("`targets` has no target `{name}`")).help(help);
        return Map::new();
    };
    let vars = match &mut target.node.content {
        Content::Map(fields) => fields.shift_remove("vars").map(|vars| variables(vars, report)),
        _ => None,
    };
    let only = Map::from_iter([(name.to_owned(), target)]);
    tree.insert(KEY.to_owned(), Field { key, node: Node::map(only, span) });
    vars.unwrap_or_default()
}

/// Tests for a name that can be written on a command line, and be the name of a folder.
fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        && !name.is_empty()
}

fn variables(Field { key, node }: Field, report: &mut DiagnosticSink) -> Map {
    match node.content {
        Content::Map(map) => map,
        Content::Null { .. } | Content::Broken => Map::new(),
        _ => {
            let message = format!("`vars`: expected a map, found {}", node.what());
            report.error(report::TYPE, node.mark(Some(&key)), message).label(node.what());
            Map::new()
        }
    }
}
