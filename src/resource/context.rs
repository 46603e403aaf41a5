//! What a kind may ask of the other resources of a run.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Observed;
use crate::model::{Address, FieldPath, KindId, Template};

/// What is known, while planning, of an attribute that others may refer to.
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
pub type Attributes = BTreeMap<&'static str, Attribute>;

/// The other resources of a run, as far as they have been worked out.
pub trait Context {
    /// The declared value of a resource, with defaults.
    fn declared(&self, address: &Address) -> Option<&Value>;
    /// The value that a resource will have after the plan; `None` before it was planned.
    fn planned(&self, address: &Address) -> Option<&Value>;
    /// What can be referred to of a resource.
    fn attribute(&self, address: &Address, name: &str) -> Option<Attribute>;
    /// The addresses of all declared resources of a kind.
    fn all(&self, kind: KindId) -> Vec<&Address>;
    /// The last observation of a resource.
    fn observed(&self, address: &Address) -> Option<&Observed>;
    /// The fields of a resource whose value comes from other resources and is not settled.
    fn pending(&self, _address: &Address) -> Option<&BTreeMap<FieldPath, Template>> {
        None
    }
    /// The fields of a resource that are not ours.
    fn ignored(&self, _address: &Address) -> &[FieldPath] {
        &[]
    }
    /// Whether the plan creates the resource, for the first time or again.
    fn is_made_anew(&self, _address: &Address) -> bool {
        false
    }
}
