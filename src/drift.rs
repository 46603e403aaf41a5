//! Drift: the differences between the spec and the live account, by field. Pure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{Action, Address, Change, FieldPath, NotChecked, PerTarget};
use crate::plan::{MaskedPlan, ResourcePlan};

/// The version of the format of drift as data: a new minor version only adds, a new major version changes.
pub const FORMAT_VERSION: &str = "1.0";

/// The drift of a stack as data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "trueup drift")]
pub struct DriftDocument {
    /// The version of this format.
    pub format_version: String,
    /// The account that was read.
    pub account: String,
    /// The region that was read.
    pub region: String,
    /// The stack's name.
    pub stack: String,
    /// The resources that were compared.
    pub compared: usize,
    /// The differences.
    pub drift: Vec<Drifted>,
    /// The resources that were not checked, with the reason.
    pub not_compared: Vec<NotChecked>,
}

impl DriftDocument {
    /// Returns the drift of the stack of a plan.
    pub fn of(plan: &MaskedPlan) -> DriftDocument {
        DriftDocument {
            format_version: FORMAT_VERSION.to_owned(),
            account: plan.account.clone(),
            region: plan.region.clone(),
            stack: plan.stack.clone(),
            compared: plan.resources.len(),
            drift: drift(plan),
            not_compared: plan.not_compared.clone(),
        }
    }

    /// Returns true if something could not be read, so that there may be more drift.
    pub fn is_incomplete(&self) -> bool {
        self.not_compared.iter().any(NotChecked::is_unreadable)
    }
}

/// The JSON Schema of drift as data.
pub fn schema() -> Value {
    let generator = schemars::generate::SchemaSettings::draft07().into_generator();
    generator.into_root_schema_for::<PerTarget<DriftDocument>>().to_value()
}

/// One resource that differs from the spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Drifted {
    /// The resource.
    pub address: Address,
    /// The difference.
    #[serde(flatten)]
    pub kind: DriftKind,
    /// Notes for the user.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// The kind of a difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "drift")]
pub enum DriftKind {
    /// It is declared and does not exist.
    Missing,
    /// Its fields differ; `before` is the declared value, `after` the live one.
    Changed {
        /// The fields.
        fields: Vec<Change<Value>>,
    },
    /// It exists without the tag of the stack.
    #[serde(rename = "not_ours")]
    Untagged,
    /// It exists and is not declared.
    Unmanaged {
        /// The undeclared field of a declared resource; the whole resource if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        field: Option<FieldPath>,
        /// The live value, with secrets masked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        live: Option<Value>,
    },
}

impl DriftKind {
    /// Returns the name that texts and reports have for it.
    pub fn code(&self) -> &'static str {
        match self {
            DriftKind::Missing => "missing",
            DriftKind::Changed { .. } => "changed",
            DriftKind::Untagged => "untagged",
            DriftKind::Unmanaged { .. } => "unmanaged",
        }
    }
}

/// Returns all differences, in the order of addresses.
pub fn drift(plan: &MaskedPlan) -> Vec<Drifted> {
    let of = |planned: &ResourcePlan<Value>| {
        let kind = match (planned.action, &planned.baseline) {
            // It is as declared, and only changes together with another resource.
            _ if planned.replaced_with.is_some() || planned.surplus => return None,
            (Action::Keep, _) => return None,
            (Action::Delete, live) => {
                DriftKind::Unmanaged { field: None, live: live.as_ref().map(|live| live.value.clone()) }
            }
            (_, None) => DriftKind::Missing,
            (Action::Adopt, Some(_)) if planned.only_adopts() => DriftKind::Untagged,
            (_, Some(_)) => {
                // A value that follows from another change has not drifted.
                let fields: Vec<Change<Value>> = planned.changes.iter().filter(|it| !it.unknown).map(turned).collect();
                if fields.is_empty() {
                    return None;
                }
                DriftKind::Changed { fields }
            }
        };
        let files = planned.code.as_ref().and_then(|code| code.difference.as_ref());
        let files = files.map(|difference| format!("an apply would deploy these files: {difference}"));
        let notes = files.into_iter().chain(planned.notes.iter().cloned()).collect();
        Some(Drifted { address: planned.address.clone(), kind, notes })
    };
    let unmanaged = plan.unmanaged.iter().map(|unmanaged| Drifted {
        address: unmanaged.address.clone(),
        kind: DriftKind::Unmanaged { field: unmanaged.field.clone(), live: unmanaged.live.clone() },
        notes: unmanaged.notes.clone(),
    });
    let mut drifted: Vec<Drifted> = plan.resources.iter().filter_map(of).chain(unmanaged).collect();
    drifted.sort_by(|a, b| a.address.cmp(&b.address));
    drifted
}

/// Swaps before and after: a plan leads from live to declared, drift from declared to live.
fn turned(change: &Change<Value>) -> Change<Value> {
    Change { before: change.after.clone(), after: change.before.clone(), forces_replacement: false, ..change.clone() }
}
