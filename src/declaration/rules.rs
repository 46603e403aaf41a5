//! The kinds' own rules: what they may ask of the declared resources, and the places of what they find.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};

use super::broken::{self, BrokenPlace, BrokenResource};
use super::node::Node;
use super::partitions;
use super::report::DiagnosticSink;
use super::stack::Desired;
use crate::model::{Action, Address, AddressMap, AttributeName, FieldPath, Finding, Findings, KindId, Span, Template};
use crate::resource::{Attribute, Context, Document, KindEntry, Observed};

/// Addresses by what they have in common.
type AddressIndex<'d, K> = HashMap<K, Vec<&'d Address>>;

/// The declared resources, before anything was observed or planned.
///
/// Resources with broken fields have another of the values that they could have in each round.
pub struct SpecContext<'d> {
    table: &'d [KindEntry],
    resources: &'d AddressMap<Desired>,
    broken: &'d BTreeMap<Address, BrokenResource>,
    broken_places: &'d [BrokenPlace],
    /// Stands for a resource that may be declared: nothing can be read from it.
    possible: Document,
    /// The current round.
    round: Cell<usize>,
    /// True if a rule has read a resource that has broken fields or may not exist.
    saw_broken: Cell<bool>,
    /// The resources by kind, JSON pointer and text; each index is built when it is first asked for.
    by_value: RefCell<HashMap<(KindId, &'static str), AddressIndex<'d, &'d str>>>,
    /// The resources that refer to each resource.
    by_target: OnceCell<AddressIndex<'d, &'d Address>>,
}

impl<'d> SpecContext<'d> {
    /// Makes the context of these resources. Those in `broken_places` are unknown.
    pub fn new(
        table: &'d [KindEntry],
        resources: &'d AddressMap<Desired>,
        broken: &'d BTreeMap<Address, BrokenResource>,
        broken_places: &'d [BrokenPlace],
    ) -> Self {
        SpecContext {
            table,
            resources,
            broken,
            broken_places,
            possible: Document::from(serde_json::Value::Null),
            round: Cell::new(0),
            saw_broken: Cell::new(false),
            by_value: RefCell::default(),
            by_target: OnceCell::new(),
        }
    }

    /// Returns the value of a resource in the current round.
    fn value(&self, address: &Address) -> Option<&Document> {
        if let Some(broken) = self.broken.get(address) {
            self.saw_broken.set(true);
            return Some(broken.value(self.round.get()));
        }
        if let Some(it) = self.resources.get(address) {
            return Some(&it.value);
        }
        if self.broken_places.iter().any(|place| place.may_declare(address)) {
            self.saw_broken.set(true);
            return self.is_possible_round().then_some(&self.possible);
        }
        None
    }

    /// Tests whether the resources that may be declared are there in this round.
    fn is_possible_round(&self) -> bool {
        self.round.get() % 2 == 1
    }

    /// Returns what the rules find in a resource, without what only follows from something that was reported already.
    fn findings(&self, entry: &KindEntry, it: &Desired) -> Vec<Finding> {
        let address = &it.at.address;
        let find = |round| {
            self.round.set(round);
            let mut findings = Findings::default();
            entry.check(self.value(address).unwrap_or(&it.value), &it.at, self, &mut findings);
            findings.0
        };
        self.saw_broken.set(false);
        let mut certain = find(0);
        if self.saw_broken.get() {
            let covers = |finding: &Finding| {
                let fields = self.broken.get(address).map(|broken| &broken.fields);
                fields.is_some_and(|fields| fields.covers(finding.location.path()))
                    || broken::is_unknown(&finding.message)
            };
            certain.retain(|finding| !covers(finding));
            let rounds = self.broken.values().map(|broken| broken.values.len()).max().unwrap_or(1).max(2);
            for round in 1..rounds {
                if certain.is_empty() {
                    break;
                }
                let again = find(round);
                certain.retain(|finding| again.contains(finding));
            }
        }
        certain
    }

    fn index(&self, kind: KindId, pointer: &str) -> AddressIndex<'d, &'d str> {
        let mut index = AddressIndex::new();
        for address in self.resources.below(kind, &[]) {
            let value = self.resources.get(address).and_then(|it| it.value.json().pointer(pointer)?.as_str());
            if let Some(text) = value.filter(|text| !broken::is_unknown(text)) {
                index.entry(text).or_default().push(address);
            }
        }
        index
    }

    fn targets(&self) -> AddressIndex<'d, &'d Address> {
        let mut index = AddressIndex::new();
        for (address, it) in self.resources {
            for reference in it.pending.values().flat_map(Template::references) {
                let referrers: &mut Vec<&'d Address> = index.entry(&reference.target).or_default();
                if referrers.last() != Some(&address) {
                    referrers.push(address);
                }
            }
        }
        index
    }
}

impl Context for SpecContext<'_> {
    fn declared(&self, address: &Address) -> Option<&Document> {
        self.value(address)
    }

    fn planned(&self, _address: &Address) -> Option<&Document> {
        None
    }

    fn attribute(&self, address: &Address, name: &AttributeName) -> Option<Attribute> {
        let it = self.resources.get(address)?;
        let entry = self.table.iter().find(|entry| entry.id() == address.kind)?;
        entry.attributes(&it.at, self.value(address)?, None, Action::Create).remove(name)
    }

    fn below(&self, kind: KindId, keys: &[String]) -> Vec<&Address> {
        let mut all = self.resources.below(kind, keys);
        let mut possible = self.broken_places.iter().flat_map(|place| place.below(kind, keys)).peekable();
        if possible.peek().is_some() {
            self.saw_broken.set(true);
            all.extend(possible.filter(|_| self.is_possible_round()));
        }
        all
    }

    fn with_value(&self, kind: KindId, pointer: &'static str, value: &str) -> Vec<&Address> {
        let mut indexes = self.by_value.borrow_mut();
        let index = indexes.entry((kind, pointer)).or_insert_with(|| self.index(kind, pointer));
        index.get(value).cloned().unwrap_or_default()
    }

    fn referrers(&self, kind: KindId, target: &Address) -> Vec<&Address> {
        let all = self.by_target.get_or_init(|| self.targets()).get(target).into_iter().flatten();
        all.filter(|address| address.kind == kind).copied().collect()
    }

    fn observed(&self, _address: &Address) -> Option<&Observed> {
        None
    }

    fn pending(&self, address: &Address) -> Option<&BTreeMap<FieldPath, Template>> {
        self.resources.get(address).map(|it| &it.pending)
    }
}

/// Lets every kind check its resources.
pub fn check(around: &SpecContext<'_>, trees: &HashMap<Address, (Node, Span)>, report: &mut DiagnosticSink) {
    let by_kind: BTreeMap<KindId, &KindEntry> = around.table.iter().map(|entry| (entry.id(), entry)).collect();
    for (address, it) in around.resources {
        let Some(entry) = by_kind.get(&address.kind) else { continue };
        let mut findings = Findings(around.findings(entry, it));
        if let Some((tree, _)) = trees.get(address) {
            partitions::check(tree, entry.schema(), &it.at.scope, &mut findings);
        }
        for finding in findings.0 {
            let span = match trees.get(address) {
                Some((tree, key)) => tree.locate(&finding.location, key).clone(),
                None => it.span.clone(),
            };
            report.push(finding.severity, finding.code, Some(span), finding.message).maybe_help(finding.help);
        }
    }
}
