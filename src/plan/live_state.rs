//! The live state that a plan starts from: the declared resources that exist, and those that the spec does not declare.

use std::collections::BTreeMap;

use crate::model::{
    Address, AddressMap, FileDifference, IamStatement, KindId, NotChecked, NotCheckedKind, StepReason, UnansweredRead,
};
use crate::resource::{Observed, ResourceRef};
use crate::wire::{Cause, Failure};

/// The live resources, as observed.
#[derive(Clone, Debug, Default)]
pub struct LiveState {
    /// The declared resources that are there.
    pub live: AddressMap<Observed>,
    /// The live resources that the spec does not declare.
    pub unmanaged: Vec<UnmanagedResource>,
    /// Notes for the user about the account as a whole.
    pub remarks: Vec<String>,
    /// The files in which the packages of declared resources differ from the live ones, where those could be read.
    pub code: BTreeMap<Address, FileDifference>,
    /// The resources that were not looked for.
    pub not_compared: Vec<NotChecked>,
    /// The declared resources that could not be read.
    pub unreadable: BTreeMap<Address, Failure>,
    /// The searches for undeclared resources that could not be made.
    pub unsearched: Vec<FailedSearch>,
}

/// Returns what a plan says of a failed read.
pub(super) fn unanswered(failure: &Failure) -> UnansweredRead {
    let cause = failure.cause();
    let permission = failure.missing_permission().filter(|_| cause != Some(Cause::OutsideBoundary));
    let resource = failure.missing_resource().map(str::to_owned);
    UnansweredRead {
        operation: failure.request.to_string(),
        cause: failure.message.clone(),
        statement: permission.clone().zip(resource).map(|(action, resource)| IamStatement { action, resource }),
        permission,
        not_offered: cause == Some(Cause::NotOffered),
    }
}

/// A search for undeclared resources that failed, so that there may be some.
#[derive(Clone, Debug)]
pub struct FailedSearch {
    /// The kind of resource.
    pub kind: KindId,
    /// The resource below which they would be; absent for the top of the account.
    pub below: Option<Address>,
    /// The read that failed.
    pub failure: Failure,
}

impl FailedSearch {
    /// Returns what a plan says of the search.
    pub fn not_checked(&self) -> NotChecked {
        NotChecked(NotCheckedKind::UndeclaredUnreadable {
            kind: self.kind,
            below: self.below.clone(),
            read: unanswered(&self.failure),
        })
    }

    /// Returns true if there may be such resources. A region that does not offer the operation has none.
    pub fn hides_resources(&self) -> bool {
        self.failure.cause() != Some(Cause::NotOffered)
    }
}

/// A live resource that the spec does not name.
#[derive(Clone, Debug)]
pub struct UnmanagedResource {
    /// Its place; the last key is its identity.
    pub at: ResourceRef,
    /// Its live value.
    pub live: Observed,
    /// Its parent, declared or not.
    pub parent: Option<Address>,
    /// The rule of the spec that deletes it, if one does.
    pub surplus: Option<StepReason>,
}
