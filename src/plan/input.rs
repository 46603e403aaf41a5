//! What a plan is made from beside the spec, and the values that go with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Plan, preflight};
use crate::model::{Address, FieldPath, NotChecked, Package, Template};
use crate::resource::{Attributes, Observed, ResourceRef};

/// What was observed of the account.
#[derive(Clone, Debug, Default)]
pub struct LiveState {
    /// The declared resources that are there.
    pub live: BTreeMap<Address, Observed>,
    /// What is there and not declared.
    pub strays: Vec<UnmanagedResource>,
    /// What else the user should know about it as a whole.
    pub remarks: Vec<String>,
    /// What was not looked at, and why.
    pub not_compared: Vec<NotChecked>,
}

/// A live resource that the spec does not name.
#[derive(Clone, Debug)]
pub struct UnmanagedResource {
    /// Where it is; its last key is its identity.
    pub at: ResourceRef,
    /// What it is.
    pub live: Observed,
    /// The declared or stray resource that it belongs to.
    pub parent: Option<Address>,
    /// Why the spec's own rules want it gone, if they do.
    pub surplus: Option<String>,
}

/// What the user has chosen for this plan.
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
    /// How much may be done without being asked twice.
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
    /// Where it is.
    pub at: ResourceRef,
    /// What it should be; absent if it is to go.
    pub desired: Option<Value>,
    /// Fields whose value is an output of another resource's steps.
    pub pending: BTreeMap<FieldPath, Template>,
    /// What it was; absent if it is not there.
    pub live: Option<Observed>,
    /// What it will be.
    pub after: Option<Value>,
    /// Fields that are not ours.
    pub ignore: Vec<FieldPath>,
    /// Its deployment package.
    pub package: Option<Arc<Package>>,
    pub(super) attributes: Attributes,
}
