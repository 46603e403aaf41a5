//! Works out which declared resources a plan covers, and which it reads for that, from the spec and the user's options alone.
//!
//! A target takes what it depends on along. One that stands alone ([`Links::stands_alone`](crate::resource::Links)) does not:
//! a rollback to a published version neither updates its function nor needs its package.

use std::collections::{BTreeMap, BTreeSet};

use super::{ChangedPart, PlanOptions};
use crate::declaration::{Desired, Stack};
use crate::kinds;
use crate::model::{Address, KindId};

/// The declared resources that a plan covers and reads.
#[derive(Clone, Debug, Default)]
pub struct Coverage<'a> {
    /// The targets and what they take along; everything if absent.
    targeted: Option<BTreeSet<&'a Address>>,
    excluded: BTreeSet<&'a Address>,
    /// The resources to read; everything if absent.
    read: Option<BTreeSet<&'a Address>>,
    /// The change that is covered, if it is one.
    changed: Option<&'a ChangedPart>,
    /// True if everything that is covered is deleted.
    is_destroyed: bool,
}

/// A direction along the dependencies of resources.
#[derive(Clone, Copy)]
pub(super) enum Towards {
    /// From a resource to those that it depends on.
    Dependencies,
    /// From a resource to those that depend on it.
    Dependents,
}

impl<'a> Coverage<'a> {
    /// Returns the coverage of a plan with these options.
    pub fn of(stack: &'a Stack, options: &'a PlanOptions) -> Coverage<'a> {
        let along = if options.destroy { Towards::Dependents } else { Towards::Dependencies };
        let targets: Option<Vec<&Address>> = match &options.changed {
            // What a change touches changes what depends on it.
            Some(part) => {
                let touched = reach(stack, &part.resources, Towards::Dependents, |_| true);
                Some(touched.into_iter().filter(|address| stack.resources.contains_key(*address)).collect())
            }
            None => (!options.targets.is_empty()).then(|| options.targets.iter().collect()),
        };
        let targeted = targets.map(|targets| reach(stack, targets, along, |desired| leads_on(options, desired)));
        // What is destroyed is destroyed with everything below it, which therefore has to be known.
        let read = targeted.as_ref().filter(|_| !options.destroy).map(|targeted| read(stack, targeted));
        let excluded = reach(stack, &options.excludes, against(options), |_| true);
        Coverage { targeted, excluded, read, changed: options.changed.as_ref(), is_destroyed: options.destroy }
    }

    /// Returns true if the plan covers the resource.
    pub fn covers(&self, address: &Address) -> bool {
        self.targeted.as_ref().is_none_or(|targeted| targeted.contains(address)) && !self.excluded.contains(address)
    }

    /// Returns true if the plan needs the live state of the resource.
    pub fn reads(&self, address: &Address) -> bool {
        self.read.as_ref().is_none_or(|read| read.contains(address))
    }

    /// Returns true if the owner of each resource has to be known, and not only of what differs.
    pub fn needs_owners(&self) -> bool {
        self.is_destroyed
    }

    /// Returns true if undeclared resources of a kind below the resource, or at the top of the account, concern the plan.
    pub fn searches_below(&self, parent: Option<&Address>, kind: KindId) -> bool {
        self.read.is_none() || parent.map_or_else(|| self.has_removed(kind), |parent| self.covers(parent))
    }

    /// Returns true if a search for everything undeclared includes what is below the resource, or at the top of the account: a
    /// plan of a change looks only below what it covers.
    pub fn is_searched(&self, parent: Option<&Address>, kind: KindId) -> bool {
        self.changed.is_none() || parent.map_or_else(|| self.has_removed(kind), |parent| self.covers(parent))
    }

    /// Returns true if the plan may delete undeclared resources of a kind below the resource, or at the top of the account.
    pub fn deletes_below(&self, parent: Option<&Address>, kind: KindId) -> bool {
        let is_parent_field = || kinds::entry(kind).lifecycle().is_parent_field;
        match (&self.targeted, self.changed) {
            (None, _) => parent.is_none_or(|parent| self.covers(parent)),
            (Some(_), None) => parent.is_some_and(|parent| is_parent_field() && self.covers(parent)),
            (Some(_), Some(_)) => parent.map_or_else(|| self.has_removed(kind), |parent| self.covers(parent)),
        }
    }

    /// Returns true if a resource of the kind left the spec at the top of the account.
    fn has_removed(&self, kind: KindId) -> bool {
        self.changed.is_some_and(|part| part.removed.contains(&kind))
    }
}

/// Returns the direction in which a resource that is left out takes others along: one is created after its dependencies and
/// destroyed after its dependents.
pub(super) fn against(options: &PlanOptions) -> Towards {
    if options.destroy { Towards::Dependencies } else { Towards::Dependents }
}

/// Returns true if the dependencies of a resource lead on: what stands alone is written without them, and deleted like any other.
pub(super) fn leads_on(options: &PlanOptions, desired: &Desired) -> bool {
    options.destroy || !desired.stands_alone
}

/// Returns the resources to read: the targeted ones, what a replacement of one would delete, and for what stands alone the
/// resources that must exist.
fn read<'a>(stack: &'a Stack, targeted: &BTreeSet<&'a Address>) -> BTreeSet<&'a Address> {
    let is_replaceable = |address: &&Address| {
        targeted.contains(address) && stack.resources.get(*address).is_some_and(|desired| !desired.stands_alone)
    };
    let below = stack.resources.iter().filter(|(address, _)| ancestors(stack, address).any(|it| is_replaceable(&it)));
    let alone = targeted.iter().filter_map(|address| stack.resources.get(*address)).filter(|it| it.stands_alone);
    let required = alone.flat_map(|desired| desired.depends_on.iter().chain(ancestors(stack, &desired.at.address)));
    targeted.iter().copied().chain(below.map(|(address, _)| address)).chain(required).collect()
}

/// Returns what is around a resource, outwards.
pub(super) fn ancestors<'a>(stack: &'a Stack, address: &Address) -> impl Iterator<Item = &'a Address> + use<'a> {
    let parent = move |address: &Address| stack.resources.get(address)?.parent.as_ref();
    std::iter::successors(parent(address), move |address| parent(address))
}

/// Returns everything that can be reached from these resources, and them. Only the dependencies of resources that `follows`
/// accepts lead on.
pub(super) fn reach<'a>(
    stack: &'a Stack,
    start: impl IntoIterator<Item = &'a Address>,
    towards: Towards,
    follows: impl Fn(&Desired) -> bool,
) -> BTreeSet<&'a Address> {
    let mut waiting: Vec<&Address> = start.into_iter().collect();
    if waiting.is_empty() {
        return BTreeSet::new();
    }
    let mut edges: BTreeMap<&Address, Vec<&Address>> = BTreeMap::new();
    for (address, desired) in stack.resources.iter().filter(|(_, desired)| follows(desired)) {
        for before in &desired.depends_on {
            let (from, to) = match towards {
                Towards::Dependencies => (address, before),
                Towards::Dependents => (before, address),
            };
            edges.entry(from).or_default().push(to);
        }
    }
    let mut reached: BTreeSet<&Address> = waiting.iter().copied().collect();
    while let Some(address) = waiting.pop() {
        let next = edges.get(address).into_iter().flatten();
        waiting.extend(next.filter(|next| reached.insert(**next)));
    }
    reached
}
