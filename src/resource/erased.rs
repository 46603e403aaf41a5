//! The resource traits for values instead of types: what lets the engine hold every resource type in one table.

use std::marker::PhantomData;
use std::sync::OnceLock;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::{
    Attributes, Context, Derived, Discovered, Document, Grant, KindCalls, Lifecycle, Links, Observed, PlannedWrite,
    Presentation, PresentedChange, RequestError, Resource, ResourceRef, Review, TerraformType, UsedPackage,
    WriteContext, WriteRequest,
};
use crate::model::{Action, Findings, KindId, Package, PackageSource};
use crate::wire::{AuthorizedOn, Call, Missing, Operation, ReadCache, Reply};

/// A value that its own schema accepts and its type does not: a hole in the schema, or a fault of the program.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SchemaMismatch(#[from] serde_json::Error);

/// A resource type, as the engine sees it. [`Resource`] and its four traits have the contract of each method.
#[allow(missing_docs)]
pub trait DynResource: Sync {
    fn id(&self) -> KindId;
    fn name(&self) -> &'static str;
    fn places(&self) -> &'static [&'static str];
    fn example(&self) -> &'static str;
    fn shorthand(&self) -> Option<&'static str>;
    fn lifecycle(&self) -> Lifecycle;
    fn make_schema(&self) -> Value;
    /// Returns the value with every default filled in.
    fn normal(&self, value: &Value) -> Result<Document, SchemaMismatch>;
    fn live_name(&self, value: &Document, key: &str) -> String;
    fn check(&self, value: &Document, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings);
    fn links(&self, value: &Document, at: &ResourceRef) -> Links;
    fn package_source(&self, value: &Document) -> Option<PackageSource>;
    fn check_package(&self, value: &Document, own: Option<&Package>, used: &[UsedPackage<'_>], findings: &mut Findings);
    fn observe(
        &self,
        at: &ResourceRef,
        desired: Option<&Document>,
        cache: &ReadCache,
    ) -> Result<Option<Observed>, Missing>;
    fn discover(&self, parent: &ResourceRef, cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing>;
    fn still_surplus(&self, at: &ResourceRef, live: &Observed, cx: &dyn Context) -> bool;
    fn apply_defaults(&self, value: &mut Document, at: &ResourceRef, package: Option<&Package>);
    fn derive_from_plan(&self, value: &mut Document, at: &ResourceRef, cx: &dyn Context) -> Derived;
    fn canonicalize(&self, desired: &Document, live: &mut Document);
    fn review(&self, change: &WriteContext<'_, Document>, cx: &dyn Context) -> Review;
    fn attributes(&self, at: &ResourceRef, after: &Document, live: Option<&Observed>, action: Action) -> Attributes;
    fn writes(&self, change: &WriteContext<'_, Document>) -> Vec<PlannedWrite>;
    fn request(&self, operation: Operation, write: WriteRequest<'_, Document>) -> Result<Call, RequestError>;
    fn read_response(&self, at: &ResourceRef, desired: Option<&Document>, reply: &Reply) -> Option<Observed>;
    fn poll(&self, at: &ResourceRef, operation: Operation, last: Option<&Observed>) -> Option<Call>;
    fn calls(&self) -> KindCalls;
    fn own(&self) -> AuthorizedOn;
    fn deletes_former(&self, value: &Document) -> bool;
    fn grants(&self, value: &Document) -> Vec<Grant>;
    fn label(&self) -> &'static str;
    fn publishes(&self) -> bool;
    fn terraform(&self) -> TerraformType;
    fn heading(&self, key: &str) -> String;
    fn present(&self, change: &PresentedChange<'_>) -> Presentation;
}

/// Stands for a resource type where the engine needs a value.
struct Erased<R>(PhantomData<fn() -> R>);

fn typed<R: Resource>(value: &Document) -> &R {
    // The spec loader has checked the value against the schema that comes from this very type.
    value.get().unwrap_or_else(|| panic!("a {} does not fit its own schema", R::KIND))
}

fn typed_live<R: Resource>(live: &Observed) -> Observed<R> {
    live.clone().map(|value| typed::<R>(&value).clone())
}

fn typed_change<R: Resource, T>(
    change: &WriteContext<'_, Document>,
    then: impl FnOnce(&WriteContext<'_, R>) -> T,
) -> T {
    let live = change.live.map(typed_live::<R>);
    then(&WriteContext {
        at: change.at,
        action: change.action,
        desired: change.desired.map(typed::<R>),
        live: live.as_ref(),
        changes: change.changes,
    })
}

impl<R: Resource> DynResource for Erased<R> {
    fn id(&self) -> KindId {
        R::KIND
    }

    fn name(&self) -> &'static str {
        R::KIND.name()
    }

    fn places(&self) -> &'static [&'static str] {
        R::PLACES
    }

    fn example(&self) -> &'static str {
        R::EXAMPLE
    }

    fn shorthand(&self) -> Option<&'static str> {
        R::SHORTHAND
    }

    fn lifecycle(&self) -> Lifecycle {
        R::lifecycle()
    }

    fn make_schema(&self) -> Value {
        let settings = SchemaSettings::draft07().with(|settings| {
            settings.inline_subschemas = true;
            settings.meta_schema = None;
        });
        settings.into_generator().into_root_schema_for::<R>().to_value()
    }

    fn normal(&self, value: &Value) -> Result<Document, SchemaMismatch> {
        let spec = R::deserialize(value)?;
        Ok(Document::of(spec))
    }

    fn live_name(&self, value: &Document, key: &str) -> String {
        R::name(typed(value), key)
    }

    fn check(&self, value: &Document, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
        R::check(typed(value), at, cx, findings);
    }

    fn links(&self, value: &Document, at: &ResourceRef) -> Links {
        R::links(typed(value), at)
    }

    fn package_source(&self, value: &Document) -> Option<PackageSource> {
        R::package_source(typed(value))
    }

    fn check_package(
        &self,
        value: &Document,
        own: Option<&Package>,
        used: &[UsedPackage<'_>],
        findings: &mut Findings,
    ) {
        R::check_package(typed(value), own, used, findings);
    }

    fn observe(
        &self,
        at: &ResourceRef,
        desired: Option<&Document>,
        cache: &ReadCache,
    ) -> Result<Option<Observed>, Missing> {
        let live = R::observe(at, desired.map(typed), cache)?;
        Ok(live.map(|live| live.map(Document::of)))
    }

    fn discover(&self, parent: &ResourceRef, cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        R::discover(parent, cx, cache)
    }

    fn still_surplus(&self, at: &ResourceRef, live: &Observed, cx: &dyn Context) -> bool {
        R::still_surplus(at, &typed_live(live), cx)
    }

    fn apply_defaults(&self, value: &mut Document, at: &ResourceRef, package: Option<&Package>) {
        let mut spec = typed::<R>(value).clone();
        R::apply_defaults(&mut spec, at, package);
        value.set(spec);
    }

    fn derive_from_plan(&self, value: &mut Document, at: &ResourceRef, cx: &dyn Context) -> Derived {
        let mut spec = typed::<R>(value).clone();
        let derived = R::derive_from_plan(&mut spec, at, cx);
        value.set(spec);
        derived
    }

    fn canonicalize(&self, desired: &Document, live: &mut Document) {
        let mut spec = typed::<R>(live).clone();
        R::canonicalize(typed(desired), &mut spec);
        live.set(spec);
    }

    fn review(&self, change: &WriteContext<'_, Document>, cx: &dyn Context) -> Review {
        typed_change(change, |change| R::review(change, cx))
    }

    fn attributes(&self, at: &ResourceRef, after: &Document, live: Option<&Observed>, action: Action) -> Attributes {
        R::attributes(at, typed(after), live.map(typed_live).as_ref(), action)
    }

    fn writes(&self, change: &WriteContext<'_, Document>) -> Vec<PlannedWrite> {
        typed_change(change, R::writes)
    }

    fn request(&self, operation: Operation, write: WriteRequest<'_, Document>) -> Result<Call, RequestError> {
        let WriteRequest { at, desired, live, covers, package, also_creates } = write;
        let (desired, live) =
            (desired.as_ref().map(|desired| typed::<R>(desired).clone()), live.as_ref().map(typed_live));
        R::request(operation, &WriteRequest { at, desired, live, covers, package, also_creates })
    }

    fn read_response(&self, at: &ResourceRef, desired: Option<&Document>, reply: &Reply) -> Option<Observed> {
        let live = R::read_response(at, desired.map(typed), reply)?;
        Some(live.map(Document::of))
    }

    fn poll(&self, at: &ResourceRef, operation: Operation, last: Option<&Observed>) -> Option<Call> {
        R::poll(at, operation, last.map(typed_live).as_ref())
    }

    fn calls(&self) -> KindCalls {
        R::CALLS
    }

    fn own(&self) -> AuthorizedOn {
        R::OWN
    }

    fn deletes_former(&self, value: &Document) -> bool {
        R::deletes_former(typed(value))
    }

    fn grants(&self, value: &Document) -> Vec<Grant> {
        R::grants(typed(value))
    }

    fn label(&self) -> &'static str {
        R::LABEL
    }

    fn publishes(&self) -> bool {
        R::PUBLISHES
    }

    fn terraform(&self) -> TerraformType {
        R::TERRAFORM
    }

    fn heading(&self, key: &str) -> String {
        R::heading(key)
    }

    fn present(&self, change: &PresentedChange<'_>) -> Presentation {
        R::present(change)
    }
}

/// An entry of the table: a resource type, and its schema once it was asked for.
pub struct KindEntry {
    kind: &'static dyn DynResource,
    schema: OnceLock<Value>,
}

impl KindEntry {
    /// Returns the table's entry for a resource type.
    pub const fn new<R: Resource>() -> Self {
        KindEntry { kind: const { &Erased::<R>(PhantomData) }, schema: OnceLock::new() }
    }

    /// Returns the schema of what users write, with the field traits on it.
    pub fn schema(&self) -> &Value {
        self.schema.get_or_init(|| self.kind.make_schema())
    }
}

impl std::ops::Deref for KindEntry {
    type Target = dyn DynResource;
    fn deref(&self) -> &(dyn DynResource + 'static) {
        self.kind
    }
}
