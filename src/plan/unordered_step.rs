//! A step before it is ordered.

use std::collections::BTreeSet;

use super::Step;
use crate::model::Address;

/// A step that has no number yet, and what orders it.
#[derive(Clone, Debug)]
pub(super) struct UnorderedStep {
    /// The step; its id is its position among the unordered ones, plus one.
    pub step: Step,
    /// The resources whose steps run before: parents and references.
    pub depends_on: BTreeSet<Address>,
    /// For a deletion: the resources that depend on it or point to it, whose steps come before.
    pub outlasted_by: BTreeSet<Address>,
    /// Shared limits of which it frees some.
    pub frees: Vec<String>,
    /// Shared limits from which it takes.
    pub takes: Vec<String>,
    /// For a deletion: the resources whose steps had better come before, though nothing breaks if they cannot.
    pub better_after: BTreeSet<Address>,
    /// True if it waits for no other resource, and so not for steps that had better come before either.
    pub stands_alone: bool,
    /// Its parent, if it runs before the parent's steps and not after them.
    pub ahead_of: Option<Address>,
}
