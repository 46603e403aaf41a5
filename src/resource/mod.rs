//! A resource kind as the engine knows it: the trait that each kind implements, and the values that pass between the two.
//!
//! True statements about one field sit on the field, as schema extensions that [`field_traits`] names: immutable, compared as a
//! set, secret, or only the place where something is found.

mod context;
mod erased;
pub mod field_traits;
mod observed;
#[cfg(test)]
pub mod testing;
mod write;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::model::{Action, Address, FieldPath, Findings, KindId, Package, PackageSource, Template};
use crate::wire::{Call, Operation, ReadCache, ReadError, Reply};

pub use context::{Attribute, Attributes, Context, addresses_below};
pub use erased::{DynResource, KindEntry};
pub use observed::{Discovered, Observed, ObservedPackage, ResourceRef, State};
pub use write::{PlannedWrite, PreconditionKind, WriteContext, WriteRequest};

/// The tag on live resources that names the stack they belong to.
pub const STACK_TAG: &str = "trueup:stack";

/// A resource kind, as its file writes it. The engine uses [`DynResource`], which follows from this.
pub trait Room: Sync + 'static {
    /// What users write and what we observe: the same type.
    type Spec: Serialize + DeserializeOwned + JsonSchema;

    /// The resource type: the first part of its addresses.
    const KIND: KindId;
    /// Where it stands in the spec; `*` is the key that a user chooses: `functions.*.aliases.*`.
    const PLACES: &'static [&'static str];
    /// A whole stack that shows it, used by the laws.
    const EXAMPLE: &'static str;
    /// The field that a bare scalar at its place stands for: `reserved_concurrent_executions: 20`.
    const SHORTHAND: Option<&'static str> = None;
    /// Whether a reference to it brings it into being with its defaults.
    const IMPLIED: bool = false;
    /// Whether it comes into being by itself together with what it hangs on, so that one found there is nobody's work.
    const ARISES: bool = false;
    /// Whether Lambda leaves it behind when what it hangs on is deleted.
    const OUTLIVES_PARENT: bool = false;

    /// Whether it may be left behind alone, so that it is also looked for at the top of the account.
    const ORPHANED: bool = false;

    /// What the account calls it; the spec's key unless the kind has a name of its own.
    fn name(&self, _spec: &Self::Spec, key: &str) -> String {
        key.to_owned()
    }

    /// The kind's own rules, offline: what schema and types cannot say.
    fn check(&self, _spec: &Self::Spec, _at: &ResourceRef, _around: &dyn Context, _findings: &mut Findings) {}

    /// References that are written as words, such as `function_version: published`.
    fn implied_references(&self, _spec: &Self::Spec, _at: &ResourceRef) -> Vec<(FieldPath, Template)> {
        Vec::new()
    }

    /// Resources that are there because it is, even where nobody declares them; their kinds must be [`Room::IMPLIED`].
    fn brings(&self, _spec: &Self::Spec, _at: &ResourceRef) -> Vec<Address> {
        Vec::new()
    }

    /// Resources that come before it where they are declared, though it does not refer to them.
    fn follows(&self, _spec: &Self::Spec, _at: &ResourceRef) -> Vec<Address> {
        Vec::new()
    }

    /// Where its deployment package is made from.
    fn package_source(&self, _spec: &Self::Spec) -> Option<PackageSource> {
        None
    }

    /// Fills in defaults that depend on names, on the package or on other fields, and the tag that makes it ours.
    fn complete(&self, _spec: &mut Self::Spec, _at: &ResourceRef, _package: Option<&Package>) {}

    /// Fills in what follows from other resources of the same plan, known only after those were planned.
    fn derive(&self, _spec: &mut Self::Spec, _at: &ResourceRef, _around: &dyn Context) -> Vec<(FieldPath, Template)> {
        Vec::new()
    }

    /// The reads that tell the resource, as far as what was seen tells which; those already done are not done again.
    fn reads(&self, at: &ResourceRef, desired: Option<&Self::Spec>, seen: &ReadCache) -> Vec<Call>;

    /// What was observed of the resource. An error means that it is not known, never that it is absent.
    fn live(
        &self,
        at: &ResourceRef,
        desired: Option<&Self::Spec>,
        seen: &ReadCache,
    ) -> Result<Option<Observed<Self::Spec>>, ReadError>;

    /// The reads wanted to find what the spec does not name below `parent`.
    fn found_reads(&self, _parent: &ResourceRef, _around: &dyn Context, _seen: &ReadCache) -> Vec<Call> {
        Vec::new()
    }

    /// Everything of this kind that lives below `parent`, declared or not.
    fn found(
        &self,
        _parent: &ResourceRef,
        _around: &dyn Context,
        _seen: &ReadCache,
    ) -> Result<Vec<Discovered>, ReadError> {
        Ok(Vec::new())
    }

    /// Whether what was found to be surplus is still so, now that everything else is planned.
    fn is_surplus(&self, _at: &ResourceRef, _live: &Observed<Self::Spec>, _around: &dyn Context) -> bool {
        true
    }

    /// What is lost for good when this one is deleted to be made anew; such a replacement has to be allowed.
    fn lost(&self, _live: &Observed<Self::Spec>) -> Option<&'static str> {
        None
    }

    /// Whether the plan leaves behind what was observed, because it makes anew what that hangs on: it begins with nothing.
    fn is_left_behind(&self, _at: &ResourceRef, _live: &Observed<Self::Spec>, _around: &dyn Context) -> bool {
        false
    }

    /// Where live and desired mean the same in different words, puts live into desired's words.
    fn agree(&self, _desired: &Self::Spec, _live: &mut Self::Spec) {}

    /// Fields that are not compared because they are not ours on another resource.
    fn ignores(&self, _at: &ResourceRef, _around: &dyn Context) -> Vec<FieldPath> {
        Vec::new()
    }

    /// Whether the call that creates what it hangs on brings it along, so that it needs no write of its own.
    fn comes_with_parent(&self, _desired: &Self::Spec) -> bool {
        false
    }

    /// Why Lambda is sure to refuse it, as far as the account and the rest of the plan tell.
    fn objections(&self, _desired: &Self::Spec, _at: &ResourceRef, _around: &dyn Context) -> Vec<String> {
        Vec::new()
    }

    /// What others may refer to once the plan is carried out.
    fn attributes(
        &self,
        _at: &ResourceRef,
        _after: &Self::Spec,
        _live: Option<&Observed<Self::Spec>>,
        _action: Action,
    ) -> Attributes {
        Attributes::new()
    }

    /// What of the work is worth a second look.
    fn notes(&self, _work: &WriteContext<'_, Self::Spec>) -> Vec<String> {
        Vec::new()
    }

    /// The writes that do the work, in order.
    fn drafts(&self, work: &WriteContext<'_, Self::Spec>) -> Vec<PlannedWrite>;

    /// One of those writes as a call. The executor adds the RevisionId.
    fn call(&self, operation: Operation, doing: &WriteRequest<'_, Self::Spec>) -> anyhow::Result<Call>;

    /// The fields that this change in place sets and Lambda does not tell, before a later write makes them known.
    fn untold(&self, _operation: Operation) -> &'static [&'static str] {
        &[]
    }

    /// What a reply to a write or to a poll says of the resource, if it says enough to know it.
    fn reply(&self, at: &ResourceRef, desired: Option<&Self::Spec>, reply: &Reply) -> Option<Observed<Self::Spec>>;

    /// How to look at the resource again after a write: until it has settled, or until it is gone.
    fn poll(&self, _at: &ResourceRef, _operation: Operation, _last: Option<&Observed<Self::Spec>>) -> Option<Call> {
        None
    }
}
