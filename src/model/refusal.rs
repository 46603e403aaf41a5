//! The reasons for which a plan must not be applied.

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

impl LimitSource {
    /// Returns the name of a limit where it is set.
    fn setting(self, name: &str) -> String {
        match self {
            LimitSource::Option => format!("--{}", name.replace('_', "-")),
            LimitSource::Spec => format!("`limits.{name}` of the spec"),
        }
    }
}

/// Returns a number of resources, and its share where the limit is one.
fn share(count: usize, live: usize, limit: Threshold) -> String {
    let resources = if count == 1 { "resource" } else { "resources" };
    match limit {
        Threshold::Count(_) => format!("{count} {resources}"),
        Threshold::Percent(_) => {
            let share = (count * 100).checked_div(live).unwrap_or_default();
            format!("{count} {resources}, {share}% of {live}")
        }
    }
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

    /// Returns the reason as a sentence without a full stop.
    pub fn message(&self) -> String {
        let address = self.address.as_ref().map_or_else(String::new, ToString::to_string);
        match &self.kind {
            RefusalKind::UndeclaredAddress => format!("the spec declares no {address}"),
            RefusalKind::PreventDestroy { effect } => {
                let effect = match effect {
                    ProtectedEffect::Deleted => "deleted",
                    ProtectedEffect::Replaced => "replaced",
                    ProtectedEffect::DeletedWithParent => "deleted with its parent, which is replaced",
                };
                format!("{address} would be {effect}, but the spec sets `prevent_destroy`")
            }
            RefusalKind::RenameOfProtected { former } => {
                format!(
                    "{former} would be deleted and {address} created, but the spec sets `prevent_destroy` on {address}"
                )
            }
            RefusalKind::OtherStack { owner } => format!("{address} belongs to stack `{owner}`"),
            RefusalKind::OwnerUnknown => format!("the owner of {address} is unknown: its tags could not be read"),
            RefusalKind::UnreadablePart { field, cause, .. } => {
                format!("writing {address} would lose its {field}, which could not be read: {cause}")
            }
            RefusalKind::UnreadableChildren { kind, read } => {
                format!("replacing {address} would delete its {kind} resources, which could not be read: {read}")
            }
            RefusalKind::DataLoss { lost } => format!("replacing {address} loses {lost}"),
            RefusalKind::ExcludedDependent => {
                format!("{address} is excluded, but would be deleted with its parent, which is replaced")
            }
            RefusalKind::AbsentParent { parent } => {
                format!("{address} cannot be created: {parent} does not exist and is not selected")
            }
            RefusalKind::UntaggedParent { parent } => {
                format!("{address} cannot be written: {parent} has no tag of this stack and is not selected")
            }
            RefusalKind::TooManyDeletes { count, live, limit, set_by } => {
                let setting = set_by.setting("max_deletes");
                format!("the plan deletes or replaces {}, and {setting} allows {limit}", share(*count, *live, *limit))
            }
            RefusalKind::TooManyChanges { count, live, limit, set_by } => {
                let setting = set_by.setting("max_changes");
                format!("the plan changes {}, and {setting} allows {limit}", share(*count, *live, *limit))
            }
            RefusalKind::Unconfirmed { class, risk, count } => {
                let more = match count {
                    0 | 1 => String::new(),
                    count => format!(" (and {} more)", count - 1),
                };
                format!("{address} {risk}{more}, and the spec wants the risk `{class}` confirmed")
            }
            RefusalKind::Invalid { reason } => reason.clone(),
        }
    }

    /// Returns the way out, as full sentences.
    pub fn help(&self) -> &'static str {
        match &self.kind {
            RefusalKind::UndeclaredAddress => "Run `trueup graph` to list the addresses.",
            RefusalKind::PreventDestroy { effect: ProtectedEffect::Deleted } => {
                "Remove `prevent_destroy`, or leave the resource out with --exclude."
            }
            RefusalKind::PreventDestroy { .. } => {
                "Revert the change that forces the replacement, or remove `prevent_destroy`."
            }
            RefusalKind::RenameOfProtected { .. } => {
                "Keep the old name. If they are two resources, first delete the old one in a plan that excludes the new one."
            }
            RefusalKind::OtherStack { .. } => "Declare it in one stack only, or remove its tag trueup:stack first.",
            RefusalKind::OwnerUnknown => "Grant lambda:ListTags.",
            RefusalKind::UnreadablePart { permission: Some(permission), .. } if permission == "kms:Decrypt" => {
                "Grant kms:Decrypt for the function's key."
            }
            RefusalKind::UnreadablePart { .. } | RefusalKind::UnreadableChildren { .. } => {
                "Make it readable, or leave the resource out with --exclude."
            }
            RefusalKind::DataLoss { .. } => "Revert the change that forces the replacement, or pass --allow-replace.",
            RefusalKind::ExcludedDependent => "Include it, so that it is created again in the same plan.",
            RefusalKind::AbsentParent { .. } | RefusalKind::UntaggedParent { .. } => {
                "Select the parent too, with another --target."
            }
            RefusalKind::TooManyDeletes { set_by: LimitSource::Option, .. } => {
                "Review the deletions, then raise --max-deletes."
            }
            RefusalKind::TooManyChanges { set_by: LimitSource::Option, .. } => {
                "Review the changes, then raise --max-changes."
            }
            RefusalKind::TooManyDeletes { .. } | RefusalKind::TooManyChanges { .. } => {
                "Review it, then raise the limit in the spec."
            }
            RefusalKind::Unconfirmed { .. } => "Review it, then pass --confirm with the name of the risk.",
            RefusalKind::Invalid { .. } => "Lambda is sure to reject it: correct the spec.",
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
