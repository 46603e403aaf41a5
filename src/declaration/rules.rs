//! The kinds' own rules: what they may ask of the declared resources, and the places of what they find.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};

use super::Desired;
use super::node::Node;
use super::report::DiagnosticSink;
use crate::model::{Action, Address, FieldPath, Findings, KindId, Span, Template};
use crate::resource::{Attribute, Context, Document, KindEntry, Observed, addresses_below};

/// Addresses by what they have in common.
type AddressIndex<'d, K> = HashMap<K, Vec<&'d Address>>;

/// The declared resources, before anything was observed or planned.
pub struct SpecContext<'d> {
    table: &'d [KindEntry],
    resources: &'d BTreeMap<Address, Desired>,
    /// The resources by kind, JSON pointer and text; each index is built when it is first asked for.
    by_value: RefCell<HashMap<(KindId, &'static str), AddressIndex<'d, &'d str>>>,
    /// The resources that refer to each resource.
    by_target: OnceCell<AddressIndex<'d, &'d Address>>,
}

impl<'d> SpecContext<'d> {
    /// The context of these resources.
    pub fn new(table: &'d [KindEntry], resources: &'d BTreeMap<Address, Desired>) -> Self {
        SpecContext { table, resources, by_value: RefCell::default(), by_target: OnceCell::new() }
    }

    fn index(&self, kind: KindId, pointer: &str) -> AddressIndex<'d, &'d str> {
        let mut index = AddressIndex::new();
        for address in addresses_below(self.resources, kind, &[]) {
            let value = self.resources.get(address).and_then(|it| it.value.json().pointer(pointer)?.as_str());
            if let Some(text) = value {
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
        self.resources.get(address).map(|it| &it.value)
    }

    fn planned(&self, _address: &Address) -> Option<&Document> {
        None
    }

    fn attribute(&self, address: &Address, name: &str) -> Option<Attribute> {
        let it = self.resources.get(address)?;
        let entry = self.table.iter().find(|entry| entry.id() == address.kind)?;
        entry.attributes(&it.at, &it.value, None, Action::Create).remove(name)
    }

    fn below(&self, kind: KindId, keys: &[String]) -> Vec<&Address> {
        addresses_below(self.resources, kind, keys)
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
pub fn check(around: &SpecContext<'_>, trees: &BTreeMap<Address, (Node, Span)>, report: &mut DiagnosticSink) {
    let by_kind: BTreeMap<KindId, &KindEntry> = around.table.iter().map(|entry| (entry.id(), entry)).collect();
    for (address, it) in around.resources {
        let Some(entry) = by_kind.get(&address.kind) else { continue };
        let mut findings = Findings::default();
        entry.check(&it.value, &it.at, around, &mut findings);
        for finding in findings.0 {
            let span = match trees.get(address) {
                Some((tree, key)) => tree.locate(&finding.location, key).clone(),
                None => it.span.clone(),
            };
            report.push(finding.severity, finding.code, Some(span), finding.message).maybe_help(finding.help);
        }
    }
}
