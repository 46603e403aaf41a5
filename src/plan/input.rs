//! The inputs of a plan other than the spec, and the values that applying it takes.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Plan, preflight};
use crate::model::{Address, FieldPath, NotChecked, Package, Template};
use crate::resource::{Attributes, Observed, ResourceRef};

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
    /// The declared or stray resource that it belongs to.
    pub parent: Option<Address>,
    /// The rule of the spec that deletes it, if one does.
    pub surplus: Option<String>,
}

/// The user's options for a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanOptions {
    /// Delete what the stack does not name, wherever it may.
    pub prune: bool,
    /// Delete everything that the stack owns.
    #[serde(default)]
    pub destroy: bool,
    /// Plan only these resources, and what they need.
    pub targets: Vec<Address>,
    /// Plan all but these resources, and what needs them.
    pub excludes: Vec<Address>,
    /// The limits of what the plan may do.
    pub limits: preflight::Limits,
}

/// A plan with the values that carrying it out takes, which the plan itself does not hold because some are secret.
#[derive(Clone, Debug)]
pub struct ExecutablePlan {
    /// The listing.
    pub plan: Plan,
    /// The resources that the plan is about, with every value that could be worked out.
    pub resources: BTreeMap<Address, ResourceState>,
}

/// One resource of a plan, with its values.
#[derive(Clone, Debug)]
pub struct ResourceState {
    /// Its place.
    pub at: ResourceRef,
    /// The declared value; absent for a deletion.
    pub desired: Option<Value>,
    /// Fields whose value is an output of another resource's steps.
    pub pending: BTreeMap<FieldPath, Template>,
    /// The live value before; absent if the resource does not exist.
    pub live: Option<Observed>,
    /// The value after the plan.
    pub after: Option<Value>,
    /// The ignored fields.
    pub ignore: Vec<FieldPath>,
    /// Its deployment package.
    pub package: Option<Arc<Package>>,
    pub(super) attributes: Attributes,
}
