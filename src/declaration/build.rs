//! Written resources to declared ones: values by the kinds' schemas, names, references, order.

mod links;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use super::bounds::Patterns;
use super::broken::{self, BrokenPlace, BrokenResource};
use super::cycles::{self, Edge, EdgeReason, Edges};
use super::elsewhere::Elsewhere;
use super::node::Node;
use super::places::{self, Place};
use super::report::{self, DiagnosticSink};
use super::resources::COMMON;
use super::rules::{self, SpecContext};
use super::shape::{Pending, Shape};
use super::spot::Spot;
use super::stack::Desired;
use super::written::Written;
use crate::model::{Address, AddressMap, FieldPath, KindId, Scope, Secrets, Span, has_reference};
use crate::resource::{Document, KindEntry, ResourceRef};

/// Makes the resources of one spec.
pub struct Builder<'t, 'r> {
    /// The kinds.
    pub table: &'t [KindEntry],
    /// Their places in the spec.
    pub root: &'r Place<'t>,
    /// The account, region and stack.
    pub scope: &'r Arc<Scope>,
    /// The folders of the files.
    pub folders: &'r [PathBuf],
    /// Takes what is wrong.
    pub report: &'r mut DiagnosticSink,
    /// Takes what must not be shown.
    pub secrets: &'r mut Secrets,
    patterns: Patterns,
    resources: BTreeMap<Address, Desired>,
    /// The tree of every resource and the place of its key.
    trees: HashMap<Address, (Node, Span)>,
    /// All that is written, also what has something wrong in it: its place in the table, and its key.
    written: BTreeMap<Address, (&'static str, Span)>,
    /// The resources with fields that do not fit; their values in `resources` are some of those that they could have.
    broken: BTreeMap<Address, BrokenResource>,
    broken_places: Vec<BrokenPlace>,
    names: HashMap<Address, Arc<[String]>>,
    /// The resources whose own name is unknown.
    unnamed: BTreeSet<Address>,
    edges: Edges,
}

impl<'t, 'r> Builder<'t, 'r> {
    /// Begins with no resources.
    pub fn new(
        table: &'t [KindEntry],
        root: &'r Place<'t>,
        scope: &'r Arc<Scope>,
        folders: &'r [PathBuf],
        report: &'r mut DiagnosticSink,
        secrets: &'r mut Secrets,
    ) -> Self {
        Builder {
            table,
            root,
            scope,
            folders,
            report,
            secrets,
            patterns: Patterns::default(),
            resources: BTreeMap::new(),
            trees: HashMap::new(),
            written: BTreeMap::new(),
            broken: BTreeMap::new(),
            broken_places: Vec::new(),
            names: HashMap::new(),
            unnamed: BTreeSet::new(),
            edges: Edges::new(),
        }
    }

    /// Makes all resources. They can be used if no error was reported. `broken` has the parts of the spec whose resources are
    /// unknown.
    pub fn build(mut self, written: Vec<Written<'t>>, broken: Vec<String>) -> AddressMap<Desired> {
        self.broken_places.extend(broken.into_iter().map(|words| BrokenPlace::new(self.root, words)));
        for it in &written {
            if let Some((other, key)) = self.written.insert(it.address.clone(), (it.place, it.key.clone())) {
                let [place, other] = [it.place, other].map(|place| places::written(place, &it.address.keys));
                self.report
                    .error(report::NAME, &it.key, format!("`{place}` and `{other}` are both {}", it.address))
                    .label("second declaration")
                    .related(key, "first declaration")
                    .help("remove one of them");
            }
        }
        let mut pending = Vec::new();
        for it in written {
            self.declare(it, &mut pending);
        }
        self.unique();
        let mentions = self.refer(pending);
        let runs_after = self.imply();
        self.follow(runs_after);
        self.attributes(&mentions);
        cycles::check(&self.edges, self.report);
        let resources: AddressMap<Desired> = self.resources.into_iter().collect();
        let around = SpecContext::new(self.table, &resources, &self.broken, &self.broken_places);
        rules::check(&around, &self.trees, self.report);
        resources
    }

    fn declare(&mut self, it: Written<'t>, all: &mut Vec<(Address, Pending)>) {
        let Written { entry, place, address, parent, key, node, .. } = it;
        address.keys.iter().for_each(|key| self.secrets.reveal(key));
        let owner = format!("`{}`", entry.name());
        let mut shape = Shape::new(self.report, &mut self.patterns, self.secrets, owner);
        shape.beside = it.nested.iter().copied().chain(COMMON).collect();
        shape.elsewhere = Some(Elsewhere { root: self.root, place });
        let short =
            entry.shorthand().filter(|short| node.below(short).is_some_and(|(written, _)| written == Some(&key)));
        let written = place.rsplit('.').next().filter(|last| *last != "*").map(str::to_owned);
        shape.standing_for = short.zip(written.or_else(|| address.keys.last().cloned()));
        let root = FieldPath::root();
        let value = shape.read(&node, entry.schema(), Spot { path: &root, key: &key });
        let Shape { pending, declared, secret, broken: mut fields, misspelled, .. } = shape;
        let places = misspelled.into_iter().filter(|name| !COMMON.contains(name));
        self.broken_places.extend(places.map(|name| {
            let words = places::written(place, &address.keys);
            BrokenPlace::new(self.root, format!("{words}.{name}"))
        }));
        let value = value.unwrap_or_else(|| {
            fields.replace(root, entry.schema(), true, &key);
            Value::Null
        });
        if let Some(parent) = &parent {
            self.edge(&address, parent, Edge { span: key.clone(), reason: EdgeReason::BelongsTo });
        }
        all.extend(pending.into_iter().map(|pending| (address.clone(), pending)));
        let values = fields.possible_values(&value, entry);
        if fields.is_empty()
            && values.is_empty()
            && let Err(error) = entry.normal(&value)
        {
            let message = format!("invalid `{}`: {error}", entry.name());
            self.report.error(report::TYPE, &key, message);
        }
        let names = self.name(entry, place, &address, parent.as_ref(), &values, &key);
        self.names.insert(address.clone(), names.clone());
        if let Some(value) = values.first().cloned() {
            let at = ResourceRef { scope: self.scope.clone(), address: address.clone(), names };
            let desired = Desired {
                at,
                place,
                value,
                pending: BTreeMap::new(),
                depends_on: parent.iter().cloned().collect(),
                parent,
                stands_alone: false,
                ignore: it.ignore,
                prevent_destroy: it.prevent_destroy,
                prune: it.prune,
                prune_kinds: it.collections,
                span: key.clone(),
                folder: self.folders.get(key.source).cloned().unwrap_or_default(),
                declared,
                secret,
            };
            self.resources.insert(address.clone(), desired);
            if !fields.is_empty() {
                self.broken.insert(address.clone(), BrokenResource { fields, values });
            }
        }
        self.trees.insert(address, (node, key));
    }

    /// Returns the names in the account of what is around the resource and of itself. `values` are those that it could have.
    fn name(
        &mut self,
        entry: &KindEntry,
        place: &str,
        address: &Address,
        parent: Option<&Address>,
        values: &[Document],
        key: &Span,
    ) -> Arc<[String]> {
        let mut names = parent.and_then(|parent| self.names.get(parent)).map_or(Vec::new(), |names| names.to_vec());
        let is_named = place.ends_with('*');
        // Keys that only lead to a resource, such as the number of a version, are names as they are written.
        let unnamed = address.keys.len().saturating_sub(usize::from(is_named));
        names.extend(address.keys[..unnamed].iter().skip(parent.map_or(0, |parent| parent.keys.len())).cloned());
        if is_named {
            let own = address.keys.last().map_or("", String::as_str);
            let mut name = own.to_owned();
            let mut all: Vec<String> = values.iter().map(|value| entry.live_name(value, own)).collect();
            all.dedup();
            match all.pop() {
                Some(only) if all.is_empty() && !broken::is_unknown(&only) => name = only,
                _ => drop(self.unnamed.insert(address.clone())),
            }
            if has_reference(&name) {
                let message = format!("the name of {address} depends on another resource");
                self.report
                    .error(report::NAME, key, message)
                    .label("the name contains a reference")
                    .help("a name may contain variables, but no references");
            }
            names.push(name);
        }
        names.into()
    }

    /// Two resources of a kind cannot have the same name in the account.
    fn unique(&mut self) {
        let mut seen: HashMap<(KindId, Option<&Address>, &str), &Desired> = HashMap::new();
        let is_named = |it: &&Desired| it.place.ends_with('*') && !self.unnamed.contains(&it.at.address);
        for it in self.resources.values().filter(is_named) {
            let kind = it.at.address.kind;
            if let Some(first) = seen.insert((kind, it.parent.as_ref(), it.at.own()), it) {
                let message = format!("two resources of the type `{kind}` have the name `{}`", it.at.own());
                self.report
                    .error(report::NAME, &it.span, message)
                    .label("second use")
                    .related(first.span.clone(), "first use")
                    .help("give each its own name");
            }
        }
    }

    /// Makes a resource of nothing but defaults, if its kind is so and what is around it is there.
    fn bring(&mut self, address: &Address) -> bool {
        let Some(entry) = self.entry(address.kind).filter(|entry| entry.lifecycle().implied) else { return false };
        let stars = |place: &&&'static str| place.split('.').filter(|step| *step == "*").count() == address.keys.len();
        let Some(place) = entry.places().iter().find(stars).copied() else { return false };
        let way = places::written(place, &address.keys);
        let outer = way.rsplit_once('.').map_or("", |(outer, _)| outer);
        let parent = self.root.follow(&outer.split('.').collect::<Vec<_>>());
        let parent = parent.map(|found| Address::new(found.entry.id(), &found.keys));
        let Some(around) = parent.as_ref().and_then(|parent| self.resources.get(parent)) else {
            // If the parent is written but has something wrong in it, that was reported already.
            return parent.is_some_and(|parent| self.written.contains_key(&parent));
        };
        let (prune, span, folder) = (around.prune, around.span.clone(), around.folder.clone());
        let Ok(value) = entry.normal(&json!({})) else { return false };
        let names = self.name(entry, place, address, parent.as_ref(), std::slice::from_ref(&value), &span);
        if let Some(parent) = &parent {
            self.edge(address, parent, Edge { span: span.clone(), reason: EdgeReason::BelongsTo });
        }
        let desired = Desired {
            at: ResourceRef { scope: self.scope.clone(), address: address.clone(), names },
            place,
            value,
            pending: BTreeMap::new(),
            depends_on: parent.iter().cloned().collect(),
            parent,
            stands_alone: false,
            ignore: Vec::new(),
            prevent_destroy: false,
            prune,
            prune_kinds: BTreeMap::new(),
            span,
            folder,
            declared: BTreeSet::new(),
            secret: BTreeMap::new(),
        };
        self.resources.insert(address.clone(), desired);
        true
    }

    fn entry(&self, kind: KindId) -> Option<&'t KindEntry> {
        self.table.iter().find(|entry| entry.id() == kind)
    }
}
