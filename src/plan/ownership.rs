//! Decides if the stack may write a resource, from the tags that name its owner. Pure.
//!
//! A resource that takes no tags belongs to whoever owns its parent: an alias to the owner of its function.
//!
//! # Guarantees
//! Nothing is planned that writes a resource of another stack, or one whose owner is unknown (`tests/it/ownership.rs`).

use super::ancestors::Ancestors;
use crate::model::{Address, Ownership, RefusalKind};
use crate::resource::Observed;

/// Returns the reason for which the stack must not write a resource; `live` is absent for one that does not exist yet. The
/// second value is the ancestor whose tags give the reason, if it is not the resource itself.
pub(super) fn refusal<'a>(
    ancestors: &Ancestors<'a>,
    parent: Option<&'a Address>,
    live: Option<&Observed>,
) -> Option<(RefusalKind, Option<&'a Address>)> {
    let own = live.map(|live| &live.owner).filter(|owner| **owner != Ownership::Untaggable);
    let (owner, ancestor) = match own {
        Some(owner) => (owner, None),
        None => match ancestors.tagged(parent?) {
            Some((ancestor, owner)) => (owner, Some(ancestor)),
            // Nobody knows whose it is: an ancestor that could not be read is not one without an owner.
            None if ancestors.is_unreadable(parent?) => (&Ownership::Unknown, parent),
            None => return None,
        },
    };
    let kind = match owner {
        Ownership::Unknown => RefusalKind::OwnerUnknown,
        owner => RefusalKind::OtherStack { owner: owner.other_than(&ancestors.inputs.stack.scope.stack)?.to_owned() },
    };
    Some((kind, ancestor))
}
