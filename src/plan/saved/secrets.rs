//! Plans without secrets: masked to be shown, sealed to be saved.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::ops::Deref;

use serde::Serialize;
use serde_json::Value;

use super::hidden::hidden;
use super::{Binding, PlanKey};
use crate::model::{Change, FieldPath, MASK};
use crate::plan::{Baseline, HiddenFields, Plan, ResourcePlan, Step, Unmanaged};

/// The hidden fields of a resource that has none.
static NONE: BTreeSet<FieldPath> = BTreeSet::new();

/// A plan in which every secret value is masked: what people and other programs are shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct MaskedPlan(Plan<Value>);

/// A plan without secret values, or with digests of them under a key: what is saved, and what two plans are compared by.
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
        MaskedPlan(self.hiding_secrets(&|_, _| Value::from(MASK)))
    }
}

impl Plan {
    /// Returns the plan to save: every secret value is [`MASK`], or a digest under the key of `binding`.
    pub fn sealed(&self, binding: &Binding) -> SealedPlan {
        let mut sealed = self.hiding_secrets(&|path, value| binding.seal(path, value));
        sealed.plan_key = binding.key.as_ref().map(PlanKey::fingerprint);
        SealedPlan(sealed)
    }
}

impl<V: Borrow<Value>> Plan<V> {
    /// Replaces every secret value by what `hide` makes of it.
    fn hiding_secrets(&self, hide: &dyn Fn(&FieldPath, &Value) -> Value) -> Plan<Value> {
        Plan {
            format_version: self.format_version.clone(),
            trueup_version: self.trueup_version.clone(),
            provenance: self.provenance.clone(),
            account: self.account.clone(),
            region: self.region.clone(),
            stack: self.stack.clone(),
            spec_digest: self.spec_digest.clone(),
            plan_key: self.plan_key.clone(),
            options: self.options.clone(),
            resources: self.resources.iter().map(|resource| resource.hiding_secrets(&self.hidden, hide)).collect(),
            steps: self.steps.iter().map(|step| step.hiding_secrets(&self.hidden)).collect(),
            unmanaged: self.unmanaged.iter().map(|unmanaged| unmanaged.hiding_secrets(&self.hidden, hide)).collect(),
            remarks: self.remarks.clone(),
            not_compared: self.not_compared.clone(),
            refusals: self.refusals.clone(),
            hidden: HiddenFields::default(),
        }
    }
}

impl Step {
    fn hiding_secrets(&self, fields: &HiddenFields) -> Step {
        let mut step = self.clone();
        fields.get(&self.address).into_iter().for_each(|fields| step.reason.hide(fields));
        step
    }
}

impl<V: Borrow<Value>> ResourcePlan<V> {
    fn hiding_secrets(&self, fields: &HiddenFields, hide: &dyn Fn(&FieldPath, &Value) -> Value) -> ResourcePlan<Value> {
        let fields = fields.get(&self.address).unwrap_or(&NONE);
        let change = |change: &Change<V>| {
            let path = &change.path;
            let secret = change.secret || fields.iter().any(|field| path.within(field));
            let hidden = change.map(|value| match secret {
                true => hide(path, value.borrow()),
                false => hidden(&self.address, path, value.borrow(), fields, hide),
            });
            Change { secret, ..hidden }
        };
        let baseline = self.baseline.as_ref().map(|baseline| Baseline {
            identity: baseline.identity.clone(),
            revision: baseline.revision.clone(),
            value: hidden(&self.address, &FieldPath::root(), baseline.value.borrow(), fields, hide),
        });
        ResourcePlan {
            address: self.address.clone(),
            action: self.action,
            kept: self.kept.clone(),
            name: self.name.clone(),
            code: self.code.clone(),
            changes: self.changes.iter().map(change).collect(),
            predicted: self.predicted.clone(),
            data_loss: self.data_loss.clone(),
            risks: self.risks.clone(),
            notes: self.notes.clone(),
            surplus: self.surplus,
            replaced_with: self.replaced_with.clone(),
            replaces: self.replaces.clone(),
            baseline,
        }
    }
}

impl<V: Borrow<Value>> Unmanaged<V> {
    fn hiding_secrets(&self, fields: &HiddenFields, hide: &dyn Fn(&FieldPath, &Value) -> Value) -> Unmanaged<Value> {
        let fields = fields.get(&self.address).unwrap_or(&NONE);
        let path = self.field.clone().unwrap_or_else(FieldPath::root);
        let live = self.live.as_ref().map(|live| hidden(&self.address, &path, live.borrow(), fields, hide));
        Unmanaged { address: self.address.clone(), field: self.field.clone(), live, notes: self.notes.clone() }
    }
}
