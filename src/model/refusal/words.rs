//! Refusals in words: the reason, and the way out.

use super::{LimitSource, ProtectedEffect, Refusal, RefusalKind};
use crate::model::Threshold;

impl Refusal {
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
            format!("{count} {resources}, {share}% of the stack's {live}")
        }
    }
}
