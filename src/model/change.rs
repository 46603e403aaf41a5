//! One field that differs, and what is to happen to a resource.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::FieldPath;

/// One field that a plan changes, or that has drifted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Where the field is; the root path is the whole value.
    pub path: FieldPath,
    /// The live value; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The declared value, or its prediction; absent if the field goes away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// Whether `after` is settled only while applying.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unknown: bool,
    /// Whether the values are secret and must never be shown or stored.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// Whether the field cannot change in place, so that the resource is replaced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forces_replacement: bool,
}

impl Change {
    /// The same difference, told from the other side.
    #[must_use]
    pub fn reversed(self) -> Change {
        Change { before: self.after, after: self.before, ..self }
    }
}

/// What happens to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is not there and will be.
    Create,
    /// It changes in place.
    Update,
    /// It is deleted and created again, because a field cannot change in place.
    Replace,
    /// It is there and will not be.
    Delete,
    /// It is there without our tag, and becomes ours.
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
