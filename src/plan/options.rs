//! The user's options for a plan.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::Address;

/// The user's options for a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanOptions {
    /// Delete live resources that the spec does not declare.
    pub prune: bool,
    /// Delete everything that the stack owns.
    #[serde(default)]
    pub destroy: bool,
    /// Plan only these resources, and what they need.
    pub targets: Vec<Address>,
    /// Plan all but these resources, and what needs them.
    pub excludes: Vec<Address>,
    /// The limits of what the plan may do.
    pub limits: Limits,
}

/// The limits of what a plan may do without further approval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    /// Allow replacements that lose something for good.
    #[serde(default)]
    pub allow_replace: bool,
    /// The largest number of resources that a plan may delete or replace.
    pub max_deletes: Option<usize>,
}
