//! The ground for tests of resource types: a place in a stack, and other resources around it.

use std::collections::BTreeMap;

use super::{Attribute, Attributes, Context, Declare, Document, Observed, ResourceRef};
use crate::model::{Address, AddressMap, AttributeName, FieldPath, Findings, KindId, Scope, Template};
use crate::wire::{Call, Missing, ReadCache, ReadResult, Reply, TypedCall};

/// The reads that an observation or a discovery misses; none if it has its result.
pub fn wanted<T>(answer: Result<T, Missing>) -> Vec<Call> {
    match answer {
        Err(Missing::Reads(calls)) => calls,
        _ => Vec::new(),
    }
}

/// Stores the reply to a read.
pub fn insert_reply(cache: &mut ReadCache, read: impl TypedCall, reply: Reply) {
    cache.insert(&read.call(), ReadResult::Pages(vec![reply]));
}

/// The place of a resource whose names are its keys.
pub fn at(kind: KindId, names: &[&str]) -> ResourceRef {
    let scope = Scope { account: Some("123456789012".into()), region: Some("eu-west-1".into()), stack: "shop".into() };
    let address = Address::new(kind, names);
    ResourceRef { scope: scope.into(), names: address.keys.shared().clone(), address }
}

/// The ids of the rules that a declaration breaks.
pub fn broken_rules<R: Declare>(spec: &R, at: &ResourceRef, cx: &TestContext) -> Vec<&'static str> {
    let mut findings = Findings::default();
    R::check(spec, at, cx, &mut findings);
    findings.0.iter().map(|finding| finding.code.as_str()).collect()
}

/// The other resources of a run; nothing unless it is said.
#[derive(Clone, Debug, Default)]
pub struct TestContext {
    /// The declared values.
    pub declared: AddressMap<Document>,
    /// The values after the plan.
    pub planned: BTreeMap<Address, Document>,
    /// The observed resources.
    pub observed: BTreeMap<Address, Observed>,
    /// The fields that wait for other resources.
    pub pending: BTreeMap<Address, BTreeMap<FieldPath, Template>>,
    /// The attributes that can be referred to, by name, whichever resource has them.
    pub attributes: Attributes,
    /// Discovery may send reads that only a deletion is worth.
    pub is_thorough: bool,
}

impl Context for TestContext {
    fn declared(&self, address: &Address) -> Option<&Document> {
        self.declared.get(address)
    }

    fn planned(&self, address: &Address) -> Option<&Document> {
        self.planned.get(address)
    }

    fn attribute(&self, _address: &Address, name: &AttributeName) -> Option<Attribute> {
        self.attributes.get(name).cloned()
    }

    fn below(&self, kind: KindId, keys: &[String]) -> Vec<&Address> {
        self.declared.below(kind, keys)
    }

    fn observed(&self, address: &Address) -> Option<&Observed> {
        self.observed.get(address)
    }

    fn is_thorough(&self) -> bool {
        self.is_thorough
    }

    fn pending(&self, address: &Address) -> Option<&BTreeMap<FieldPath, Template>> {
        self.pending.get(address)
    }
}
