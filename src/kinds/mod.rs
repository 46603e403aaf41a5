//! The resource types: a folder each, and the table of them.
//!
//! A resource type is its spec type (what users write and what is observed) with the four traits of [`crate::resource`]:
//! `Declare`, `Observe`, `PlanWrites` and `ApplyWrites`. The head of its `mod.rs` describes AWS's quirks; `spec`, `observe` and
//! `write` hold one stage each, `tests` what is peculiar to it, and `rules` with `catalog` its rules if it has any. The engine knows
//! resource types only through [`crate::resource::DynResource`] and matches on none of them. To add one: implement the
//! traits, then add its id to [`KindId`], its `mod` line and its entry in [`KINDS`].
//!
//! What is true of a field sits on the field, as schema extensions that [`crate::resource::field_traits`] names:
//! immutable, compared as a set, secret, or only the source of something.

/// A stack of one function with what is written below it, and perhaps with another zip file: the example of most kinds.
macro_rules! function_with {
    ($more:literal) => {
        function_with!(zip "package.zip", $more)
    };
    (zip $zip:literal) => {
        function_with!(zip $zip, "\n")
    };
    (zip $zip:literal, $more:literal) => {
        concat!(
            "version: 1
stack: example
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: ",
            $zip,
            "}",
            $more
        )
    };
}

pub(crate) use function_with;

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
#[cfg(test)]
mod testing;
pub mod url;
pub mod version;

pub use catalog::rules;

use crate::model::KindId;
use crate::resource::KindEntry;

/// Every kind, in the order of [`KindId`].
pub static KINDS: [KindEntry; KindId::ALL.len()] = [
    KindEntry::new::<layer::Layer>(),
    KindEntry::new::<layer_permissions::LayerPermissions>(),
    KindEntry::new::<code_signing_config::CodeSigningConfig>(),
    KindEntry::new::<capacity_provider::CapacityProvider>(),
    KindEntry::new::<function::Function>(),
    KindEntry::new::<function_code_signing::FunctionCodeSigning>(),
    KindEntry::new::<runtime_management::RuntimeManagement>(),
    KindEntry::new::<recursion::Recursion>(),
    KindEntry::new::<version::Version>(),
    KindEntry::new::<scaling::Scaling>(),
    KindEntry::new::<alias::Alias>(),
    KindEntry::new::<reserved_concurrency::ReservedConcurrency>(),
    KindEntry::new::<provisioned_concurrency::ProvisionedConcurrency>(),
    KindEntry::new::<permissions::Permissions>(),
    KindEntry::new::<url::Url>(),
    KindEntry::new::<event_invoke_config::EventInvokeConfig>(),
    KindEntry::new::<event_source_mapping::EventSourceMapping>(),
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

/// Returns the kind at the top of the account to which resources of this kind belong.
pub fn top(kind: KindId) -> KindId {
    let mut kind = entry(kind);
    while let Some((outer, _)) = above(kind.places()[0]) {
        kind = outer;
    }
    kind.id()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_ids() {
        assert!(KINDS.iter().map(|entry| entry.id()).eq(KindId::ALL.iter().copied()));
    }

    #[test]
    fn a_kind_belongs_to_one_at_the_top_of_the_account() {
        for (kind, expected) in [
            (KindId::Function, KindId::Function),
            (KindId::Alias, KindId::Function),
            (KindId::EventSourceMapping, KindId::Function),
            (KindId::ProvisionedConcurrency, KindId::Function),
            (KindId::Scaling, KindId::Function),
            (KindId::LayerPermissions, KindId::Layer),
            (KindId::CapacityProvider, KindId::CapacityProvider),
        ] {
            assert_eq!(top(kind), expected, "{kind}");
        }
    }
}
