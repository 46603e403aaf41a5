//! Compares the effect of a step, and concurrent changes, with what was expected: decides whether to go on. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diff::{Terms, diff};
use crate::kinds;
use crate::model::{Address, Change, FieldPath};
use crate::plan::Step;
use crate::resource::{Document, KindEntry, Observed, field_traits};

/// Returns the changes that a step should have made and did not, from the declared to the live value.
///
/// The answer to a creation does not tell everything, such as tags; there, what is not told is not held against the step.
pub fn unwritten(step: &Step, ignore: &[FieldPath], desired: &Document, live: &Observed) -> Vec<Change> {
    let kind = kinds::entry(step.address.kind);
    let mut seen = live.value.clone();
    kind.canonicalize(desired, &mut seen);
    let nothing = BTreeMap::new();
    let terms = Terms { schema: kind.schema(), ignore, pending: &nothing, prune: false };
    let lacking = diff(Some(desired.json()), Some(seen.json()), &terms).changes.into_iter().map(Change::reversed);
    if step.covers.is_empty() {
        let told = diff(Some(seen.json()), Some(desired.json()), &terms).changes;
        return lacking.filter(|change| told.iter().any(|other| other.path == change.path)).collect();
    }
    let is_told = |change: &Change| !step.unreturned.iter().any(|path| change.path.within(path));
    lacking.filter(|change| is_covered(kind, change, &step.covers) && is_told(change)).collect()
}

/// The fields beside those that a step covers which are not as they were before it.
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
    // What is worked out from other fields moves with them.
    changes.filter(|change| !is_covered(kind, change, covers) && !is_derived(kind, change)).collect()
}

/// The fields in which what is there differs from what was last seen, from then to now.
pub fn differences(
    address: &Address,
    ignore: &[FieldPath],
    before: Option<&Observed>,
    now: Option<&Observed>,
) -> Vec<Change> {
    let (Some(before), Some(now)) = (before, now) else { return Vec::new() };
    let kind = kinds::entry(address.kind);
    let nothing = BTreeMap::new();
    // A key that is gone has moved as much as one that was changed.
    let terms = Terms { schema: kind.schema(), ignore, pending: &nothing, prune: true };
    let back = diff(Some(before.value.json()), Some(now.value.json()), &terms).changes;
    let mut changes = diff(Some(now.value.json()), Some(before.value.json()), &terms).changes;
    // What only one of the two observations could tell, such as tags, has not moved.
    let is_told = |change: &Change| {
        let top = change.path.first().unwrap_or_default();
        let told =
            |live: &Observed| live.value.json().get(top).and_then(Value::as_object).is_some_and(|map| !map.is_empty());
        !field_traits::has(field_traits::field(kind.schema(), top), field_traits::OPEN) || (told(before) && told(now))
    };
    changes.retain(|change| is_told(change) && back.iter().any(|other| other.path == change.path));
    changes
}

/// Gives the value to be written the live value of every field that is not ours, because Lambda takes whole structures.
pub fn keep_ignored(kind: &KindEntry, ignore: &[FieldPath], desired: &mut Document, live: &Document) {
    for path in ignore {
        let mut kept = desired.json().clone();
        path.set(&mut kept, path.get(live.json()).cloned());
        // Where what is around the field is not declared, the field alone may be no value at all.
        if kind.normal(&kept).is_ok() {
            *desired = kept.into();
        }
    }
}

/// Returns true if the change is in one of the fields that a step writes.
fn is_covered(kind: &KindEntry, change: &Change, covers: &[FieldPath]) -> bool {
    let top = change.path.first().unwrap_or_default();
    if field_traits::has(field_traits::field(kind.schema(), top), field_traits::OPEN) {
        // Its keys are written one by one, so that the others stay as they were.
        return covers.iter().any(|path| change.path.within(path) || path.within(&change.path));
    }
    covers.iter().any(|path| path.first() == change.path.first())
}

fn is_derived(kind: &KindEntry, change: &Change) -> bool {
    let top = change.path.first().unwrap_or_default();
    field_traits::has(field_traits::field(kind.schema(), top), field_traits::DERIVED)
}
