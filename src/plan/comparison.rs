//! Compares the declared with the live value of a resource, and says what was not compared and why nothing differs. Pure.

use super::ancestors::Ancestors;
use super::context::PlanContext;
use super::resolve::ResolvedSpec;
use crate::declaration::Desired;
use crate::diff::{Difference, Terms, diff};
use crate::kinds;
use crate::model::{Address, FieldPath, KeepReason, KeepReasonKind, NotChecked, NotCheckedKind};
use crate::resource::{Document, Observed};

/// A comparison of the declared with the live value.
pub(super) struct Comparison {
    /// The fields that are not compared: first those that the spec ignores.
    pub ignore: Vec<FieldPath>,
    /// The live value, in the form of the declared one.
    pub live_value: Option<Document>,
    /// The differences.
    pub difference: Difference,
}

impl Comparison {
    /// Compares the declared with the live value.
    pub fn of(cx: PlanContext<'_>, desired: &Desired, declared: &ResolvedSpec, live: Option<&Observed>) -> Comparison {
        let kind = kinds::entry(desired.at.address.kind);
        let mut live_value = live.map(|live| live.value.clone());
        if let Some(live_value) = &mut live_value {
            kind.canonicalize(&declared.value, live_value);
        }
        let mut ignore = [desired.ignore.as_slice(), &declared.derived.ignore].concat();
        ignore.extend(live.iter().flat_map(|live| &live.unreadable).map(|part| part.field.clone()));
        let is_adopted = Ancestors::of_declared(cx.inputs).is_untagged(&desired.at.address);
        let prune = (cx.inputs.options.prune || desired.prune) && !is_adopted;
        let terms = Terms { schema: kind.schema(), ignore: &ignore, pending: &declared.pending, prune };
        let mut difference = match &live_value {
            // What `diff` says of equal values, without their JSON.
            Some(live_value) if declared.pending.is_empty() && *live_value == declared.value => Difference::default(),
            _ => diff(Some(declared.value.json()), live_value.as_ref().map(Document::json), &terms),
        };
        if live.is_none() {
            difference.changes.iter_mut().for_each(|change| change.forces_replacement = false);
        }
        Comparison { ignore, live_value, difference }
    }

    /// Returns the reason for which the resource is kept.
    pub fn keep_reason(&self, desired: &Desired, declared: &ResolvedSpec) -> KeepReason {
        let Some(live_value) = self.live_value.as_ref().filter(|_| self.difference.changes.is_empty()) else {
            return KeepReasonKind::NoWriteNeeded.into();
        };
        if desired.ignore.is_empty() {
            return KeepReasonKind::Unchanged.into();
        }
        let schema = kinds::entry(desired.at.address.kind).schema();
        // The others are not ignored by the spec.
        let others = &self.ignore[desired.ignore.len()..];
        let terms = Terms { schema, ignore: others, pending: &declared.pending, prune: false };
        let ignored = diff(Some(declared.value.json()), Some(live_value.json()), &terms).changes;
        if ignored.is_empty() {
            return KeepReasonKind::Unchanged.into();
        }
        KeepReasonKind::DifferencesIgnored { fields: ignored.into_iter().map(|change| change.path).collect() }.into()
    }

    /// Returns the parts of a live resource that could not be compared: what could not be read, and what the spec does not
    /// pin, unless it is written anyway.
    pub fn not_compared(&self, address: &Address, live: &Observed, declared: &ResolvedSpec) -> Vec<NotChecked> {
        let unreadable = live.unreadable.iter().map(|part| NotChecked::unreadable_part(address, part));
        let changes = &self.difference.changes;
        let is_written = |field: &FieldPath| changes.iter().any(|change| change.path.first() == field.first());
        let unpinned = declared.derived.unpinned.iter().filter(|(field, _)| !is_written(field));
        let unpinned = unpinned.map(|(field, cause)| {
            let (address, field, cause) = (address.clone(), field.clone(), (*cause).to_owned());
            NotChecked(NotCheckedKind::Unpinned { address, field, cause })
        });
        unreadable.chain(unpinned).collect()
    }
}
