//! The decisions of a plan: one for each resource, appended in the order in which they are made and never changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::executable::ResourceState;
use super::{Baseline, ResourcePlan, Unmanaged};
use crate::declaration::Stack;
use crate::kinds;
use crate::model::{Action, Address, NotChecked, Refusal, StepReason};
use crate::resource::{Document, Observed, PlannedWrite, ResourceRef, State, WriteContext};

/// The decision about one resource.
pub(super) struct Decision {
    /// Its entry in the plan's listing.
    pub entry: ResourcePlan,
    /// Its values.
    pub state: ResourceState,
    /// The action of its writes. That of the entry is `replace` for a resource that is created again because it is
    /// deleted with its parent.
    pub action: Action,
    /// Its writes, in order.
    pub writes: Vec<PlannedWrite>,
    /// The resources whose writes come before its own.
    pub dependencies: Dependencies,
    /// True if the live resource is deleted, for good or before it is created again.
    pub deletes_live: bool,
    /// The resource whose deletion deletes this one, so that its own writes are not sent.
    pub cascades_from: Option<Address>,
    /// The reasons for which it must not be applied.
    pub refusals: Vec<Refusal>,
    /// The live fields that the spec does not declare and that are left alone.
    pub unmanaged: Vec<Unmanaged>,
    /// Its fields that were not compared.
    pub not_compared: Vec<NotChecked>,
}

impl Decision {
    /// Returns true if the resource stands alone and waits for no other.
    pub fn stands_alone(&self, stack: &Stack) -> bool {
        let is_alone = stack.resources.get(&self.state.at.address).is_some_and(|desired| desired.stands_alone);
        is_alone && self.dependencies.depends_on.is_empty()
    }
}

/// The dependencies of a resource, and so of its writes.
#[derive(Clone, Default)]
pub(super) struct Dependencies {
    /// Its parent.
    pub parent: Option<Address>,
    /// The resources whose writes come first while it exists.
    pub depends_on: BTreeSet<Address>,
    /// The resources that are deleted first when it is deleted.
    pub outlasted_by: BTreeSet<Address>,
}

/// The decisions so far.
#[derive(Default)]
pub(super) struct Decisions {
    /// The decisions in the order in which they were made.
    pub in_order: Vec<Decision>,
    position: HashMap<Address, usize>,
    /// The reasons for which the plan must not be applied and that belong to no decision.
    pub refusals: Vec<Refusal>,
    /// The resources that are left alone because something about them could not be read.
    pub unreadable: Vec<NotChecked>,
    /// The live resources that are left alone.
    pub unmanaged: Vec<Unmanaged>,
    /// The entries of live resources that a rule of the spec would delete and that are kept.
    pub held_back: Vec<ResourcePlan>,
}

impl Decisions {
    /// Returns no decisions, with room for this number.
    pub fn with_capacity(count: usize) -> Decisions {
        Decisions {
            in_order: Vec::with_capacity(count),
            position: HashMap::with_capacity(count),
            ..Decisions::default()
        }
    }

    /// Appends a decision.
    pub fn push(&mut self, decision: Decision) {
        self.position.insert(decision.state.at.address.clone(), self.in_order.len());
        self.in_order.push(decision);
    }

    /// Appends all of `later`.
    pub fn then(mut self, later: Decisions) -> Decisions {
        later.in_order.into_iter().for_each(|decision| self.push(decision));
        self.refusals.extend(later.refusals);
        self.unreadable.extend(later.unreadable);
        self.unmanaged.extend(later.unmanaged);
        self.held_back.extend(later.held_back);
        self
    }

    /// Returns the decision about a resource, if it was made.
    pub fn get(&self, address: &Address) -> Option<&Decision> {
        self.position.get(address).map(|position| &self.in_order[*position])
    }

    /// Returns the resources whose live resource is deleted.
    pub fn deleted(&self) -> impl Iterator<Item = &Address> {
        self.in_order.iter().filter(|decision| decision.deletes_live).map(|decision| &decision.state.at.address)
    }

    /// Returns true if the live resource is deleted, for good or before it is created again.
    pub fn deletes(&self, address: &Address) -> bool {
        self.get(address).is_some_and(|decision| decision.deletes_live)
    }
}

/// A live resource to delete.
pub(super) struct Deletion<'a> {
    pub at: &'a ResourceRef,
    pub live: &'a Observed,
    pub parent: Option<&'a Address>,
    /// The declared value, by which the live resource was found.
    pub declared: Option<&'a Document>,
    /// The resource whose deletion deletes this one.
    pub cascades_from: Option<&'a Address>,
    /// The reason, if it differs from the kind's own.
    pub reason: Option<StepReason>,
    /// Its children, and the resources that refer to it.
    pub outlasted_by: BTreeSet<Address>,
    /// True if a rule of the spec deletes it.
    pub surplus: bool,
}

impl Deletion<'_> {
    /// Decides the deletion: its entry in the listing, and its writes.
    pub fn decide(self) -> Decision {
        let Deletion { at, live, parent, declared, cascades_from, reason, outlasted_by, surplus } = self;
        let change = WriteContext { at, action: Action::Delete, desired: None, live: Some(live), changes: &[] };
        let mut writes = kinds::entry(at.address.kind).writes(&change);
        if let Some(reason) = reason {
            writes.iter_mut().for_each(|write| write.reason.clone_from(&reason));
        }
        let mut notes = notes(Some(live));
        notes.extend(cascades_from.map(|outermost| format!("deleted with {outermost}")));
        Decision {
            entry: ResourcePlan {
                address: at.address.clone(),
                action: Action::Delete,
                kept: None,
                name: None,
                code: None,
                risks: Vec::new(),
                changes: Vec::new(),
                predicted: BTreeMap::new(),
                data_loss: None,
                notes,
                baseline: Some(baseline(live)),
                surplus,
                replaced_with: None,
                replaces: None,
            },
            state: ResourceState {
                at: at.clone(),
                desired: declared.cloned(),
                pending: BTreeMap::new(),
                live: Some(live.clone()),
                after: None,
                ignore: Vec::new(),
                package: None,
                attributes: Vec::new(),
            },
            action: Action::Delete,
            writes,
            dependencies: Dependencies { parent: parent.cloned(), depends_on: BTreeSet::new(), outlasted_by },
            deletes_live: true,
            cascades_from: cascades_from.cloned(),
            refusals: Vec::new(),
            unmanaged: Vec::new(),
            not_compared: live.unreadable.iter().map(|part| NotChecked::unreadable_part(&at.address, part)).collect(),
        }
    }
}

/// Returns the state of a live resource that the plan is bound to.
pub(super) fn baseline(live: &Observed) -> Baseline {
    Baseline { identity: live.identity.clone(), revision: live.revision.clone(), value: live.value.to_clear() }
}

/// Returns the notes on the state of a live resource.
pub(super) fn notes(live: Option<&Observed>) -> Vec<String> {
    let Some(live) = live else { return Vec::new() };
    let state = match &live.state {
        State::Settled => None,
        State::Settling { text, .. } => Some(format!("Lambda has an operation in progress: {text}")),
        State::Failed { code, reason } => Some(format!("the last operation failed in Lambda: {code}: {reason}")),
    };
    state.into_iter().chain(live.notes.iter().cloned()).collect()
}
