//! How much a plan may do, and a look at the finished plan for what only all of it together shows: too many deletions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Plan, Refusal};
use crate::model::Action;

/// How much a plan may do without being asked twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    /// Whether what cannot be had back may be lost by a replacement.
    #[serde(default)]
    pub allow_replace: bool,
    /// The most resources that a plan may delete or replace.
    pub max_deletes: Option<usize>,
}

/// What of the plan must not be done.
pub fn refusals(plan: &Plan, limits: &Limits) -> Vec<Refusal> {
    let gone =
        plan.resources.iter().filter(|planned| matches!(planned.action, Action::Delete | Action::Replace)).count();
    let mut refusals = Vec::new();
    if let Some(most) = limits.max_deletes.filter(|most| gone > *most) {
        refusals.push(Refusal {
            address: None,
            message: format!("the plan deletes or replaces {gone} resources, and at most {most} are allowed"),
            help: "read the deletions; raise `--max-deletes` if they are meant".to_owned(),
        });
    }
    refusals
}
