//! Decides if the stack may write a resource, from the tags that name its owner. Pure.
//!
//! A resource that takes no tags belongs to whoever owns its parent: an alias to the owner of its function.
//!
//! # Guarantees
//! Nothing is planned that writes a resource of another stack, or one whose owner is unknown (`tests/it/ownership.rs`).

use std::collections::BTreeMap;

use super::context::PlanInputs;
use super::live_state::UnmanagedResource;
use crate::model::{Address, Ownership, RefusalKind};
use crate::resource::Observed;

/// The owners of live resources.
pub(super) struct Owners<'a> {
    inputs: PlanInputs<'a>,
    undeclared: BTreeMap<&'a Address, &'a UnmanagedResource>,
}

impl<'a> Owners<'a> {
    /// The owners of declared resources.
    pub fn of_declared(inputs: PlanInputs<'a>) -> Owners<'a> {
        Owners { inputs, undeclared: BTreeMap::new() }
    }

    /// The owners of all observed resources.
    pub fn of_all(inputs: PlanInputs<'a>) -> Owners<'a> {
        Owners { inputs, undeclared: inputs.observed.unmanaged.iter().map(|it| (&it.at.address, it)).collect() }
    }

    /// Returns the reason for which the stack must not write a resource; `live` is absent for one that does not exist yet.
    /// The second value is the ancestor whose tags give the reason, if it is not the resource itself.
    pub fn refusal(
        &self,
        parent: Option<&'a Address>,
        live: Option<&Observed>,
    ) -> Option<(RefusalKind, Option<&'a Address>)> {
        let own = live.map(|live| &live.owner).filter(|owner| **owner != Ownership::Untaggable);
        let (owner, ancestor) = match own {
            Some(owner) => (owner, None),
            None => self.tagged_ancestor(parent?).map(|(ancestor, owner)| (owner, Some(ancestor)))?,
        };
        let kind = match owner {
            Ownership::Unknown => RefusalKind::OwnerUnknown,
            owner => {
                let owner = owner.other_than(&self.inputs.stack.scope.stack)?.to_owned();
                RefusalKind::OtherStack { owner }
            }
        };
        Some((kind, ancestor))
    }

    /// Returns the nearest live resource that takes tags, from this one upwards, and its owner.
    pub fn tagged_ancestor(&self, from: &'a Address) -> Option<(&'a Address, &'a Ownership)> {
        let mut next = Some(from);
        while let Some(address) = next {
            let undeclared = self.undeclared.get(address);
            let live = self.inputs.observed.live.get(address).or_else(|| undeclared.map(|it| &it.live));
            if let Some(live) = live.filter(|live| live.owner != Ownership::Untaggable) {
                return Some((address, &live.owner));
            }
            let declared = self.inputs.stack.resources.get(address).and_then(|desired| desired.parent.as_ref());
            next = declared.or_else(|| undeclared?.parent.as_ref());
        }
        None
    }
}
