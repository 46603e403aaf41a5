//! The parents of live resources, declared or not.

use std::collections::{BTreeMap, BTreeSet};

use super::context::PlanInputs;
use super::live_state::UnmanagedResource;
use crate::kinds;
use crate::model::{Address, Ownership};

/// The parents of all resources.
pub(super) struct Ancestors<'a> {
    /// The inputs of the plan.
    pub inputs: PlanInputs<'a>,
    undeclared: BTreeMap<&'a Address, &'a UnmanagedResource>,
}

impl<'a> Ancestors<'a> {
    /// Returns the ancestors of all resources.
    pub fn of(inputs: PlanInputs<'a>) -> Ancestors<'a> {
        Ancestors { inputs, undeclared: inputs.observed.unmanaged.iter().map(|it| (&it.at.address, it)).collect() }
    }

    /// Returns the ancestors of declared resources, which are declared too.
    pub fn of_declared(inputs: PlanInputs<'a>) -> Ancestors<'a> {
        Ancestors { inputs, undeclared: BTreeMap::new() }
    }

    /// Returns a resource and its ancestors, outwards.
    pub fn from(&self, address: &'a Address) -> impl Iterator<Item = &'a Address> {
        std::iter::successors(Some(address), |address| {
            let declared = self.inputs.stack.resources.get(*address).and_then(|desired| desired.parent.as_ref());
            declared.or_else(|| self.undeclared.get(*address)?.parent.as_ref())
        })
    }

    /// Returns the topmost ancestor of a resource, or the resource itself.
    pub fn outermost(&self, address: &'a Address) -> &'a Address {
        self.from(address).last().unwrap_or(address)
    }

    /// Returns the nearest live resource that takes tags, from this one upwards, and its owner.
    pub fn tagged(&self, address: &'a Address) -> Option<(&'a Address, &'a Ownership)> {
        self.from(address).find_map(|address| {
            let undeclared = || self.undeclared.get(address).map(|it| &it.live);
            let owner = &self.inputs.observed.live.get(address).or_else(undeclared)?.owner;
            (*owner != Ownership::Untaggable).then_some((address, owner))
        })
    }

    /// Returns true if the resource, or what it is a part of, could not be read.
    pub fn is_unreadable(&self, address: &'a Address) -> bool {
        self.from(address).any(|address| self.inputs.observed.unreadable.contains_key(address))
    }

    /// Returns true if the resource, or what it is a part of, is live without the tag of a stack. A plan that adopts it
    /// deletes nothing of it: what nobody declared is reported first, and deleted by a later plan.
    pub fn is_untagged(&self, address: &'a Address) -> bool {
        self.tagged(address).is_some_and(|(_, owner)| *owner == Ownership::Untagged)
    }

    /// Returns the resource whose deletion deletes the child, if there is one.
    pub fn cascade(
        &self,
        parent: Option<&'a Address>,
        child: &Address,
        deleted: &BTreeSet<&Address>,
    ) -> Option<&'a Address> {
        parent
            .filter(|_| !kinds::entry(child.kind).lifecycle().outlives_parent)
            .map(|parent| self.outermost(parent))
            .filter(|outermost| deleted.contains(outermost))
    }
}
