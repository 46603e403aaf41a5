//! A resource as it is written, before it is compared with its schema.

use std::collections::BTreeMap;

use super::node::Node;
use crate::model::{Address, FieldPath, KindId, Span};
use crate::resource::KindEntry;

/// One resource as it is written.
pub struct Written<'t> {
    /// Its kind.
    pub entry: &'t KindEntry,
    /// Its place, as the kind writes it.
    pub place: &'static str,
    /// Its address.
    pub address: Address,
    /// The resource around it.
    pub parent: Option<Address>,
    /// The place of its key.
    pub key: Span,
    /// Its own fields, with the defaults.
    pub node: Node,
    /// The names of the fields of nested kinds, which may be among its own.
    pub nested: Vec<&'static str>,
    /// Those among them that stand for fields of the resource itself ([`is_parent_field`](crate::resource::Lifecycle::is_parent_field)).
    pub nested_fields: Vec<&'static str>,
    /// The fields left to other clients.
    pub ignore: Vec<FieldPath>,
    /// True if it must never be deleted.
    pub prevent_destroy: bool,
    /// True if live resources below it that the spec does not name are deleted.
    pub prune: bool,
    /// The kinds below it whose collection has its own word on that.
    pub collections: BTreeMap<KindId, bool>,
}
