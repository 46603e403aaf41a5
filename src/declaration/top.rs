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
use super::{guards, targets};
use crate::model::suggest::listed;
use crate::model::{FieldPath, Guards, Secrets, Span};
use crate::resource::KindEntry;

/// The top of a spec.
pub struct Top {
    /// The stack's name.
    pub stack: Option<String>,
    /// The only account and region in which it may be applied.
    pub target: Option<Target>,
    /// The limits of its plans.
    pub guards: Guards,
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
            "target": target("The account and region for which the spec is meant; it is refused elsewhere."),
            "targets": {
                "description": "The accounts and regions in which the spec is applied side by side, by names of your own.",
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": "^[A-Za-z0-9_-]{1,64}$"},
                "additionalProperties": target("One of the accounts and regions in which the spec is applied."),
            },
            "limits": guards::schema(),
            "prune": {
                "description": "Whether live resources that the spec does not name are deleted; without it they are \
                    reported as unmanaged.",
                "type": "boolean",
            },
        },
    })
}

/// The schema of an account and a region.
fn target(description: &str) -> Value {
    json!({
        "description": description,
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
            "role_arn": {
                "description": "The role that is assumed to work there.",
                "type": "string",
                "pattern": "^arn:[a-z0-9-]+:iam::[0-9]{12}:role/.+$",
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
    for name in ["version", "stack", "target", targets::KEY, guards::KEY, "prune"] {
        if let Some(mut field) = tree.shift_remove(name) {
            values.expand(&mut field.node, report);
            own.insert(name.to_owned(), field);
        }
    }
    let start = Span { source: 0, range: 0..0 };
    let node = Node::map(own, start.clone());
    let (mut patterns, mut secrets) = (Patterns::default(), Secrets::default());
    let mut shape = Shape::new(report, &mut patterns, &mut secrets, "the spec".to_owned());
    let value = shape.read(&node, &schema, Spot { path: &FieldPath::root(), key: &start });
    for pending in shape.pending {
        report.error(report::EXPANSION, pending.span, "references cannot be used at the top of a spec");
    }
    // Read one by one, so that a mistake in one does not hide the others.
    let stack = node.below("stack").and_then(|(_, node)| node.text()).map(str::to_owned);
    // All but the chosen one of several targets have been taken out.
    let several = node.below(targets::KEY).and_then(|(_, several)| several.as_map());
    let one = several.and_then(|several| several.values().next()).map(|field| &field.node);
    let target = one.or_else(|| Some(node.below("target")?.1)).filter(|target| target.as_map().is_some()).map(|it| {
        let text = |name| it.below(name).and_then(|(_, node)| node.text()).map(str::to_owned);
        let (account, role_arn) = (text("account"), text("role_arn"));
        // A role works in its own account.
        let of_role = role_arn.as_ref().and_then(|arn| arn.split(':').nth(4)).map(str::to_owned);
        if let (Some(account), Some(of_role), Some((_, role))) = (&account, &of_role, it.below("role_arn"))
            && account != of_role
        {
            let message = format!("the role is of account {of_role}, and the target is account {account}");
            report.error(report::VALUE, &role.span, message).help("name a role of the account, or leave `account` out");
        }
        Target { account: account.or(of_role), region: text("region"), role_arn }
    });
    let prune = node.below("prune").and_then(|(_, node)| boolean(node)).unwrap_or(false);
    let guards = guards::guards(value.as_ref().and_then(|value| value.get(guards::KEY)));
    Top { stack, target, guards, prune, misspelled }
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
