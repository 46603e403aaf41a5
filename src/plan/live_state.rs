//! The live state that a plan starts from: the declared resources that exist, and those that the spec does not declare.

use std::collections::BTreeMap;

use crate::model::{Address, NotChecked, StepReason};
use crate::resource::{Observed, ResourceRef};

/// The live resources, as observed.
#[derive(Clone, Debug, Default)]
pub struct LiveState {
    /// The declared resources that are there.
    pub live: BTreeMap<Address, Observed>,
    /// The live resources that the spec does not declare.
    pub unmanaged: Vec<UnmanagedResource>,
    /// Notes for the user about the account as a whole.
    pub remarks: Vec<String>,
    /// The resources that were not read, with the reason.
    pub not_compared: Vec<NotChecked>,
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
