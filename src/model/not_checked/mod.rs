//! The parts of a stack that a plan did not check against the live account.

mod words;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Address, FieldPath, IamStatement, KindId, UnreadablePart};

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
    /// The function has published versions, and the spec neither publishes any nor points an alias to them.
    UndeclaredVersions {
        /// The function.
        address: Address,
        /// The numbers of the versions.
        versions: Vec<String>,
    },
    /// Versions that no alias uses may have resources of this type, each of which takes a read of its own.
    UnusedVersions {
        /// The name of the resource type.
        #[schemars(with = "String")]
        kind: KindId,
        /// The function.
        address: Address,
        /// The numbers of the versions.
        versions: Vec<String>,
    },
    /// Declared resources are left out by `--target`, `--exclude` or `--changed-since`.
    Excluded {
        /// The number of those resources.
        count: usize,
        /// The commit since which no change can have touched them, if that is the reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unchanged_since: Option<String>,
    },
    /// Listings show no difference of declared resources, and nothing else of them was read (`drift --shallow`).
    OnlyListed {
        /// The number of those resources.
        count: usize,
    },
    /// Lambda answered without a part of a resource, so that part is neither compared nor written.
    UnreadablePart {
        /// The resource.
        address: Address,
        /// The field.
        field: FieldPath,
        /// AWS's explanation.
        cause: String,
        /// The IAM action that is usually missing then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        permission: Option<String>,
    },
    /// The spec names the content of a field in a way that does not say if it has changed, such as an object in S3 without a
    /// version, so it counts as unchanged.
    Unpinned {
        /// The resource.
        address: Address,
        /// The field.
        field: FieldPath,
        /// What the spec lacks, as a sentence without a full stop.
        cause: String,
    },
    /// A declared resource could not be read, so it is neither compared nor written.
    Unreadable {
        /// The resource.
        address: Address,
        /// The failed operation, and AWS's explanation.
        #[serde(flatten)]
        read: UnansweredRead,
    },
    /// A declared resource depends on one that could not be read, so it is not written either.
    DependsOnUnreadable {
        /// The resource.
        address: Address,
    },
    /// Live resources of a kind that the spec does not declare could not be looked for.
    UndeclaredUnreadable {
        /// The kind.
        kind: KindId,
        /// The resource below which they would be; absent for the top of the account.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        below: Option<Address>,
        /// The failed operation, and AWS's explanation.
        #[serde(flatten)]
        read: UnansweredRead,
    },
}

/// A read that was not answered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct UnansweredRead {
    /// The operation.
    pub operation: String,
    /// AWS's explanation.
    pub cause: String,
    /// The IAM action to allow, if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
    /// The statement that allows it, where its resource is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<IamStatement>,
    /// True if the operation does not exist in the region.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_offered: bool,
}

impl NotChecked {
    /// Records that live resources of a kind which the spec does not declare were not looked for.
    pub fn undeclared(kind: KindId) -> NotChecked {
        NotChecked(NotCheckedKind::Undeclared { kind })
    }

    /// Records a part of a resource that Lambda answered without.
    pub fn unreadable_part(address: &Address, part: &UnreadablePart) -> NotChecked {
        let UnreadablePart { field, cause, permission } = part.clone();
        let permission = permission.map(str::to_owned);
        NotChecked(NotCheckedKind::UnreadablePart { address: address.clone(), field, cause, permission })
    }

    /// Records that `count` declared resources are left out by the selection.
    pub fn excluded(count: usize) -> NotChecked {
        NotChecked(NotCheckedKind::Excluded { count, unchanged_since: None })
    }

    /// Says of resources that were left out that only listings were looked at.
    pub fn make_shallow(&mut self) {
        if let NotCheckedKind::Excluded { count, .. } = self.0 {
            self.0 = NotCheckedKind::OnlyListed { count };
        }
    }

    /// Records that no change since this commit can have touched `count` declared resources.
    pub fn unchanged(count: usize, since: &str) -> NotChecked {
        NotChecked(NotCheckedKind::Excluded { count, unchanged_since: Some(since.to_owned()) })
    }
}

impl NotChecked {
    /// Returns true if it is a resource that the stack would have written or deleted, and that could not be read.
    pub fn is_unreadable_resource(&self) -> bool {
        matches!(self.0, NotCheckedKind::Unreadable { .. } | NotCheckedKind::DependsOnUnreadable { .. })
    }

    /// Returns true if it was to be read and could not be. A region that does not offer a kind has no resource of it.
    pub fn is_unreadable(&self) -> bool {
        match &self.0 {
            NotCheckedKind::Undeclared { .. }
            | NotCheckedKind::UndeclaredVersions { .. }
            | NotCheckedKind::UnusedVersions { .. }
            | NotCheckedKind::Excluded { .. }
            | NotCheckedKind::OnlyListed { .. }
            | NotCheckedKind::Unpinned { .. } => false,
            NotCheckedKind::UndeclaredUnreadable { read, .. } => !read.not_offered,
            NotCheckedKind::UnreadablePart { .. }
            | NotCheckedKind::Unreadable { .. }
            | NotCheckedKind::DependsOnUnreadable { .. } => true,
        }
    }

    /// Returns AWS's explanation, to take secrets out of it.
    pub fn cause_mut(&mut self) -> Option<&mut String> {
        match &mut self.0 {
            NotCheckedKind::UnreadablePart { cause, .. } => Some(cause),
            NotCheckedKind::Unreadable { read, .. } | NotCheckedKind::UndeclaredUnreadable { read, .. } => {
                Some(&mut read.cause)
            }
            NotCheckedKind::Undeclared { .. }
            | NotCheckedKind::UndeclaredVersions { .. }
            | NotCheckedKind::UnusedVersions { .. }
            | NotCheckedKind::Excluded { .. }
            | NotCheckedKind::OnlyListed { .. }
            | NotCheckedKind::Unpinned { .. }
            | NotCheckedKind::DependsOnUnreadable { .. } => None,
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
