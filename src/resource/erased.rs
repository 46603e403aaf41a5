//! The same as a [`Room`], for values instead of types: what lets the engine hold every kind in one table.

use std::sync::OnceLock;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::{Attributes, Context, Discovered, Observed, PlannedWrite, ResourceRef, Room, WriteContext, WriteRequest};
use crate::model::{Action, Address, FieldPath, Findings, KindId, Package, PackageSource, Template};
use crate::wire::{Call, Operation, ReadCache, ReadError, Reply};

/// A resource kind, as the engine sees it. See [`Room`] for what each method means.
#[allow(missing_docs)]
pub trait DynResource: Sync {
    fn id(&self) -> KindId;
    fn name(&self) -> &'static str;
    fn places(&self) -> &'static [&'static str];
    fn example(&self) -> &'static str;
    fn shorthand(&self) -> Option<&'static str>;
    fn is_implied(&self) -> bool;
    fn arises(&self) -> bool;
    fn outlives_parent(&self) -> bool;
    fn may_be_orphaned(&self) -> bool;
    fn make_schema(&self) -> Value;
    /// The value with every default filled in; the error is serde's and points to a hole in the schema.
    fn normal(&self, value: &Value) -> Result<Value, String>;
    fn live_name(&self, value: &Value, key: &str) -> String;
    fn check(&self, value: &Value, at: &ResourceRef, around: &dyn Context, findings: &mut Findings);
    fn implied_references(&self, value: &Value, at: &ResourceRef) -> Vec<(FieldPath, Template)>;
    fn brings(&self, value: &Value, at: &ResourceRef) -> Vec<Address>;
    fn follows(&self, value: &Value, at: &ResourceRef) -> Vec<Address>;
    fn package_source(&self, value: &Value) -> Option<PackageSource>;
    fn complete(&self, value: &mut Value, at: &ResourceRef, package: Option<&Package>);
    fn derive(&self, value: &mut Value, at: &ResourceRef, around: &dyn Context) -> Vec<(FieldPath, Template)>;
    fn reads(&self, at: &ResourceRef, desired: Option<&Value>, seen: &ReadCache) -> Vec<Call>;
    fn live(&self, at: &ResourceRef, desired: Option<&Value>, seen: &ReadCache) -> Result<Option<Observed>, ReadError>;
    fn found_reads(&self, parent: &ResourceRef, around: &dyn Context, seen: &ReadCache) -> Vec<Call>;
    fn found(&self, parent: &ResourceRef, around: &dyn Context, seen: &ReadCache)
    -> Result<Vec<Discovered>, ReadError>;
    fn is_surplus(&self, at: &ResourceRef, live: &Observed, around: &dyn Context) -> bool;
    fn lost(&self, live: &Observed) -> Option<&'static str>;
    fn ignores(&self, at: &ResourceRef, around: &dyn Context) -> Vec<FieldPath>;
    fn comes_with_parent(&self, desired: &Value) -> bool;
    fn objections(&self, desired: &Value, at: &ResourceRef, around: &dyn Context) -> Vec<String>;
    fn is_left_behind(&self, at: &ResourceRef, live: &Observed, around: &dyn Context) -> bool;
    fn agree(&self, desired: &Value, live: &mut Value);
    fn attributes(&self, at: &ResourceRef, after: &Value, live: Option<&Observed>, action: Action) -> Attributes;
    fn notes(&self, work: &WriteContext<'_, Value>) -> Vec<String>;
    fn drafts(&self, work: &WriteContext<'_, Value>) -> Vec<PlannedWrite>;
    fn call(&self, operation: Operation, doing: WriteRequest<'_, Value>) -> anyhow::Result<Call>;
    fn reply(&self, at: &ResourceRef, desired: Option<&Value>, reply: &Reply) -> Option<Observed>;
    fn untold(&self, operation: Operation) -> &'static [&'static str];

    fn poll(&self, at: &ResourceRef, operation: Operation, last: Option<&Observed>) -> Option<Call>;
}

fn typed<R: Room>(value: &Value) -> R::Spec {
    // The spec loader has checked the value against the schema that comes from this very type.
    serde_json::from_value(value.clone())
        .unwrap_or_else(|error| panic!("{} does not fit its own schema: {error}", R::KIND))
}

fn untyped<S: serde::Serialize>(spec: &S) -> Value {
    serde_json::to_value(spec).expect("specs are plain data")
}

/// The reads that were not done yet; so a kind need not look whether it has asked before.
fn undone(mut calls: Vec<Call>, seen: &ReadCache) -> Vec<Call> {
    calls.retain(|call| !seen.has(call));
    calls
}

fn typed_live<R: Room>(live: &Observed) -> Observed<R::Spec> {
    live.clone().map(|value| typed::<R>(&value))
}

fn typed_work<R: Room, T>(work: &WriteContext<'_, Value>, then: impl FnOnce(&WriteContext<'_, R::Spec>) -> T) -> T {
    let (desired, live) = (work.desired.map(typed::<R>), work.live.map(typed_live::<R>));
    then(&WriteContext {
        at: work.at,
        action: work.action,
        desired: desired.as_ref(),
        live: live.as_ref(),
        changes: work.changes,
    })
}

impl<R: Room> DynResource for R {
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

    fn is_implied(&self) -> bool {
        R::IMPLIED
    }

    fn arises(&self) -> bool {
        R::ARISES
    }

    fn outlives_parent(&self) -> bool {
        R::OUTLIVES_PARENT
    }

    fn may_be_orphaned(&self) -> bool {
        R::ORPHANED
    }

    fn make_schema(&self) -> Value {
        let settings = SchemaSettings::draft07().with(|settings| {
            settings.inline_subschemas = true;
            settings.meta_schema = None;
        });
        settings.into_generator().into_root_schema_for::<R::Spec>().to_value()
    }

    fn normal(&self, value: &Value) -> Result<Value, String> {
        let spec: R::Spec = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
        Ok(untyped(&spec))
    }

    fn live_name(&self, value: &Value, key: &str) -> String {
        Room::name(self, &typed::<R>(value), key)
    }

    fn check(&self, value: &Value, at: &ResourceRef, around: &dyn Context, findings: &mut Findings) {
        Room::check(self, &typed::<R>(value), at, around, findings);
    }

    fn implied_references(&self, value: &Value, at: &ResourceRef) -> Vec<(FieldPath, Template)> {
        Room::implied_references(self, &typed::<R>(value), at)
    }

    fn brings(&self, value: &Value, at: &ResourceRef) -> Vec<Address> {
        Room::brings(self, &typed::<R>(value), at)
    }

    fn follows(&self, value: &Value, at: &ResourceRef) -> Vec<Address> {
        Room::follows(self, &typed::<R>(value), at)
    }

    fn package_source(&self, value: &Value) -> Option<PackageSource> {
        Room::package_source(self, &typed::<R>(value))
    }

    fn complete(&self, value: &mut Value, at: &ResourceRef, package: Option<&Package>) {
        let mut spec = typed::<R>(value);
        Room::complete(self, &mut spec, at, package);
        *value = untyped(&spec);
    }

    fn derive(&self, value: &mut Value, at: &ResourceRef, around: &dyn Context) -> Vec<(FieldPath, Template)> {
        let mut spec = typed::<R>(value);
        let pending = Room::derive(self, &mut spec, at, around);
        *value = untyped(&spec);
        pending
    }

    fn reads(&self, at: &ResourceRef, desired: Option<&Value>, seen: &ReadCache) -> Vec<Call> {
        undone(Room::reads(self, at, desired.map(typed::<R>).as_ref(), seen), seen)
    }

    fn live(&self, at: &ResourceRef, desired: Option<&Value>, seen: &ReadCache) -> Result<Option<Observed>, ReadError> {
        let live = Room::live(self, at, desired.map(typed::<R>).as_ref(), seen)?;
        Ok(live.map(|live| live.map(|spec| untyped(&spec))))
    }

    fn found_reads(&self, parent: &ResourceRef, around: &dyn Context, seen: &ReadCache) -> Vec<Call> {
        undone(Room::found_reads(self, parent, around, seen), seen)
    }

    fn found(
        &self,
        parent: &ResourceRef,
        around: &dyn Context,
        seen: &ReadCache,
    ) -> Result<Vec<Discovered>, ReadError> {
        Room::found(self, parent, around, seen)
    }

    fn is_surplus(&self, at: &ResourceRef, live: &Observed, around: &dyn Context) -> bool {
        Room::is_surplus(self, at, &typed_live::<R>(live), around)
    }

    fn ignores(&self, at: &ResourceRef, around: &dyn Context) -> Vec<FieldPath> {
        Room::ignores(self, at, around)
    }

    fn comes_with_parent(&self, desired: &Value) -> bool {
        Room::comes_with_parent(self, &typed::<R>(desired))
    }

    fn objections(&self, desired: &Value, at: &ResourceRef, around: &dyn Context) -> Vec<String> {
        Room::objections(self, &typed::<R>(desired), at, around)
    }

    fn lost(&self, live: &Observed) -> Option<&'static str> {
        Room::lost(self, &typed_live::<R>(live))
    }

    fn is_left_behind(&self, at: &ResourceRef, live: &Observed, around: &dyn Context) -> bool {
        Room::is_left_behind(self, at, &typed_live::<R>(live), around)
    }

    fn agree(&self, desired: &Value, live: &mut Value) {
        let mut spec = typed::<R>(live);
        Room::agree(self, &typed::<R>(desired), &mut spec);
        *live = untyped(&spec);
    }

    fn attributes(&self, at: &ResourceRef, after: &Value, live: Option<&Observed>, action: Action) -> Attributes {
        Room::attributes(self, at, &typed::<R>(after), live.map(typed_live::<R>).as_ref(), action)
    }

    fn notes(&self, work: &WriteContext<'_, Value>) -> Vec<String> {
        typed_work::<R, _>(work, |work| Room::notes(self, work))
    }

    fn drafts(&self, work: &WriteContext<'_, Value>) -> Vec<PlannedWrite> {
        typed_work::<R, _>(work, |work| Room::drafts(self, work))
    }

    fn call(&self, operation: Operation, doing: WriteRequest<'_, Value>) -> anyhow::Result<Call> {
        let WriteRequest { at, desired, live, covers, package } = doing;
        let (desired, live) = (desired.as_ref().map(typed::<R>), live.as_ref().map(typed_live::<R>));
        Room::call(self, operation, &WriteRequest { at, desired, live, covers, package })
    }

    fn reply(&self, at: &ResourceRef, desired: Option<&Value>, reply: &Reply) -> Option<Observed> {
        let live = Room::reply(self, at, desired.map(typed::<R>).as_ref(), reply)?;
        Some(live.map(|spec| untyped(&spec)))
    }

    fn untold(&self, operation: Operation) -> &'static [&'static str] {
        Room::untold(self, operation)
    }

    fn poll(&self, at: &ResourceRef, operation: Operation, last: Option<&Observed>) -> Option<Call> {
        Room::poll(self, at, operation, last.map(typed_live::<R>).as_ref())
    }
}

/// A line of the table: a kind, and its schema once somebody has asked for it.
pub struct KindEntry {
    kind: &'static dyn DynResource,
    schema: OnceLock<Value>,
}

impl KindEntry {
    /// The table's line for a kind.
    pub const fn new(kind: &'static dyn DynResource) -> Self {
        KindEntry { kind, schema: OnceLock::new() }
    }

    /// The schema of what users write, with the field policies on it.
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
