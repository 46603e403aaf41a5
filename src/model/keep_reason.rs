//! The reasons for which a plan leaves a resource as it is.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FieldPath, StepReason};

/// The reason for which a resource is kept, with a stable code and a text in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(into = "KeepReasonRecord", from = "KeepReasonRecord")]
#[schemars(with = "KeepReasonRecord")]
pub struct KeepReason(pub KeepReasonKind);

/// The reasons, each with its facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum KeepReasonKind {
    /// It is as declared.
    Unchanged,
    /// It differs only in fields that the spec ignores.
    DifferencesIgnored {
        /// Those fields.
        fields: Vec<FieldPath>,
    },
    /// It does not exist or differs, and no write is needed: Lambda's default is as declared, or the spec switches it off.
    NoWriteNeeded,
    /// A rule of the spec would delete it, but something still uses it.
    StillUsed {
        /// The rule, as the reason that the deletion would have.
        rule: StepReason,
    },
    /// A rule of the spec would delete it, but what it belongs to is adopted by the same plan.
    ParentAdopted {
        /// The rule, as the reason that the deletion would have.
        rule: StepReason,
    },
    /// A rule of the spec would delete it, but `--target` or `--exclude` leaves it out.
    NotSelected {
        /// The rule, as the reason that the deletion would have.
        rule: StepReason,
    },
}

impl From<KeepReasonKind> for KeepReason {
    fn from(kind: KeepReasonKind) -> Self {
        KeepReason(kind)
    }
}

impl fmt::Display for KeepReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            KeepReasonKind::Unchanged => f.write_str("nothing differs"),
            KeepReasonKind::DifferencesIgnored { fields } => {
                let fields: Vec<String> = fields.iter().map(ToString::to_string).collect();
                write!(f, "only ignored fields differ: {}", fields.join(", "))
            }
            KeepReasonKind::NoWriteNeeded => f.write_str("no write is needed"),
            KeepReasonKind::StillUsed { rule } => write!(f, "not deleted yet ({rule}): it is still used"),
            KeepReasonKind::ParentAdopted { rule } => {
                write!(f, "not deleted yet ({rule}): what it belongs to is adopted first")
            }
            KeepReasonKind::NotSelected { rule } => {
                write!(f, "not deleted ({rule}): --target or --exclude leaves it out")
            }
        }
    }
}

/// A reason as JSON: the code and its facts for programs, the text for people.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct KeepReasonRecord {
    #[serde(flatten)]
    kind: KeepReasonKind,
    /// The reason, as a phrase.
    message: String,
}

impl From<KeepReason> for KeepReasonRecord {
    fn from(reason: KeepReason) -> Self {
        KeepReasonRecord { message: reason.to_string(), kind: reason.0 }
    }
}

impl From<KeepReasonRecord> for KeepReason {
    fn from(record: KeepReasonRecord) -> Self {
        // The text follows from the code, so that of a file is not believed.
        KeepReason(record.kind)
    }
}
