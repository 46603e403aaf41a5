//! The resource traits for values instead of types: what lets the engine hold every resource type in one table.

use std::marker::PhantomData;
use std::sync::OnceLock;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::{
    Attributes, Context, Derived, Discovered, Lifecycle, Links, Observed, PlannedWrite, Resource, ResourceRef, Review,
    WriteContext, WriteRequest,
};
use crate::model::{Action, Findings, KindId, Package, PackageSource};
use crate::wire::{Call, Missing, Operation, ReadCache, Reply};

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
    /// Returns the value with every default filled in; the error is serde's and points to a hole in the schema.
    fn normal(&self, value: &Value) -> Result<Value, String>;
    fn live_name(&self, value: &Value, key: &str) -> String;
    fn check(&self, value: &Value, at: &ResourceRef, around: &dyn Context, findings: &mut Findings);
    fn links(&self, value: &Value, at: &ResourceRef) -> Links;
    fn package_source(&self, value: &Value) -> Option<PackageSource>;
    fn observe(
        &self,
        at: &ResourceRef,
        desired: Option<&Value>,
        cache: &ReadCache,
    ) -> Result<Option<Observed>, Missing>;
    fn discover(
        &self,
        parent: &ResourceRef,
        around: &dyn Context,
        cache: &ReadCache,
    ) -> Result<Vec<Discovered>, Missing>;
    fn still_surplus(&self, at: &ResourceRef, live: &Observed, around: &dyn Context) -> bool;
    fn apply_defaults(&self, value: &mut Value, at: &ResourceRef, package: Option<&Package>);
    fn derive_from_plan(&self, value: &mut Value, at: &ResourceRef, around: &dyn Context) -> Derived;
    fn canonicalize(&self, desired: &Value, live: &mut Value);
    fn review(&self, change: &WriteContext<'_, Value>, around: &dyn Context) -> Review;
    fn attributes(&self, at: &ResourceRef, after: &Value, live: Option<&Observed>, action: Action) -> Attributes;
    fn writes(&self, change: &WriteContext<'_, Value>) -> Vec<PlannedWrite>;
    fn request(&self, operation: Operation, write: WriteRequest<'_, Value>) -> anyhow::Result<Call>;
    fn read_response(&self, at: &ResourceRef, desired: Option<&Value>, reply: &Reply) -> Option<Observed>;
    fn poll(&self, at: &ResourceRef, operation: Operation, last: Option<&Observed>) -> Option<Call>;
}

/// Stands for a resource type where the engine needs a value.
struct Erased<R>(PhantomData<fn() -> R>);

fn typed<R: Resource>(value: &Value) -> R {
    // The spec loader has checked the value against the schema that comes from this very type.
    serde_json::from_value(value.clone())
        .unwrap_or_else(|error| panic!("{} does not fit its own schema: {error}", R::KIND))
}

fn untyped<R: Resource>(spec: &R) -> Value {
    serde_json::to_value(spec).expect("specs are plain data")
}

fn typed_live<R: Resource>(live: &Observed) -> Observed<R> {
    live.clone().map(|value| typed(&value))
}

fn typed_change<R: Resource, T>(change: &WriteContext<'_, Value>, then: impl FnOnce(&WriteContext<'_, R>) -> T) -> T {
    let (desired, live) = (change.desired.map(typed::<R>), change.live.map(typed_live::<R>));
    then(&WriteContext {
        at: change.at,
        action: change.action,
        desired: desired.as_ref(),
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

    fn normal(&self, value: &Value) -> Result<Value, String> {
        let spec: R = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
        Ok(untyped(&spec))
    }

    fn live_name(&self, value: &Value, key: &str) -> String {
        R::name(&typed(value), key)
    }

    fn check(&self, value: &Value, at: &ResourceRef, around: &dyn Context, findings: &mut Findings) {
        R::check(&typed(value), at, around, findings);
    }

    fn links(&self, value: &Value, at: &ResourceRef) -> Links {
        R::links(&typed(value), at)
    }

    fn package_source(&self, value: &Value) -> Option<PackageSource> {
        R::package_source(&typed(value))
    }

    fn observe(
        &self,
        at: &ResourceRef,
        desired: Option<&Value>,
        cache: &ReadCache,
    ) -> Result<Option<Observed>, Missing> {
        let live = R::observe(at, desired.map(typed).as_ref(), cache)?;
        Ok(live.map(|live| live.map(|spec| untyped(&spec))))
    }

    fn discover(
        &self,
        parent: &ResourceRef,
        around: &dyn Context,
        cache: &ReadCache,
    ) -> Result<Vec<Discovered>, Missing> {
        R::discover(parent, around, cache)
    }

    fn still_surplus(&self, at: &ResourceRef, live: &Observed, around: &dyn Context) -> bool {
        R::still_surplus(at, &typed_live(live), around)
    }

    fn apply_defaults(&self, value: &mut Value, at: &ResourceRef, package: Option<&Package>) {
        let mut spec = typed(value);
        R::apply_defaults(&mut spec, at, package);
        *value = untyped(&spec);
    }

    fn derive_from_plan(&self, value: &mut Value, at: &ResourceRef, around: &dyn Context) -> Derived {
        let mut spec = typed(value);
        let derived = R::derive_from_plan(&mut spec, at, around);
        *value = untyped(&spec);
        derived
    }

    fn canonicalize(&self, desired: &Value, live: &mut Value) {
        let mut spec = typed(live);
        R::canonicalize(&typed(desired), &mut spec);
        *live = untyped(&spec);
    }

    fn review(&self, change: &WriteContext<'_, Value>, around: &dyn Context) -> Review {
        typed_change(change, |change| R::review(change, around))
    }

    fn attributes(&self, at: &ResourceRef, after: &Value, live: Option<&Observed>, action: Action) -> Attributes {
        R::attributes(at, &typed(after), live.map(typed_live).as_ref(), action)
    }

    fn writes(&self, change: &WriteContext<'_, Value>) -> Vec<PlannedWrite> {
        typed_change(change, R::writes)
    }

    fn request(&self, operation: Operation, write: WriteRequest<'_, Value>) -> anyhow::Result<Call> {
        let WriteRequest { at, desired, live, covers, package } = write;
        let (desired, live) = (desired.as_ref().map(typed), live.as_ref().map(typed_live));
        R::request(operation, &WriteRequest { at, desired, live, covers, package })
    }

    fn read_response(&self, at: &ResourceRef, desired: Option<&Value>, reply: &Reply) -> Option<Observed> {
        let live = R::read_response(at, desired.map(typed).as_ref(), reply)?;
        Some(live.map(|spec| untyped(&spec)))
    }

    fn poll(&self, at: &ResourceRef, operation: Operation, last: Option<&Observed>) -> Option<Call> {
        R::poll(at, operation, last.map(typed_live).as_ref())
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
