//! One field that differs, and what is to happen to a resource.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ClearValue, FieldPath};

/// One field that a plan changes, or that has drifted.
///
/// With the default `V` the values are in the clear and the change cannot be serialised; with `serde_json::Value` the secret ones are hidden.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(bound(deserialize = "V: Deserialize<'de>"))]
#[schemars(description = "One field that a plan changes, or that has drifted.")]
pub struct Change<V = ClearValue> {
    /// The path of the field; the root path is the whole value.
    pub path: FieldPath,
    /// The live value; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<V>,
    /// The declared value, or its prediction; absent if the field goes away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<V>,
    /// True if `after` is a prediction, known only while applying.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unknown: bool,
    /// True if the values are secret and must never be shown or stored.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// True if the field cannot change in place, so that the resource is replaced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forces_replacement: bool,
}

impl<V> Change<V> {
    /// Returns the same difference, seen from the other side.
    #[must_use]
    pub fn reversed(self) -> Self {
        Change { before: self.after, after: self.before, ..self }
    }

    /// Returns the change with each value replaced by what `hide` makes of it.
    pub fn map<W>(&self, hide: impl Fn(&V) -> W) -> Change<W> {
        Change {
            path: self.path.clone(),
            before: self.before.as_ref().map(&hide),
            after: self.after.as_ref().map(&hide),
            unknown: self.unknown,
            secret: self.secret,
            forces_replacement: self.forces_replacement,
        }
    }
}

/// The action on a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is created.
    Create,
    /// It changes in place.
    Update,
    /// It is deleted and created again, because a field cannot change in place.
    Replace,
    /// It is deleted.
    Delete,
    /// It exists without our tag, and becomes ours.
    Adopt,
    /// It is as declared.
    Keep,
}

impl Action {
    /// The sign that stands for the action in a plan, as Terraform's users know it.
    pub fn sign(self) -> &'static str {
        match self {
            Action::Create => "+",
            Action::Update => "~",
            Action::Replace => "-/+",
            Action::Delete => "-",
            Action::Adopt => ">",
            Action::Keep => " ",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Action::Create => "create",
            Action::Update => "update",
            Action::Replace => "replace",
            Action::Delete => "delete",
            Action::Adopt => "adopt",
            Action::Keep => "keep",
        })
    }
}
