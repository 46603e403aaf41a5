//! Compares live values with the expected ones: the effect of a step, and concurrent changes. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diff::{Terms, diff};
use crate::kinds;
use crate::model::{Address, Change, FieldPath};
use crate::plan::Step;
use crate::resource::{Document, KindEntry, Observed, field_traits};

/// Returns the changes that a step should have made and did not, from the declared to the live value.
///
/// The reply to a creation lacks some fields, such as tags. Fields that it lacks are not reported.
pub fn unwritten(step: &Step, ignore: &[FieldPath], desired: &Document, live: &Observed) -> Vec<Change> {
    let kind = kinds::entry(step.address.kind);
    let mut live_value = live.value.clone();
    kind.canonicalize(desired, &mut live_value);
    let (nothing, ignore) = (BTreeMap::new(), [ignore, &unreadable(live)].concat());
    let terms = Terms { schema: kind.schema(), ignore: &ignore, pending: &nothing, prune: false };
    let lacking = diff(Some(desired.json()), Some(live_value.json()), &terms).changes.into_iter().map(Change::reversed);
    if step.covers.is_empty() {
        let returned = diff(Some(live_value.json()), Some(desired.json()), &terms).changes;
        return lacking.filter(|change| returned.iter().any(|other| other.path == change.path)).collect();
    }
    let is_returned = |change: &Change| !step.unreturned.iter().any(|path| change.path.within(path));
    lacking.filter(|change| is_covered(kind, change, &step.covers) && is_returned(change)).collect()
}

/// Returns the changes of fields that the step does not cover, from before the step to now.
pub fn uncovered_changes(
    address: &Address,
    ignore: &[FieldPath],
    covers: &[FieldPath],
    before: &Observed,
    live: &Observed,
) -> Vec<Change> {
    if covers.is_empty() {
        return Vec::new();
    }
    let kind = kinds::entry(address.kind);
    let changes = differences(address, ignore, Some(before), Some(live)).into_iter();
    // Derived fields change with the fields that they follow from.
    changes.filter(|change| !is_covered(kind, change, covers) && !is_derived(kind, change)).collect()
}

/// Returns the fields that differ between two observations, from the earlier to the later one.
pub fn differences(
    address: &Address,
    ignore: &[FieldPath],
    before: Option<&Observed>,
    now: Option<&Observed>,
) -> Vec<Change> {
    let (Some(before), Some(now)) = (before, now) else { return Vec::new() };
    let kind = kinds::entry(address.kind);
    let (nothing, ignore) = (BTreeMap::new(), [ignore, &unreadable(before), &unreadable(now)].concat());
    // A key that was removed counts as changed.
    let terms = Terms { schema: kind.schema(), ignore: &ignore, pending: &nothing, prune: true };
    let back = diff(Some(before.value.json()), Some(now.value.json()), &terms).changes;
    let mut changes = diff(Some(now.value.json()), Some(before.value.json()), &terms).changes;
    // A map that only one of the two observations shows, such as tags, counts as unchanged.
    let is_returned = |change: &Change| {
        let top = change.path.first().unwrap_or_default();
        let is_set =
            |live: &Observed| live.value.json().get(top).and_then(Value::as_object).is_some_and(|map| !map.is_empty());
        !field_traits::has(field_traits::field(kind.schema(), top), field_traits::OPEN)
            || (is_set(before) && is_set(now))
    };
    changes.retain(|change| is_returned(change) && back.iter().any(|other| other.path == change.path));
    changes
}

/// Returns the fields that could not be read, which are not compared.
fn unreadable(live: &Observed) -> Vec<FieldPath> {
    live.unreadable.iter().map(|part| part.field.clone()).collect()
}

/// Copies the live values of ignored fields into the value to be written, because Lambda replaces whole structures.
// A structure that holds nothing but an ignored field may be invalid; it is not written then.
pub fn keep_ignored(kind: &KindEntry, ignore: &[FieldPath], desired: &mut Document, live: &Document) {
    for path in ignore {
        let mut kept = desired.json().clone();
        path.set(&mut kept, path.get(live.json()).cloned());
        if kind.normal(&kept).is_ok() {
            *desired = kept.into();
        }
    }
}

/// Returns true if the change is in one of the fields that a step writes.
fn is_covered(kind: &KindEntry, change: &Change, covers: &[FieldPath]) -> bool {
    let top = change.path.first().unwrap_or_default();
    if field_traits::has(field_traits::field(kind.schema(), top), field_traits::OPEN) {
        // Its keys are written one by one, so the others are kept.
        return covers.iter().any(|path| change.path.within(path) || path.within(&change.path));
    }
    covers.iter().any(|path| path.first() == change.path.first())
}

fn is_derived(kind: &KindEntry, change: &Change) -> bool {
    let top = change.path.first().unwrap_or_default();
    field_traits::has(field_traits::field(kind.schema(), top), field_traits::DERIVED)
}
