//! Compares the owner that a resource had when the plan was made with the one that it has now. Pure.
//!
//! # Guarantees
//! A write is refused if the resource was released, was taken by another stack or run, or cannot be attributed any more
//! since the plan (`tests/it/ownership.rs`).

use super::StepError;
use crate::model::{Address, Ownership};
use crate::resource::Observed;

/// Returns what happened to the ownership of a resource since the plan, as a phrase, if the write must not be sent for it.
pub fn change(stack: &str, before: &Ownership, now: &Ownership) -> Option<String> {
    match (before, now) {
        // The tags were not read, so nothing is known to have changed.
        (_, Ownership::NotRead | Ownership::Untaggable) => None,
        (before, now) if before == now => None,
        (_, Ownership::Unknown) => Some("its owner is unknown now: its tags could not be read".to_owned()),
        (Ownership::Untagged, Ownership::Stack(owner)) => {
            Some(format!("it was tagged by stack `{owner}` since the plan"))
        }
        (Ownership::Stack(_), Ownership::Untagged) => Some("it no longer has the tag of this stack".to_owned()),
        (_, now) => now.other_than(stack).map(|owner| format!("it belongs to stack `{owner}` now")),
    }
}

/// Refuses a step for whose sake `of` was read, if that has another owner than before.
pub fn check_other(of: &Address, stack: &str, before: &Observed, now: &Observed) -> Result<(), StepError> {
    match change(stack, &before.owner, &now.owner) {
        Some(change) => Err(StepError::refused(format!("the owner of {of} has changed: {change}"), Vec::new())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_that_changed_hands_is_not_written() {
        let (ours, theirs) = (Ownership::of_tag(Some("shop")), Ownership::of_tag(Some("other")));
        let is_refused = |before: &Ownership, now: &Ownership| change("shop", before, now).is_some();
        let rows = [
            (&ours, &ours, false),
            (&ours, &theirs, true),
            (&ours, &Ownership::Untagged, true),
            (&ours, &Ownership::Unknown, true),
            // A reply without tags says nothing.
            (&ours, &Ownership::NotRead, false),
            (&Ownership::Untagged, &Ownership::Untagged, false),
            (&Ownership::Untagged, &ours, true),
            (&Ownership::Untagged, &theirs, true),
            (&Ownership::NotRead, &ours, false),
            (&Ownership::NotRead, &Ownership::Untagged, false),
            (&Ownership::NotRead, &theirs, true),
            (&Ownership::NotRead, &Ownership::Unknown, true),
            (&Ownership::Untaggable, &Ownership::Untaggable, false),
            (&Ownership::Untaggable, &theirs, true),
        ];
        for (before, now, refused) in rows {
            assert_eq!(is_refused(before, now), refused, "{before:?} to {now:?}");
        }
    }
}
