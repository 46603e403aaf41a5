//! Cuts the tree into resources, by the places in the table of kinds.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::interpolate::Known;
use super::shape::{Mentioning, Shaper};
use super::yaml::{Content, Key, Node};
use super::{Desired, Files, Found, Inputs, Stack, Target, merge, nearest, references, rules};
use crate::kinds::{At, Entry, KINDS};
use crate::model::{Address, Path, Scope, Span};

/// Keys that every resource may have beside its own.
pub const META: [&str; 3] = ["ignore", "prevent_destroy", "prune"];

/// The account of a spec that names none, where nobody has asked AWS.
const NO_ACCOUNT: &str = "000000000000";

/// A resource as it was cut out, before anything is joined.
pub struct Cut {
    /// What will become of it.
    pub desired: Desired,
    /// Its own part of the tree, with defaults laid under.
    pub node: Node,
    /// Fields that mention other resources.
    pub mentions: Vec<Mentioning>,
    /// Whether its value fits its schema.
    pub fits: bool,
}

/// Reads the whole tree.
pub fn resources(
    root: Node,
    inputs: &Inputs,
    files: &dyn Files,
    scope: Option<(String, String)>,
    found: &mut Found,
    target: &mut Option<Target>,
) -> Option<Stack> {
    let Content::Map(entries) = &root.content else {
        found.error("S003", Some(root.span), "a spec is a map".to_owned(), "begin with `version: 1` and `stack: NAME`");
        return None;
    };
    top_level(entries, found);
    let header = header(&root, found);
    *target = header.target.clone();
    let vars = variables(&root, inputs, files, found);
    let wanted = header.target.unwrap_or_default();
    let (account, region) = scope.unwrap_or_else(|| {
        (
            wanted.account.unwrap_or_else(|| NO_ACCOUNT.to_owned()),
            wanted.region.unwrap_or_else(|| "us-east-1".to_owned()),
        )
    });
    let scope = Scope { account, region, stack: header.stack };
    let cutting = Cutting {
        root: &root,
        vars,
        environment: &inputs.environment,
        scope: scope.clone(),
        folders: found.folders.clone(),
    };
    let mut cut = BTreeMap::new();
    let place = Place { prefix: "", keys: Vec::new(), names: Vec::new(), parent: None, prune: header.prune };
    cutting.below(&root, &place, found, &mut cut);
    cutting.implied(&mut cut);
    references::join(&mut cut, found);
    rules::check(&mut cut, found);
    let resources = cut.into_iter().map(|(address, cut)| (address, cut.desired)).collect();
    Some(Stack { scope, prune: header.prune, resources })
}

struct Header {
    stack: String,
    target: Option<Target>,
    prune: bool,
}

/// The fields directly below a place: `(field, kind, whether it is a map of resources)`.
pub fn children(prefix: &str) -> impl Iterator<Item = (&'static str, &'static Entry, bool)> + '_ {
    KINDS.iter().flat_map(|kind| kind.places().iter().map(move |place| (kind, *place))).filter_map(
        move |(kind, place)| {
            let rest = if prefix.is_empty() { Some(place) } else { place.strip_prefix(prefix)?.strip_prefix('.') }?;
            match rest.strip_suffix(".*") {
                Some(field) if !field.contains('.') => Some((field, kind, true)),
                None if !rest.contains('.') => Some((rest, kind, false)),
                _ => None,
            }
        },
    )
}

fn top_level(entries: &[(Key, Node)], found: &mut Found) {
    let mut known = vec!["version", "stack", "target", "vars", "defaults", "prune"];
    known.extend(children("").map(|(field, ..)| field));
    for (key, _) in entries {
        if !known.contains(&key.text.as_str()) && !key.text.starts_with("x-") {
            let help = match nearest(&key.text, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}, and `x-…` for what is yours", known.join(", ")),
            };
            found.error("S002", Some(key.span.clone()), format!("there is no field `{}`", key.text), &help);
        }
    }
}

fn header(root: &Node, found: &mut Found) -> Header {
    let scalar = |node: &Node| match &node.content {
        Content::Scalar { text, .. } => Some(text.clone()),
        _ => None,
    };
    match root.get("version") {
        Some(node) if scalar(node).as_deref() == Some("1") => {}
        Some(node) => drop(found.error(
            "S003",
            Some(node.span.clone()),
            "this trueup reads specs of version 1".to_owned(),
            "write `version: 1`",
        )),
        None => drop(found.error(
            "S004",
            Some(root.span.clone()),
            "`version` is missing".to_owned(),
            "begin with `version: 1`",
        )),
    }
    let stack = match root.get("stack") {
        None => {
            found.error(
                "S004",
                Some(root.span.clone()),
                "`stack` is missing".to_owned(),
                "add `stack: NAME`: it marks what is ours",
            );
            String::new()
        }
        Some(node) => {
            let name = scalar(node).unwrap_or_default();
            let fits = |c: char| c.is_alphanumeric() || "_.:/=+-@ ".contains(c);
            if name.is_empty() || name.chars().count() > 128 || !name.chars().all(fits) {
                let help = "use 1 to 128 letters, digits, blanks and `_.:/=+-@`";
                found.error("S005", Some(node.span.clone()), format!("`{name}` cannot name a stack"), help);
            }
            name
        }
    };
    let target = root.get("target").map(|node| {
        let mut target = Target::default();
        if let Content::Map(entries) = &node.content {
            for (key, node) in entries {
                match (key.text.as_str(), scalar(node)) {
                    ("account", Some(account)) => target.account = Some(account),
                    ("region", Some(region)) => target.region = Some(region),
                    _ => drop(found.error(
                        "S002",
                        Some(key.span.clone()),
                        format!("a target has no `{}`", key.text),
                        "it has `account` and `region`",
                    )),
                }
            }
        }
        if let Some(account) = target
            .account
            .as_ref()
            .filter(|account| account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()))
        {
            let help = "write its twelve digits in quotes: `account: \"123456789012\"`";
            found.error("S005", Some(node.span.clone()), format!("`{account}` is not an account"), help);
        }
        target
    });
    let prune = root.get("prune").is_some_and(|node| flag(node, found));
    Header { stack, target, prune }
}

fn flag(node: &Node, found: &mut Found) -> bool {
    match &node.content {
        Content::Scalar { text, plain: true } if text == "true" => true,
        Content::Scalar { text, plain: true } if text == "false" => false,
        _ => {
            found.error("S003", Some(node.span.clone()), "this is neither `true` nor `false`".to_owned(), "");
            false
        }
    }
}

/// The variables: those of the spec, then those of files, then those of the command line.
fn variables(root: &Node, inputs: &Inputs, files: &dyn Files, found: &mut Found) -> BTreeMap<String, String> {
    let mut vars = BTreeMap::new();
    let take = |node: &Node, found: &mut Found, vars: &mut BTreeMap<String, String>| match &node.content {
        Content::Map(entries) => {
            for (key, node) in entries {
                match &node.content {
                    Content::Scalar { text, .. } => drop(vars.insert(key.text.clone(), text.clone())),
                    Content::Null => {}
                    _ => drop(found.error(
                        "S003",
                        Some(node.span.clone()),
                        format!("the variable `{}` is {}", key.text, node.what()),
                        "variables are single values",
                    )),
                }
            }
        }
        Content::Null => {}
        _ => drop(found.error("S003", Some(node.span.clone()), "variables are a map".to_owned(), "")),
    };
    if let Some(node) = root.get("vars") {
        take(node, found, &mut vars);
    }
    for file in &inputs.var_files {
        if let Some(node) = found.read(file, files) {
            take(&node, found, &mut vars);
        }
    }
    for (name, value) in &inputs.vars {
        if !vars.contains_key(name) {
            let near = nearest(name, vars.keys().map(String::as_str));
            let help =
                near.map_or_else(|| "declare it under `vars:`".to_owned(), |near| format!("did you mean `{near}`?"));
            found.error("S006", None, format!("`--var {name}=…`: the spec has no variable `{name}`"), &help);
        }
        vars.insert(name.clone(), value.clone());
    }
    vars
}

/// What all resources are cut with.
struct Cutting<'a> {
    root: &'a Node,
    vars: BTreeMap<String, String>,
    environment: &'a BTreeMap<String, String>,
    scope: Scope,
    folders: Vec<std::path::PathBuf>,
}

/// A place in the tree that resources hang below.
struct Place<'a> {
    prefix: &'a str,
    keys: Vec<String>,
    names: Vec<String>,
    parent: Option<Address>,
    prune: bool,
}

impl Cutting<'_> {
    fn shaper(&self, also: Vec<String>) -> Shaper<'_> {
        let known = Known {
            vars: &self.vars,
            environment: self.environment,
            account: &self.scope.account,
            region: &self.scope.region,
            stack: &self.scope.stack,
        };
        Shaper { known, also }
    }

    /// Cuts out everything directly below a place, and what is below that.
    fn below(&self, node: &Node, place: &Place<'_>, found: &mut Found, cut: &mut BTreeMap<Address, Cut>) {
        for (field, kind, many) in children(place.prefix) {
            let Some((key, value)) = node.entry(field).filter(|(_, value)| !value.is_null()) else { continue };
            let prefix = if place.prefix.is_empty() { field.to_owned() } else { format!("{}.{field}", place.prefix) };
            if !many {
                self.resource(kind, &prefix, key, value, place, None, found, cut);
                continue;
            }
            let Content::Map(entries) = &value.content else {
                let help = format!("write a map of names: `{field}: {{NAME: …}}`");
                found.error("S003", Some(value.span.clone()), format!("`{field}` is {}", value.what()), &help);
                continue;
            };
            for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
                self.resource(kind, &format!("{prefix}.*"), key, value, place, Some(field), found, cut);
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn resource(
        &self,
        kind: &'static Entry,
        prefix: &str,
        key: &Key,
        node: &Node,
        place: &Place<'_>,
        collection: Option<&str>,
        found: &mut Found,
        cut: &mut BTreeMap<Address, Cut>,
    ) {
        let node = match (&node.content, kind.shorthand()) {
            (Content::Scalar { .. }, Some(field)) => {
                let key = Key { text: field.to_owned(), span: key.span.clone() };
                Node { content: Content::Map(vec![(key, node.clone())]), span: node.span.clone() }
            }
            _ => self.with_defaults(node, collection),
        };
        let Content::Map(entries) = &node.content else {
            found.error(
                "S003",
                Some(node.span.clone()),
                format!("`{}` is {}", key.text, node.what()),
                "it takes a map",
            );
            return;
        };
        if collection.is_some() && (key.text.is_empty() || key.text.contains(['/', '.', '$', ' '])) {
            let help = "use letters, digits, `-` and `_`: the key is part of the resource's address";
            found.error("S005", Some(key.span.clone()), format!("`{}` cannot be a key", key.text), help);
            return;
        }
        let mut keys = place.keys.clone();
        keys.extend(collection.map(|_| key.text.clone()));
        let address = Address { kind: kind.name().to_owned(), keys: keys.clone() };
        let nested: Vec<&str> = children(prefix).map(|(field, ..)| field).collect();
        let is_own = |name: &str| !nested.contains(&name) && !META.contains(&name);
        let own: Vec<(Key, Node)> = entries.iter().filter(|(key, _)| is_own(&key.text)).cloned().collect();
        let own = Node { content: Content::Map(own), span: key.span.clone() };
        let also = nested.iter().map(|name| (*name).to_owned()).chain(META.map(str::to_owned)).collect();
        let (value, shaped) = self.shaper(also).shape(&own, kind.schema(), found);
        // What does not fit is left out, so that the rules have their say about the rest.
        let normal = kind.normal(&without_nothing(value.clone())).ok();
        let fits = normal.is_some();
        if shaped.fits && !fits {
            found.error("S003", Some(key.span.clone()), format!("`{}` does not fit its kind", key.text), "");
        }
        let value = normal.unwrap_or(value);
        let name = if fits { kind.live_name(&value, &key.text) } else { key.text.clone() };
        let mut names = place.names.clone();
        names.extend(collection.map(|_| name));
        let prune = node.get("prune").map_or(place.prune, |node| flag(node, found));
        let desired = Desired {
            at: At { scope: self.scope.clone(), address: address.clone(), names: names.clone() },
            value,
            pending: BTreeMap::new(),
            depends_on: place.parent.iter().cloned().collect(),
            parent: place.parent.clone(),
            ignore: ignored(&node, &shaped.declared, found),
            prevent_destroy: node.get("prevent_destroy").is_some_and(|node| flag(node, found)),
            prune,
            span: key.span.clone(),
            folder: self.folders.get(key.span.source).cloned().unwrap_or_default(),
        };
        let below = Place { prefix, keys, names, parent: Some(address.clone()), prune };
        let piece = Cut { desired, node: own, mentions: shaped.mentions, fits };
        cut.insert(address, piece);
        self.below(&node, &below, found, cut);
    }

    /// The node with the defaults of its collection laid under it: `defaults: {function: …}` for `functions`.
    fn with_defaults(&self, node: &Node, collection: Option<&str>) -> Node {
        let singular = collection.map(|field| field.strip_suffix('s').unwrap_or(field));
        let defaults = singular.and_then(|singular| self.root.get("defaults")?.get(singular));
        match defaults {
            Some(defaults) if matches!(node.content, Content::Map(_)) => {
                let merged = merge::merge(defaults.clone(), node.clone());
                Node { span: node.span.clone(), ..merged }
            }
            _ => node.clone(),
        }
    }

    /// Brings into being what is only referred to, where its kind allows that.
    fn implied(&self, cut: &mut BTreeMap<Address, Cut>) {
        let mut wanted: Vec<(Address, Address)> = Vec::new();
        for (address, piece) in cut.iter().filter(|(_, piece)| piece.fits) {
            let Some(kind) = crate::kinds::kind(&address.kind) else { continue };
            let implied = kind.implied_references(&piece.desired.value, &piece.desired.at);
            let targets = implied
                .iter()
                .flat_map(|(_, template)| template.references().map(|reference| reference.target.clone()));
            wanted.extend(targets.map(|target| (target, address.clone())));
        }
        for (target, because) in wanted {
            let Some(kind) = crate::kinds::kind(&target.kind).filter(|kind| kind.is_implied()) else { continue };
            let Ok(value) = kind.normal(&Value::Object(serde_json::Map::new())) else { continue };
            if cut.contains_key(&target) {
                continue;
            }
            let Some(user) = cut.get(&because) else { continue };
            let parent = cut.keys().find(|parent| parent.keys == target.keys && parent.kind != target.kind).cloned();
            let names = parent.as_ref().map(|parent| cut[parent].desired.at.names.clone()).unwrap_or_default();
            let span: Span = user.desired.span.clone();
            let desired = Desired {
                at: At { scope: self.scope.clone(), address: target.clone(), names },
                value,
                pending: BTreeMap::new(),
                depends_on: parent.iter().cloned().collect(),
                parent,
                ignore: Vec::new(),
                prevent_destroy: false,
                prune: user.desired.prune,
                span: span.clone(),
                folder: user.desired.folder.clone(),
            };
            let node = Node { content: Content::Map(Vec::new()), span };
            cut.insert(target, Cut { desired, node, mentions: Vec::new(), fits: true });
        }
    }
}

/// A map without the fields that hold nothing.
fn without_nothing(mut value: Value) -> Value {
    if let Some(map) = value.as_object_mut() {
        map.retain(|_, value| !value.is_null());
        map.values_mut().for_each(|value| *value = without_nothing(value.take()));
    }
    value
}

/// The fields that are not ours; declaring one of them as well makes no sense.
fn ignored(node: &Node, declared: &BTreeSet<Path>, found: &mut Found) -> Vec<Path> {
    let Some(list) = node.get("ignore") else { return Vec::new() };
    let Content::List(items) = &list.content else {
        found.error(
            "S003",
            Some(list.span.clone()),
            format!("`ignore` is {}", list.what()),
            "it takes a list of fields: `ignore: [environment]`",
        );
        return Vec::new();
    };
    let mut ignored = Vec::new();
    for item in items {
        let Content::Scalar { text, .. } = &item.content else {
            found.error("S003", Some(item.span.clone()), "this does not name a field".to_owned(), "");
            continue;
        };
        let path = Path::parse(text);
        if declared.iter().any(|declared| declared.within(&path)) {
            let help = "take away the declaration, or the line under `ignore`";
            found.error("S009", Some(item.span.clone()), format!("`{text}` is declared and ignored"), help);
        }
        ignored.push(path);
    }
    ignored
}
