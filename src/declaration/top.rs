//! The keys at the top of a spec that are no resources.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::bounds::Patterns;
use super::interpolate::Values;
use super::node::{Content, Field, Map, Node};
use super::places::Place;
use super::report::{self, DiagnosticSink};
use super::resources::boolean;
use super::shape::Shape;
use super::spot::Spot;
use super::stack::Target;
use crate::model::suggest::listed;
use crate::model::{FieldPath, Secrets, Span};
use crate::resource::KindEntry;

/// The top of a spec.
pub struct Top {
    /// The stack's name.
    pub stack: Option<String>,
    /// The only account and region in which it may be applied.
    pub target: Option<Target>,
    /// True if live resources that it does not name are deleted.
    pub prune: bool,
    /// The collections for which misspelled keys probably stand.
    pub misspelled: Vec<String>,
}

/// The schema of the keys that are no resources, without `defaults`, `vars` and the collections.
pub fn schema() -> Value {
    json!({
        "type": "object",
        "required": ["version", "stack"],
        "additionalProperties": false,
        "properties": {
            "version": {
                "description": "The version of the format of this file.",
                "type": "integer",
                "enum": [1],
            },
            "stack": {
                "description": "The name of the stack, written to live resources as the tag `trueup:stack`. At most 128 \
                    characters that AWS allows in tags: letters, digits, spaces and `_.:/=+-@`.",
                "type": "string",
                "minLength": 1,
                "maxLength": 128,
                "pattern": r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$",
            },
            "target": {
                "description": "The account and region for which the spec is meant; it is refused elsewhere.",
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "account": {
                        "description": "The twelve digits of the AWS account.",
                        "type": "string",
                        "pattern": "^[0-9]{12}$",
                    },
                    "region": {
                        "description": "The region, such as `eu-west-1`.",
                        "type": "string",
                        "pattern": "^[a-z]{2,}(-[a-z0-9]+)+-[0-9]+$",
                    },
                },
            },
            "prune": {
                "description": "Whether live resources that the spec does not name are deleted; without it they are \
                    reported as unmanaged.",
                "type": "boolean",
            },
        },
    })
}

/// Takes the top keys out of the tree. What is left are the collections.
pub fn read(tree: &mut Map, root: &Place<'_>, values: &mut Values<'_>, report: &mut DiagnosticSink) -> Top {
    let schema = schema();
    let known = schema["properties"].as_object().into_iter().flat_map(|names| names.keys().map(String::as_str));
    let known: Vec<&str> = known.chain(["vars", "defaults"]).chain(root.fields.keys().copied()).collect();
    let mut misspelled = Vec::new();
    tree.retain(|name, field| {
        let is_known = known.contains(&name.as_str());
        if !is_known && !name.starts_with("x-") {
            let meant = report.nearest(name, known.iter().copied());
            misspelled.extend(meant.filter(|name| root.fields.contains_key(name)).map(str::to_owned));
            let help = meant
                .map(report::did_you_mean)
                .unwrap_or_else(|| format!("its fields are {}", listed(known.iter().copied())));
            report
                .error(report::UNKNOWN_KEY, &field.key, format!("the spec has no field `{name}`"))
                .label("unknown field")
                .help(help);
        }
        is_known
    });
    let mut own = Map::new();
    for name in ["version", "stack", "target", "prune"] {
        if let Some(mut field) = tree.shift_remove(name) {
            values.expand(&mut field.node, report);
            own.insert(name.to_owned(), field);
        }
    }
    let start = Span { source: 0, range: 0..0 };
    let node = Node::map(own, start.clone());
    let (mut patterns, mut secrets) = (Patterns::default(), Secrets::default());
    let mut shape = Shape::new(report, &mut patterns, &mut secrets, "the spec".to_owned());
    shape.read(&node, &schema, Spot { path: &FieldPath::root(), key: &start });
    for pending in shape.pending {
        report.error(report::EXPANSION, pending.span, "references cannot be used at the top of a spec");
    }
    // Read one by one, so that a mistake in one does not hide the others.
    let text = |keys: &[&str]| keys.iter().try_fold(&node, |node, key| Some(node.below(key)?.1)).and_then(Node::text);
    let stack = text(&["stack"]).map(str::to_owned);
    let target = node.below("target").filter(|(_, node)| matches!(node.content, Content::Map(_))).map(|_| Target {
        account: text(&["target", "account"]).map(str::to_owned),
        region: text(&["target", "region"]).map(str::to_owned),
    });
    let prune = node.below("prune").and_then(|(_, node)| boolean(node)).unwrap_or(false);
    Top { stack, target, prune, misspelled }
}

/// Takes `defaults` out of the tree: what is laid under every resource, by kind.
pub fn defaults(tree: &mut Map, table: &[KindEntry], report: &mut DiagnosticSink) -> BTreeMap<String, Node> {
    let Some(Field { key, node }) = tree.shift_remove("defaults") else { return BTreeMap::new() };
    let map = match node.content {
        Content::Map(map) => map,
        Content::Null { .. } | Content::Broken => return BTreeMap::new(),
        _ => {
            let message = format!("`defaults`: expected a map of resource types, found {}", node.what());
            report.error(report::TYPE, node.mark(Some(&key)), message).label(node.what());
            return BTreeMap::new();
        }
    };
    let mut defaults = BTreeMap::new();
    for (name, field) in map {
        let kinds = || table.iter().map(|entry| entry.name());
        if !kinds().any(|kind| kind == name) {
            let help = report
                .did_you_mean(&name, kinds())
                .unwrap_or_else(|| format!("the resource types are {}", listed(kinds())));
            report
                .error(report::UNKNOWN_KEY, &field.key, format!("unknown resource type `{name}`"))
                .label("unknown resource type")
                .help(help);
            continue;
        }
        match field.node.content {
            Content::Map(_) => drop(defaults.insert(name, field.node)),
            Content::Null { .. } | Content::Broken => {}
            _ => {
                let message = format!("the defaults of `{name}`: expected a map, found {}", field.node.what());
                report.error(report::TYPE, field.node.mark(Some(&field.key)), message).label(field.node.what());
            }
        }
    }
    defaults
}
