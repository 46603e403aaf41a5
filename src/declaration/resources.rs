//! A spec's tree to its resources: every place of the table that the tree fills is one.
//!
//! The fields of nested kinds are cut out of the map around them, the words that mean the same for every kind
//! (`ignore`, `prevent_destroy`, `prune`) are taken off, and `defaults` is laid under the rest.

use std::collections::BTreeMap;

use super::node::{Content, Field, Map, Node, Scalar};
use super::places::Place;
use super::report::{self, DiagnosticSink};
use super::written::Written;
use super::{ignored, merge};
use crate::model::suggest::listed;
use crate::model::{Address, KindId, Span};
use crate::resource::{KindEntry, field_traits};

/// The keys that every resource that is a map may have.
pub const COMMON: [&str; 3] = ["ignore", "prevent_destroy", "prune"];

/// Finds the resources of a tree.
pub struct Gatherer<'t, 'r> {
    /// The values under `defaults`, by kind.
    pub defaults: BTreeMap<String, Node>,
    /// The resources found, parents before children.
    pub found: Vec<Written<'t>>,
    /// The parts of the spec whose resources are unknown, as references would name them.
    pub broken: Vec<String>,
    /// Takes what is wrong.
    pub report: &'r mut DiagnosticSink,
}

/// The keys and resources around a point of the tree.
#[derive(Clone)]
struct Enclosing {
    /// The keys of the tree that lead here, as references name them.
    words: Vec<String>,
    keys: Vec<String>,
    parent: Option<Address>,
    /// The index of the parent among those found.
    owner: Option<usize>,
    prune: bool,
}

impl<'t> Gatherer<'t, '_> {
    /// Goes through the top of a spec. Returns what the top-level collections say about pruning, by kind.
    pub fn gather(&mut self, root: &Place<'t>, tree: Map, prune: bool) -> BTreeMap<KindId, bool> {
        let mut collections = BTreeMap::new();
        let around = Enclosing { words: Vec::new(), keys: Vec::new(), parent: None, owner: None, prune };
        for (name, field) in tree {
            if let Some(place) = root.fields.get(name.as_str()) {
                self.below(place, &name, field, around.clone(), &mut collections);
            }
        }
        collections
    }

    fn below(
        &mut self,
        place: &Place<'t>,
        name: &str,
        field: Field,
        mut around: Enclosing,
        collections: &mut BTreeMap<KindId, bool>,
    ) {
        around.words.push(name.to_owned());
        if place.kind.is_some() {
            self.resource(place, name, field, around);
            return;
        }
        let mut map = match field.node.content {
            Content::Map(map) => map,
            Content::Null { .. } => return,
            Content::Broken => return self.broken.push(around.words.join(".")),
            _ => {
                self.broken.push(around.words.join("."));
                let message = format!("`{name}`: expected a map, found {}", field.node.what());
                self.report.error(report::TYPE, field.node.mark(Some(&field.key)), message).label(field.node.what());
                return;
            }
        };
        let Some(each) = &place.each else {
            for (name, field) in map {
                match place.fields.get(name.as_str()) {
                    Some(place) => self.below(place, &name, field, around.clone(), collections),
                    None => self.unknown(&name, &field.key, place.fields.keys().copied(), &around.words),
                }
            }
            return;
        };
        // A resource is never a bare boolean here, so a boolean is the collection's own word.
        if let (Some(entry), Some(word)) = (place.holds(), map.get("prune").and_then(|field| boolean(&field.node))) {
            map.shift_remove("prune");
            around.prune = word;
            collections.insert(entry.id(), word);
        }
        for (key, field) in map {
            if !is_usable(&key) {
                let message = format!("invalid resource name `{key}`");
                self.report
                    .error(report::NAME, &field.key, message)
                    .label("part of addresses and references")
                    .help("use letters, digits, `-`, `_` and `:`");
                continue;
            }
            let mut around = around.clone();
            around.keys.push(key.clone());
            self.below(each, &key, field, around, collections);
        }
    }

    fn resource(&mut self, place: &Place<'t>, name: &str, field: Field, around: Enclosing) {
        let Some((entry, written)) = place.kind else { return };
        let field = reset(entry, field);
        if let Content::Null { removes } = field.node.content {
            if !removes {
                let default = word_for_default(entry).map(|word| format!("write `{word}` for AWS's default"));
                let default = default.unwrap_or_else(|| "write `{}` for a resource that has only defaults".to_owned());
                self.report
                    .warning(
                        report::EMPTY,
                        &field.key,
                        format!("`{name}` has no value, so the resource is not declared"),
                    )
                    .label("no value")
                    .help(format!("{default}, or remove the key"));
            }
            return;
        }
        let address = Address::new(entry.id(), &around.keys);
        let Field { key, node } = field;
        let span = node.span.clone();
        let is_word = node
            .text()
            .is_some_and(|text| entry.schema().get(field_traits::WORDS).is_some_and(|words| words.get(text).is_some()));
        let mut own = match (node.content, entry.shorthand()) {
            (Content::Map(map), _) => map,
            (content, Some(short)) if matches!(content, Content::Scalar(_) | Content::Template(_)) && !is_word => {
                let node = Node { content, span: span.clone() };
                Map::from_iter([(short.to_owned(), Field { key: key.clone(), node })])
            }
            (content, _) => {
                // What it is instead is said when it is held against the kind's schema.
                let node = Node { content, span };
                self.found.push(Written::bare(entry, written, address, &around, key, node));
                return;
            }
        };
        let mut nested = Vec::new();
        if own.keys().any(|name| place.fields.contains_key(name.as_str())) {
            own = own.into_iter().fold(Map::new(), |mut own, (name, field)| {
                if let Some(place) = place.fields.get(name.as_str()) {
                    own.extend(also_parent_field(entry, place, &name, &field).map(|field| (name.clone(), field)));
                    nested.push((name, field));
                } else {
                    own.insert(name, field);
                }
                own
            });
        }
        let node = Node::map(own, span);
        let mut it = Written::bare(entry, written, address.clone(), &around, key, node);
        it.nested = place.fields.keys().copied().collect();
        let is_parent_field =
            |place: &Place<'_>| place.kind.is_some_and(|(entry, _)| entry.lifecycle().is_parent_field);
        let fields = place.fields.iter().filter(|(_, place)| is_parent_field(place));
        it.nested_fields = fields.map(|(name, _)| *name).collect();
        self.finish(&mut it, &nested);
        let inner = Enclosing { parent: Some(address), owner: Some(self.found.len()), prune: it.prune, ..around };
        self.found.push(it);
        for (name, field) in nested {
            if let Some(place) = place.fields.get(name.as_str()) {
                let mut collections = BTreeMap::new();
                self.below(place, &name, field, inner.clone(), &mut collections);
                if let Some(owner) = inner.owner.and_then(|at| self.found.get_mut(at)) {
                    owner.collections.append(&mut collections);
                }
            }
        }
    }

    /// Takes the common words off and lays the defaults under.
    fn finish(&mut self, it: &mut Written<'t>, nested: &[(String, Field)]) {
        // What the user has written, without the defaults.
        let defaults = self.defaults.get(it.entry.name());
        let ignores = |node: &Node| node.below("ignore").is_some();
        let own = (ignores(&it.node) || defaults.is_some_and(ignores)).then(|| it.node.clone());
        if let Some(defaults) = defaults {
            merge::underlay(&mut it.node, defaults);
        }
        let Content::Map(map) = &mut it.node.content else { return };
        let mut words = BTreeMap::new();
        for word in COMMON {
            if let Some(field) = map.shift_remove(word).filter(|field| !field.node.is_null()) {
                words.insert(word, field);
            }
        }
        let mut switch = |word: &str, before: bool| match words.get(word) {
            None => before,
            Some(Field { node: Node { content: Content::Broken, .. }, .. }) => before,
            Some(field) => boolean(&field.node).unwrap_or_else(|| {
                let message = format!("`{word}`: expected `true` or `false`, found {}", field.node.what());
                self.report.error(report::TYPE, field.node.mark(Some(&field.key)), message).label(field.node.what());
                before
            }),
        };
        it.prevent_destroy = switch("prevent_destroy", false);
        it.prune = switch("prune", it.prune);
        if let Some(field) = words.remove("ignore") {
            ignored::take_away(it, own.as_ref(), nested, &field, self.report);
        }
    }

    fn unknown(&mut self, name: &str, key: &Span, known: impl Iterator<Item = &'static str> + Clone, words: &[String]) {
        let meant = self.report.nearest(name, known.clone());
        self.broken.extend(meant.map(|name| format!("{}.{name}", words.join("."))));
        let help = meant.map(report::did_you_mean).unwrap_or_else(|| format!("expected one of {}", listed(known)));
        self.report.error(report::UNKNOWN_KEY, key, format!("unknown key `{name}`")).label("unknown key").help(help);
    }
}

impl<'t> Written<'t> {
    fn bare(
        entry: &'t KindEntry,
        place: &'static str,
        address: Address,
        around: &Enclosing,
        key: Span,
        node: Node,
    ) -> Self {
        Written {
            entry,
            place,
            address,
            parent: around.parent.clone(),
            key,
            node,
            nested: Vec::new(),
            nested_fields: Vec::new(),
            ignore: Vec::new(),
            prevent_destroy: false,
            prune: around.prune,
            collections: BTreeMap::new(),
        }
    }
}

/// Returns a field as a resource with AWS's default if `null` replaced the value of an earlier file and means that.
fn reset(entry: &KindEntry, field: Field) -> Field {
    let resets = field.node.content == (Content::Null { removes: true })
        && field_traits::has(entry.schema(), field_traits::NULL);
    let Some(short) = entry.shorthand().filter(|_| resets) else { return field };
    let span = field.node.span.clone();
    let Field { key, node } = field;
    // The null stays below, so that `defaults` puts nothing in its place.
    let map = Map::from_iter([(short.to_owned(), Field { key: key.clone(), node })]);
    Field { key, node: Node::map(map, span) }
}

/// Returns the word for the default of the field that a bare scalar stands for.
fn word_for_default(entry: &KindEntry) -> Option<&str> {
    let words = entry.schema().get("properties")?.get(entry.shorthand()?)?.get(field_traits::WORDS)?.as_object()?;
    words.iter().find(|(_, value)| value.is_null()).map(|(word, _)| word.as_str())
}

/// Returns the value that a resource needs itself of the resource at one of its fields, because its schema has the field too.
fn also_parent_field(entry: &KindEntry, place: &Place<'_>, name: &str, field: &Field) -> Option<Field> {
    entry.schema().get("properties")?.get(name)?;
    match (&field.node.content, place.kind.and_then(|(entry, _)| entry.shorthand())) {
        (Content::Map(map), Some(short)) => map.get(short).cloned(),
        _ => Some(field.clone()),
    }
}

/// The boolean that a node is.
pub fn boolean(node: &Node) -> Option<bool> {
    match &node.content {
        Content::Scalar(Scalar { text, plain: true, .. }) if text == "true" => Some(true),
        Content::Scalar(Scalar { text, plain: true, .. }) if text == "false" => Some(false),
        _ => None,
    }
}

/// Tests whether a key can be part of an address and of a reference.
fn is_usable(key: &str) -> bool {
    let is_separator = |c: char| c.is_whitespace() || c.is_control() || "/.*${}\"'`,".contains(c);
    !key.is_empty() && key.len() <= 256 && !key.contains(is_separator)
}
