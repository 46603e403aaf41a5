//! Plans without secrets: masked to be shown, sealed to be saved.

use std::borrow::Borrow;
use std::ops::Deref;

use serde::Serialize;
use serde_json::Value;

use super::Binding;
use crate::kinds;
use crate::model::{Address, Change, FieldPath, MASK};
use crate::plan::{Baseline, Plan, ResourcePlan, Unmanaged};
use crate::resource::field_traits;

/// A plan in which every secret value is masked: what people and other programs are shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct MaskedPlan(Plan<Value>);

/// A plan in which every secret value is replaced by a keyed digest: what is saved, and what two plans are compared by.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct SealedPlan(pub(super) Plan<Value>);

impl Deref for MaskedPlan {
    type Target = Plan<Value>;
    fn deref(&self) -> &Plan<Value> {
        &self.0
    }
}

impl Deref for SealedPlan {
    type Target = Plan<Value>;
    fn deref(&self) -> &Plan<Value> {
        &self.0
    }
}

impl<V: Borrow<Value>> Plan<V> {
    /// Returns the plan to show: every secret value is [`MASK`].
    pub fn masked(&self) -> MaskedPlan {
        MaskedPlan(self.hiding_secrets(&|_, _| Value::String(MASK.to_owned())))
    }
}

impl Plan {
    /// Returns the plan to save: every secret value is a digest under the key of `binding`.
    pub fn sealed(&self, binding: &Binding) -> SealedPlan {
        SealedPlan(self.hiding_secrets(&|path, value| binding.seal(path, value)))
    }
}

impl<V: Borrow<Value>> Plan<V> {
    /// Replaces every secret value by what `hide` makes of it.
    fn hiding_secrets(&self, hide: &dyn Fn(&FieldPath, &Value) -> Value) -> Plan<Value> {
        Plan {
            format_version: self.format_version.clone(),
            trueup_version: self.trueup_version.clone(),
            account: self.account.clone(),
            region: self.region.clone(),
            stack: self.stack.clone(),
            spec_digest: self.spec_digest.clone(),
            options: self.options.clone(),
            resources: self.resources.iter().map(|resource| resource.hiding_secrets(hide)).collect(),
            steps: self.steps.clone(),
            unmanaged: self.unmanaged.iter().map(|unmanaged| unmanaged.hiding_secrets(hide)).collect(),
            remarks: self.remarks.clone(),
            not_compared: self.not_compared.clone(),
            refusals: self.refusals.clone(),
        }
    }
}

impl<V: Borrow<Value>> ResourcePlan<V> {
    fn hiding_secrets(&self, hide: &dyn Fn(&FieldPath, &Value) -> Value) -> ResourcePlan<Value> {
        let change = |change: &Change<V>| {
            let path = &change.path;
            change.map(|value| if change.secret { hide(path, value.borrow()) } else { value.borrow().clone() })
        };
        let baseline = self.baseline.as_ref().map(|baseline| Baseline {
            identity: baseline.identity.clone(),
            revision: baseline.revision.clone(),
            value: hidden(&self.address, &FieldPath::root(), baseline.value.borrow(), hide),
        });
        ResourcePlan {
            address: self.address.clone(),
            action: self.action,
            kept: self.kept.clone(),
            changes: self.changes.iter().map(change).collect(),
            predicted: self.predicted.clone(),
            data_loss: self.data_loss.clone(),
            notes: self.notes.clone(),
            surplus: self.surplus,
            replaced_with: self.replaced_with.clone(),
            baseline,
        }
    }
}

impl<V: Borrow<Value>> Unmanaged<V> {
    fn hiding_secrets(&self, hide: &dyn Fn(&FieldPath, &Value) -> Value) -> Unmanaged<Value> {
        let path = self.field.clone().unwrap_or_else(FieldPath::root);
        let live = self.live.as_ref().map(|live| hidden(&self.address, &path, live.borrow(), hide));
        Unmanaged { address: self.address.clone(), field: self.field.clone(), live }
    }
}

/// The value at `path` of a resource, with what the kind's schema calls secret hidden.
fn hidden(address: &Address, path: &FieldPath, value: &Value, hide: &dyn Fn(&FieldPath, &Value) -> Value) -> Value {
    let mut value = value.clone();
    let (schema, secret) =
        path.keys().iter().fold((kinds::entry(address.kind).schema(), false), |(schema, secret), key| {
            let below = field_traits::field(schema, key);
            (below, secret || field_traits::has(below, field_traits::SECRET))
        });
    hide_within(&mut value, schema, secret, path, hide);
    value
}

fn hide_within(
    value: &mut Value,
    schema: &Value,
    secret: bool,
    path: &FieldPath,
    hide: &dyn Fn(&FieldPath, &Value) -> Value,
) {
    let secret = secret || field_traits::has(schema, field_traits::SECRET);
    match value {
        Value::Null => {}
        Value::Object(map) => {
            for (key, value) in map {
                hide_within(value, field_traits::field(schema, key), secret, &path.then(key.as_str()), hide);
            }
        }
        Value::Array(list) => {
            for (at, value) in list.iter_mut().enumerate() {
                hide_within(value, field_traits::field(schema, ""), secret, &path.then(at.to_string()), hide);
            }
        }
        value if secret => *value = hide(path, value),
        _ => {}
    }
}
