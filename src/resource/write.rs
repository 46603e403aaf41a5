//! The writes of a kind: what it is given to plan them, what it asks for, and what it phrases as calls.

use std::sync::Arc;

use super::{Observed, RequestError, ResourceRef};
use crate::model::{Action, Address, Change, FieldPath, KindId, Package, StepReason};
use crate::wire::Operation;

/// The work to plan on one resource.
#[derive(Debug)]
pub struct WriteContext<'a, S> {
    /// Its place.
    pub at: &'a ResourceRef,
    /// The planned action.
    pub action: Action,
    /// The declared value; absent for a deletion.
    pub desired: Option<&'a S>,
    /// The live resource; absent for a creation.
    pub live: Option<&'a Observed<S>>,
    /// The fields that differ.
    pub changes: &'a [Change],
}

impl<S> WriteContext<'_, S> {
    /// The changed paths that lie within `field`.
    pub fn changed(&self, field: &'static str) -> Vec<FieldPath> {
        let field = FieldPath::from(field);
        self.changes.iter().filter(|change| change.path.within(&field)).map(|change| change.path.clone()).collect()
    }
}

/// The kind of condition under which a write overwrites only what the plan has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreconditionKind {
    /// The call carries the resource's own RevisionId.
    Revision,
    /// The call carries the RevisionId of another resource.
    RevisionOf(Address),
    /// The call takes no RevisionId: the resource is read again and compared just before the write.
    Unchanged,
}

/// One write that a kind asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedWrite {
    /// The operation.
    pub operation: Operation,
    /// The changed fields that the write brings about; empty for all of them.
    pub covers: Vec<FieldPath>,
    /// The reason for it.
    pub reason: StepReason,
    /// Its precondition.
    pub guard: PreconditionKind,
    /// True if Lambda rejects the call where what it creates exists already, so that it can overwrite nothing and duplicate
    /// nothing, whatever was read before.
    pub is_exclusive: bool,
    /// Shared limits in which it makes room; it comes before every write that takes from them.
    pub frees: Vec<String>,
    /// Shared limits from which it takes.
    pub takes: Vec<String>,
    /// True if it runs before the writes of its parent, which exists already.
    pub ahead: bool,
    /// A resource whose RevisionId it may move without changing the resource.
    pub moves: Option<Address>,
    /// Fields that the write sets and Lambda does not return before a later write.
    pub unreturned: Vec<FieldPath>,
}

impl PlannedWrite {
    /// A write of the whole resource, guarded by reading it again.
    pub fn new(operation: Operation, reason: impl Into<StepReason>) -> Self {
        PlannedWrite {
            operation,
            covers: Vec::new(),
            reason: reason.into(),
            guard: PreconditionKind::Unchanged,
            is_exclusive: false,
            frees: Vec::new(),
            takes: Vec::new(),
            ahead: false,
            moves: None,
            unreturned: Vec::new(),
        }
    }

    /// Limits the write to some of the changed fields.
    pub fn covering(mut self, covers: Vec<FieldPath>) -> Self {
        self.covers = covers;
        self
    }

    /// Says that the write may give another resource a new RevisionId.
    pub fn moving(mut self, other: Address) -> Self {
        self.moves = Some(other);
        self
    }

    /// Names the fields that Lambda does not return after the write.
    pub fn without_returned(mut self, unreturned: Vec<FieldPath>) -> Self {
        self.unreturned = unreturned;
        self
    }

    /// Says that Lambda rejects the call where what it creates exists already.
    pub fn exclusively(mut self) -> Self {
        self.is_exclusive = true;
        self
    }

    /// Sets the precondition.
    pub fn guarded(mut self, guard: PreconditionKind) -> Self {
        self.guard = guard;
        self
    }
}

/// A write to phrase as a call, with every reference resolved.
#[derive(Debug)]
pub struct WriteRequest<'a, S> {
    /// The place of the resource.
    pub at: &'a ResourceRef,
    /// The declared value; absent for a deletion.
    pub desired: Option<S>,
    /// The last known state; absent for a creation.
    pub live: Option<Observed<S>>,
    /// The fields that this write changes; all of them if empty.
    pub covers: &'a [FieldPath],
    /// The deployment package, if the spec names one.
    pub package: Option<Arc<Package>>,
    /// The resources that the call creates too.
    pub also_creates: &'a [Address],
}

impl<S> WriteRequest<'_, S> {
    /// Returns the declared value, which the operation needs.
    pub fn declared(&self, operation: Operation) -> Result<&S, RequestError> {
        self.desired.as_ref().ok_or(RequestError::NotDeclared(operation))
    }

    /// Returns the live resource, which the operation needs.
    pub fn observed(&self, operation: Operation) -> Result<&Observed<S>, RequestError> {
        self.live.as_ref().ok_or(RequestError::NotLive(operation))
    }

    /// Returns the part of the resource that the write changes, such as the id of a statement.
    pub fn part(&self, operation: Operation) -> Result<&str, RequestError> {
        self.covers.first().and_then(FieldPath::first).ok_or(RequestError::NoPart(operation))
    }

    /// Returns true if the call creates a resource of this type too.
    pub fn creates(&self, kind: KindId) -> bool {
        self.also_creates.iter().any(|address| address.kind == kind)
    }

    /// Returns true if the write changes the field or something within it.
    pub fn changes(&self, field: &'static str) -> bool {
        let field = FieldPath::from(field);
        self.covers.is_empty() || self.covers.iter().any(|path| path.within(&field) || field.within(path))
    }
}
