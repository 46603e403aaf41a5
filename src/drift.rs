//! Drift: everything in which the account is not as declared, named by field. Pure.

use serde::Serialize;
use serde_json::Value;

use crate::model::{Action, Address, Change, FieldPath};
use crate::plan::{MaskedPlan, ResourcePlan};

/// One thing that is not as declared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drifted {
    /// The resource.
    pub address: Address,
    /// The difference.
    #[serde(flatten)]
    pub kind: DriftKind,
    /// Notes for the user.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// The way in which a resource differs from its declaration.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "drift")]
pub enum DriftKind {
    /// It is declared and not there.
    Missing,
    /// Its fields differ; `before` is what is declared, `after` what is live.
    Changed {
        /// The fields.
        fields: Vec<Change<Value>>,
    },
    /// It is there without our tag.
    NotOurs,
    /// It is there and not declared.
    Unmanaged {
        /// The field, if it is one of a declared resource.
        #[serde(skip_serializing_if = "Option::is_none")]
        field: Option<FieldPath>,
        /// The live value, with secrets masked.
        #[serde(skip_serializing_if = "Option::is_none")]
        live: Option<Value>,
    },
}

/// Everything in which the observed account is not as declared, in the order of addresses.
pub fn drift(plan: &MaskedPlan) -> Vec<Drifted> {
    let of = |planned: &ResourcePlan<Value>| {
        let kind = match (planned.action, &planned.saw) {
            // It is as declared, and only goes with something that is not.
            _ if planned.with.is_some() || planned.surplus => return None,
            (Action::Keep, _) => return None,
            (Action::Delete, saw) => {
                DriftKind::Unmanaged { field: None, live: saw.as_ref().map(|saw| saw.value.clone()) }
            }
            (_, None) => DriftKind::Missing,
            (Action::Adopt, Some(_)) if planned.changes.is_empty() => DriftKind::NotOurs,
            (_, Some(_)) => {
                // What will only follow from another change has not drifted.
                let fields: Vec<Change<Value>> = planned.changes.iter().filter(|it| !it.unknown).map(turned).collect();
                if fields.is_empty() {
                    return None;
                }
                DriftKind::Changed { fields }
            }
        };
        Some(Drifted { address: planned.address.clone(), kind, notes: planned.notes.clone() })
    };
    let unmanaged = plan.unmanaged.iter().map(|unmanaged| Drifted {
        address: unmanaged.address.clone(),
        kind: DriftKind::Unmanaged { field: unmanaged.field.clone(), live: unmanaged.live.clone() },
        notes: Vec::new(),
    });
    let mut drifted: Vec<Drifted> = plan.resources.iter().filter_map(of).chain(unmanaged).collect();
    drifted.sort_by(|a, b| a.address.cmp(&b.address));
    drifted
}

/// A plan tells what live will become; drift tells what declared has become.
fn turned(change: &Change<Value>) -> Change<Value> {
    Change { before: change.after.clone(), after: change.before.clone(), forces_replacement: false, ..change.clone() }
}
