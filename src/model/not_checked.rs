//! The parts of a stack that a plan did not check against the live account.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::KindId;

/// One thing that was not checked, with the reason as a stable code in JSON.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(into = "NotCheckedRecord", from = "NotCheckedRecord")]
#[schemars(with = "NotCheckedRecord")]
pub struct NotChecked(pub NotCheckedKind);

/// The reasons for which something is not checked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum NotCheckedKind {
    /// Live resources of this type that the spec does not declare were not looked for.
    Undeclared {
        /// The name of the resource type.
        #[schemars(with = "String")]
        kind: KindId,
    },
    /// Declared resources are left out by `--target` or `--exclude`.
    Excluded {
        /// The number of those resources.
        count: usize,
    },
}

impl NotChecked {
    /// Records that live resources of a kind which the spec does not declare were not looked for.
    pub fn undeclared(kind: KindId) -> NotChecked {
        NotChecked(NotCheckedKind::Undeclared { kind })
    }

    /// Records that `count` declared resources are left out by the selection.
    pub fn excluded(count: usize) -> NotChecked {
        NotChecked(NotCheckedKind::Excluded { count })
    }
}

impl fmt::Display for NotChecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            NotCheckedKind::Undeclared { kind } => write!(f, "{kind} resources that the spec does not declare"),
            NotCheckedKind::Excluded { count: 1 } => f.write_str("1 resource excluded by --target or --exclude"),
            NotCheckedKind::Excluded { count } => write!(f, "{count} resources excluded by --target or --exclude"),
        }
    }
}

/// One thing that was not checked, as JSON: the code and its facts for programs, the text for people.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct NotCheckedRecord {
    #[serde(flatten)]
    kind: NotCheckedKind,
    /// The thing that was not checked.
    message: String,
}

impl From<NotChecked> for NotCheckedRecord {
    fn from(it: NotChecked) -> Self {
        NotCheckedRecord { message: it.to_string(), kind: it.0 }
    }
}

impl From<NotCheckedRecord> for NotChecked {
    fn from(record: NotCheckedRecord) -> Self {
        NotChecked(record.kind)
    }
}
