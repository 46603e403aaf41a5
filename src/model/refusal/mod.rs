//! The reasons for which a plan must not be applied.

mod words;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Address, FieldPath, KindId, Risk, RiskClass, Threshold, UnansweredRead};

/// One reason for which a plan must not be applied, and the way out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(into = "RefusalRecord", from = "RefusalRecord")]
#[schemars(with = "RefusalRecord")]
pub struct Refusal {
    /// The resource, if it concerns one.
    pub address: Option<Address>,
    /// The reason.
    pub kind: RefusalKind,
}

/// The reasons, each with a stable code in JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum RefusalKind {
    /// `--target` or `--exclude` names a resource that the spec does not declare, so it would select something else.
    UndeclaredAddress,
    /// The spec protects the resource with `prevent_destroy`.
    PreventDestroy {
        /// The effect that the plan would have.
        effect: ProtectedEffect,
    },
    /// The spec protects the resource with `prevent_destroy`, and the plan creates it while it deletes another of its type
    /// that the spec no longer declares: it may have been renamed.
    RenameOfProtected {
        /// The resource that would be deleted.
        former: Address,
    },
    /// The live resource is tagged with another stack.
    OtherStack {
        /// That stack.
        owner: String,
    },
    /// The tags that name the owner could not be read.
    OwnerUnknown,
    /// A part of the resource that would be replaced or lost could not be read.
    UnreadablePart {
        /// The field.
        field: FieldPath,
        /// AWS's explanation.
        cause: String,
        /// The IAM action that is usually missing then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        permission: Option<String>,
    },
    /// The resource would be replaced, and what would be deleted with it could not be looked for.
    UnreadableChildren {
        /// The type of the children.
        kind: KindId,
        /// The failed operation, and AWS's explanation.
        #[serde(flatten)]
        read: UnansweredRead,
    },
    /// Replacing the resource loses something for good, and `--allow-replace` was not given.
    DataLoss {
        /// The loss, as a noun phrase.
        lost: String,
    },
    /// The resource would be deleted with its parent, which is replaced, and the selection leaves it out.
    ExcludedDependent,
    /// The resource's parent does not exist, and the selection leaves it out.
    AbsentParent {
        /// The parent.
        parent: Address,
    },
    /// The resource's parent is not the stack's yet, and the selection leaves it out.
    UntaggedParent {
        /// The parent.
        parent: Address,
    },
    /// The plan deletes or replaces more resources than allowed.
    TooManyDeletes {
        /// The resources that it deletes or replaces.
        count: usize,
        /// The resources that a share is of.
        #[serde(default)]
        live: usize,
        /// The most.
        limit: Threshold,
        /// Who says so.
        #[serde(default)]
        set_by: LimitSource,
    },
    /// The plan changes more resources than the user or the spec allows.
    TooManyChanges {
        /// The resources that it changes.
        count: usize,
        /// The resources that a share is of.
        live: usize,
        /// The most.
        limit: Threshold,
        /// Who says so.
        set_by: LimitSource,
    },
    /// The spec wants a class of risks confirmed, and nobody has.
    Unconfirmed {
        /// The class.
        class: RiskClass,
        /// The first of its risks.
        risk: Risk,
        /// The number of its risks.
        count: usize,
    },
    /// The change cannot succeed, mostly because Lambda is sure to reject it.
    Invalid {
        /// The fault, as a sentence without a full stop.
        reason: String,
    },
}

/// The effect that a plan would have on a protected resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProtectedEffect {
    /// It would be deleted.
    Deleted,
    /// It would be deleted and created again.
    Replaced,
    /// It would be deleted with its parent.
    DeletedWithParent,
}

/// Who sets a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitSource {
    /// An option of the command.
    #[default]
    Option,
    /// `limits` in the spec.
    Spec,
}

impl RefusalKind {
    /// Returns the code, as in JSON.
    pub fn code(&self) -> String {
        let json = serde_json::to_value(self).unwrap_or_default();
        json.get("code").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    }
}

impl Refusal {
    /// A refusal that concerns one resource.
    pub fn of(address: &Address, kind: RefusalKind) -> Refusal {
        Refusal { address: Some(address.clone()), kind }
    }

    /// Returns the text that may quote AWS or the spec, to take secrets out of it.
    pub fn text_mut(&mut self) -> Option<&mut String> {
        match &mut self.kind {
            RefusalKind::UnreadablePart { cause, .. } => Some(cause),
            RefusalKind::UnreadableChildren { read, .. } => Some(&mut read.cause),
            RefusalKind::Invalid { reason } => Some(reason),
            _ => None,
        }
    }

    /// Returns true if it depends on the limits that the user sets, and not on the plan alone.
    pub fn is_limit(&self) -> bool {
        matches!(
            self.kind,
            RefusalKind::DataLoss { .. }
                | RefusalKind::TooManyDeletes { .. }
                | RefusalKind::TooManyChanges { .. }
                | RefusalKind::Unconfirmed { .. }
        )
    }
}

/// A refusal as JSON: the code and its facts for programs, the texts for people.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct RefusalRecord {
    /// The resource, if it concerns one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<Address>,
    #[serde(flatten)]
    kind: RefusalKind,
    /// The reason.
    message: String,
    /// The way out.
    help: String,
}

impl From<Refusal> for RefusalRecord {
    fn from(refusal: Refusal) -> Self {
        let (message, help) = (refusal.message(), refusal.help().to_owned());
        RefusalRecord { address: refusal.address, kind: refusal.kind, message, help }
    }
}

impl From<RefusalRecord> for Refusal {
    fn from(record: RefusalRecord) -> Self {
        // The texts follow from the code, so those of a file are not believed.
        Refusal { address: record.address, kind: record.kind }
    }
}
