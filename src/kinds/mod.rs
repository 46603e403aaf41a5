//! The resource kinds and the table of them.
//!
//! A kind is one file or folder: AWS's quirks, the struct that users write and that is observed, its place in the spec, an
//! example, its reads and writes, and tests of what is peculiar to it. The engine knows kinds only through
//! [`DynResource`](crate::resource::DynResource) and matches on none of them. To add one: implement
//! [`Room`](crate::resource::Room), then add its `mod` line and its line in [`KINDS`].
//!
//! Statements about a field sit on the field, as schema extensions that [`crate::resource::field_traits`] names.

/// A stack of one function with what is written below it: the example of most kinds.
macro_rules! function_with {
    ($more:literal) => {
        concat!(
            "version: 1
stack: example
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}",
            $more
        )
    };
}

mod catalog;
mod shared;

pub mod alias;
pub mod capacity_provider;
pub mod code_signing_config;
pub mod event_invoke_config;
pub mod event_source_mapping;
pub mod function;
pub mod function_code_signing;
pub mod layer;
pub mod layer_permissions;
pub mod permissions;
pub mod provisioned_concurrency;
pub mod recursion;
pub mod reserved_concurrency;
pub mod runtime_management;
pub mod scaling;
pub mod url;
pub mod version;

pub use catalog::rules;

use crate::model::KindId;
use crate::resource::KindEntry;

/// Every kind, in the order of [`KindId`].
pub static KINDS: [KindEntry; KindId::ALL.len()] = [
    KindEntry::new(&layer::Room),
    KindEntry::new(&layer_permissions::Room),
    KindEntry::new(&code_signing_config::Room),
    KindEntry::new(&capacity_provider::Room),
    KindEntry::new(&function::Room),
    KindEntry::new(&function_code_signing::Room),
    KindEntry::new(&runtime_management::Room),
    KindEntry::new(&recursion::Room),
    KindEntry::new(&version::Room),
    KindEntry::new(&scaling::Room),
    KindEntry::new(&alias::Room),
    KindEntry::new(&reserved_concurrency::Room),
    KindEntry::new(&provisioned_concurrency::Room),
    KindEntry::new(&permissions::Room),
    KindEntry::new(&url::Room),
    KindEntry::new(&event_invoke_config::Room),
    KindEntry::new(&event_source_mapping::Room),
];

/// Returns the table's entry for a resource type.
pub fn entry(kind: KindId) -> &'static KindEntry {
    &KINDS[kind as usize]
}

/// The kind of the resource around a place, and its own place; `None` at the top of a spec.
pub fn above(place: &str) -> Option<(&'static KindEntry, &'static str)> {
    let mut outer = place;
    while let Some((rest, _)) = outer.rsplit_once('.') {
        outer = rest;
        for entry in KINDS.iter() {
            if let Some(place) = entry.places().iter().find(|place| **place == outer) {
                return Some((entry, place));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_ids() {
        assert!(KINDS.iter().map(|entry| entry.id()).eq(KindId::ALL.iter().copied()));
    }
}
