//! The user's options for a plan.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Address, AddressPattern, KindId, RiskClass, Threshold};

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
    /// Delete no undeclared resource that one of these fits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub exclude_patterns: Vec<AddressPattern>,
    /// Plan only what a change of the spec can touch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<ChangedPart>,
    /// The limits of what the plan may do.
    pub limits: Limits,
}

/// The part of a stack that a change of its spec can touch: these resources, what depends on them, and what all of them need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChangedPart {
    /// The commit before the change, shortened.
    pub since: String,
    /// The resources that read otherwise, or whose code differs.
    pub resources: Vec<Address>,
    /// The kinds of the resources at the top of the account that left the spec.
    pub removed: Vec<KindId>,
}

/// The limits of what a plan may do without further approval. Those of the spec hold besides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    /// Allow replacements that lose something for good.
    #[serde(default)]
    pub allow_replace: bool,
    /// The most resources that a plan may delete or replace.
    pub max_deletes: Option<Threshold>,
    /// The most resources that a plan may change in any way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_changes: Option<Threshold>,
    /// The classes of risks that the user has confirmed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub confirmed: BTreeSet<RiskClass>,
}

impl Limits {
    /// Returns the limits that keep to both: those that a plan was made with, and those of whoever applies it. A risk that was
    /// confirmed for the plan stays so: the plan has no other.
    #[must_use]
    pub fn stricter(&self, other: &Limits) -> Limits {
        let least = |one: Option<Threshold>, two: Option<Threshold>| match (one, two) {
            (Some(Threshold::Count(one)), Some(Threshold::Count(two))) => Some(Threshold::Count(one.min(two))),
            (Some(Threshold::Percent(one)), Some(Threshold::Percent(two))) => Some(Threshold::Percent(one.min(two))),
            // The plan kept to the other one when it was made.
            (one, two) => one.or(two),
        };
        Limits {
            allow_replace: self.allow_replace && other.allow_replace,
            max_deletes: least(self.max_deletes, other.max_deletes),
            max_changes: least(self.max_changes, other.max_changes),
            confirmed: self.confirmed.union(&other.confirmed).copied().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stricter_of_two_limits_holds() {
        let limits = |allow_replace, max_deletes: Option<usize>| {
            let max_deletes = max_deletes.map(Threshold::Count);
            Limits { allow_replace, max_deletes, ..Limits::default() }
        };
        let (open, closed) = (limits(true, None), limits(false, Some(1)));
        assert_eq!(open.stricter(&closed), closed);
        assert_eq!(closed.stricter(&open), closed);
        assert_eq!(limits(true, Some(2)).stricter(&limits(true, Some(3))), limits(true, Some(2)));
    }
}
