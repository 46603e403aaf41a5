//! The view that a resource type has of the other resources of a run.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::DocumentValue;
use super::{Document, Observed};
use crate::model::{Address, AttributeName, FieldPath, KindId, Template};

/// The knowledge, while planning, of an attribute that others may refer to.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    /// It is so now and the plan does not change it, or it follows from names.
    Known(Value),
    /// It will most likely be so; the plan shows it and applying uses what Lambda answers.
    Predicted(Value),
    /// Lambda will choose it.
    Unknown,
}

/// The attributes of a resource after the plan, by name.
pub type Attributes = BTreeMap<AttributeName, Attribute>;

/// The other resources of a run, as far as they have been worked out.
pub trait Context {
    /// The declared value of a resource, with defaults.
    fn declared(&self, address: &Address) -> Option<&Document>;
    /// The value that a resource will have after the plan; `None` before it was planned.
    fn planned(&self, address: &Address) -> Option<&Document>;
    /// Returns an attribute of a resource that others may refer to.
    fn attribute(&self, address: &Address, name: &AttributeName) -> Option<Attribute>;
    /// The addresses of the declared resources of a kind whose outermost keys are `keys`: those of one function, for
    /// example. Takes time in the number of the results, not of the resources; see [`AddressMap::below`](crate::model::AddressMap::below).
    fn below(&self, kind: KindId, keys: &[String]) -> Vec<&Address>;
    /// The addresses of all declared resources of a kind.
    fn all(&self, kind: KindId) -> Vec<&Address> {
        self.below(kind, &[])
    }
    /// The addresses of the declared resources of a kind that have the text `value` at a JSON pointer. A rule that must
    /// find resources like its own asks for them here, so that the loader can answer from an index.
    fn with_value(&self, kind: KindId, pointer: &'static str, value: &str) -> Vec<&Address> {
        let has =
            |address: &&Address| self.declared(address)?.json().pointer(pointer)?.as_str().map(|text| text == value);
        self.all(kind).into_iter().filter(|address| has(address) == Some(true)).collect()
    }
    /// The addresses of the declared resources of a kind that refer to `target`.
    fn referrers(&self, kind: KindId, target: &Address) -> Vec<&Address> {
        let refers = |address: &Address| {
            let templates = self.pending(address).into_iter().flat_map(BTreeMap::values);
            templates.flat_map(Template::references).any(|reference| reference.target == *target)
        };
        self.all(kind).into_iter().filter(|address| refers(address)).collect()
    }
    /// The last observation of a resource.
    fn observed(&self, address: &Address) -> Option<&Observed>;
    /// The fields of a resource whose value comes from other resources and is not settled.
    fn pending(&self, _address: &Address) -> Option<&BTreeMap<FieldPath, Template>> {
        None
    }
    /// The fields of a resource that the spec leaves to other clients.
    fn ignored(&self, _address: &Address) -> &[FieldPath] {
        &[]
    }
    /// Returns true if discovery may send reads that only a deletion is worth, such as for the tags of each mapping.
    fn is_thorough(&self) -> bool {
        false
    }
    /// Returns true if the resource could not be read, so that it is unknown if it exists.
    fn is_unreadable(&self, _address: &Address) -> bool {
        false
    }

    /// Returns true if the plan creates the resource, for the first time or again.
    fn is_recreated(&self, _address: &Address) -> bool {
        false
    }
}

impl dyn Context + '_ {
    /// Returns the declared value of a resource of the type `S`, with defaults.
    pub fn get<S: DocumentValue>(&self, address: &Address) -> Option<&S> {
        self.declared(address)?.get()
    }

    /// Returns the value that a resource of the type `S` will have after the plan; `None` before it was planned.
    pub fn get_planned<S: DocumentValue>(&self, address: &Address) -> Option<&S> {
        self.planned(address)?.get()
    }

    /// Returns the live value of a resource of the type `S`.
    pub fn get_live<S: DocumentValue>(&self, address: &Address) -> Option<&S> {
        self.observed(address)?.value.get()
    }
}
