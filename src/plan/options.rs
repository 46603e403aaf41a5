//! The user's options for a plan.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::preflight::Limits;
use crate::model::Address;

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
    pub limits: Limits,
}
