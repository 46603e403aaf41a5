//! The plan as data: what an apply would do, in a versioned format.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::options::PlanOptions;
use super::saved::Provenance;
use super::step::Step;
use crate::model::{
    Action, Address, Change, ClearValue, FieldPath, FileDifference, FileSize, KeepReason, NotChecked, PerTarget,
    Refusal, Risk, RiskKind,
};
use crate::resource::STACK_TAG;

/// The version of the plan's data format. A new minor version only adds; readers refuse a new major version. Fields that were
/// renamed in the source since 1.0 keep their keys.
pub const FORMAT_VERSION: &str = "1.2";

/// Everything that an apply would do, and what it would not.
///
/// With the default `V` the plan holds secrets in the clear and cannot be serialised; [`Plan::masked`] and
/// [`Plan::sealed`] give the plans that can.
///
/// ```compile_fail
/// fn print(plan: &trueup::plan::Plan) -> String {
///     serde_json::to_string(plan).unwrap()
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(bound(deserialize = "V: Deserialize<'de>"))]
#[schemars(description = "Everything that an apply would do, and what it would not.")]
pub struct Plan<V = ClearValue> {
    /// The version of this format: readers ignore members that they do not know, and refuse another major version.
    pub format_version: String,
    /// The version of trueup that made the plan.
    pub trueup_version: String,
    /// Where a saved plan comes from, and how long it holds; absent from a plan that was not saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Provenance>,
    /// The account that was observed.
    pub account: String,
    /// The region that was observed.
    pub region: String,
    /// The stack's name.
    pub stack: String,
    /// The digest that binds the plan to its spec: over every declared value that is not secret, and the places of the others.
    pub spec_digest: String,
    /// The fingerprint of the key under which the plan holds digests of secrets; absent if it holds nothing of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_key: Option<String>,
    /// The options that the plan was made with.
    #[serde(rename = "choice")]
    pub options: PlanOptions,
    /// Every resource of the stack and every live resource that the plan deletes, in order of execution.
    pub resources: Vec<ResourcePlan<V>>,
    /// Every write, in an order in which they could be done one after the other.
    pub steps: Vec<Step>,
    /// Live resources and keys that the spec does not declare and the plan does not change.
    pub unmanaged: Vec<Unmanaged<V>>,
    /// Notes for the user about the plan as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// The resources that were not checked, with the reason.
    pub not_compared: Vec<NotChecked>,
    /// The reasons for which the plan must not be applied.
    pub refusals: Vec<Refusal>,
    /// The fields that hold values of the environment, which are masked like secrets.
    #[serde(skip)]
    pub hidden: HiddenFields,
}

/// The fields of each resource whose values must not be shown, whatever their schema says.
pub type HiddenFields = BTreeMap<Address, BTreeSet<FieldPath>>;

/// The plan for one resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(bound(deserialize = "V: Deserialize<'de>"))]
pub struct ResourcePlan<V = ClearValue> {
    /// The resource.
    pub address: Address,
    /// The action.
    pub action: Action,
    /// The reason for which it is kept; absent if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<KeepReason>,
    /// The name in the account, where it is not the last key of the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The package that is deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<CodeChange>,
    /// The fields that differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change<V>>,
    /// Predictions of what Lambda will return, such as the number of the version that will be published.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub predicted: BTreeMap<String, Value>,
    /// The loss that its replacement causes for good, as a noun phrase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_loss: Option<String>,
    /// The consequences that people should see before all others, apart from its deletion or replacement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub risks: Vec<Risk>,
    /// Notes for the user.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// True if a rule of the spec deletes it, such as `retain_versions`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub surplus: bool,
    /// The parent whose replacement deletes the live resource.
    #[serde(rename = "with", default, skip_serializing_if = "Option::is_none")]
    pub replaced_with: Option<Address>,
    /// The resource of the stack that the plan deletes and that this one replaces under another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Address>,
    /// The live state that the plan is based on; absent if the resource does not exist.
    #[serde(rename = "saw", default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline<V>>,
}

impl<V> ResourcePlan<V> {
    /// Tests if nothing but the tag of the stack is added.
    pub fn only_adopts(&self) -> bool {
        let is_own_tag = |change: &Change<V>| change.path.keys().last().is_some_and(|key| key == STACK_TAG);
        self.action == Action::Adopt && self.changes.iter().all(is_own_tag)
    }

    /// Returns true if people are told of it: it changes, or there is a note about it.
    pub fn is_shown(&self) -> bool {
        self.action != Action::Keep || !self.notes.is_empty()
    }

    /// Returns every consequence that people should see before all others. That a rule of the spec, such as
    /// `retain_versions`, deletes what it no longer keeps is none.
    pub fn all_risks(&self) -> impl Iterator<Item = Risk> {
        let gone = match self.action {
            Action::Delete if !self.surplus => Some(RiskKind::Deletion),
            // What goes with its parent is part of what is lost there.
            Action::Replace if self.replaced_with.is_none() => {
                Some(RiskKind::Replacement { loses: self.data_loss.clone() })
            }
            _ => None,
        };
        gone.map(Risk).into_iter().chain(self.risks.iter().cloned())
    }
}

/// A deployment package, and the files in which it differs from the live one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CodeChange {
    /// The name of the directory, with a slash, or of the zip file.
    pub source: String,
    /// The number of its files.
    pub files: usize,
    /// The bytes of all files together.
    pub bytes: u64,
    /// The files in which it differs; absent if there is no live package or it could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<FileDifference>,
}

impl fmt::Display for CodeChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.difference {
            Some(difference) => write!(f, "{}: {difference}", self.source),
            None if self.files == 1 => write!(f, "{} (1 file, {})", self.source, FileSize(self.bytes)),
            None => write!(f, "{} ({} files, {})", self.source, self.files, FileSize(self.bytes)),
        }
    }
}

/// The live state of a resource that a plan is based on and bound to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(bound(deserialize = "V: Deserialize<'de>"))]
pub struct Baseline<V = ClearValue> {
    /// Its name or UUID.
    pub identity: String,
    /// Its RevisionId, where Lambda keeps one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Its fields.
    pub value: V,
}

/// A live resource or field that the spec does not declare and the plan does not change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(bound(deserialize = "V: Deserialize<'de>"))]
pub struct Unmanaged<V = ClearValue> {
    /// Its address, with its live name as the last key; or the resource that has the field.
    pub address: Address,
    /// The field, if it is one, such as a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<FieldPath>,
    /// Its live value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<V>,
    /// Notes for the user.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl<V> Plan<V> {
    /// Returns true if there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Returns the texts that may quote AWS, a file or the spec: notes, remarks, refusals, and the causes of what was not
    /// checked.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let notes = self.resources.iter_mut().flat_map(|planned| &mut planned.notes);
        let causes = self.not_compared.iter_mut().filter_map(NotChecked::cause_mut);
        let unmanaged = self.unmanaged.iter_mut().flat_map(|unmanaged| &mut unmanaged.notes);
        let refusals = self.refusals.iter_mut().filter_map(Refusal::text_mut);
        notes.chain(unmanaged).chain(&mut self.remarks).chain(causes).chain(refusals)
    }

    /// Returns the consequences that people should see before all others, by class.
    pub fn risks(&self) -> Vec<(&Address, Risk)> {
        let of_resource = |planned| ResourcePlan::<V>::all_risks(planned).map(|risk| (&planned.address, risk));
        let mut risks: Vec<(&Address, Risk)> = self.resources.iter().flat_map(of_resource).collect();
        risks.sort_by_key(|(_, risk)| risk.class());
        risks
    }

    /// Returns the plan for a resource.
    pub fn planned(&self, address: &Address) -> Option<&ResourcePlan<V>> {
        self.resources.iter().find(|planned| planned.address == *address)
    }
}

/// The JSON Schema of plans as data.
pub fn schema() -> Value {
    let generator = schemars::generate::SchemaSettings::draft07().into_generator();
    generator.into_root_schema_for::<PerTarget<Plan<Value>>>().to_value()
}
