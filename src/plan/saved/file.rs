//! The file of saved plans: one plan, or one for each of several targets.

use indexmap::IndexMap;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{PlanFileError, SealedPlan};
use crate::model::{OfTarget, PerTarget};

/// The plans of a file, in the order of the spec. The plan of a spec without `targets` has no name.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedPlans(pub Vec<(Option<String>, SealedPlan)>);

impl SavedPlans {
    /// Returns the text of the file.
    pub fn to_json(&self) -> String {
        match self.0.as_slice() {
            [(None, plan)] => plan.to_json(),
            plans => {
                let plans = plans.iter().map(|(name, plan)| (name.clone().unwrap_or_default(), OfTarget::Done(plan)));
                let mut text = serde_json::to_string_pretty(&PerTarget::Several { targets: plans.collect() })
                    .expect("plans are plain data");
                text.push('\n');
                text
            }
        }
    }

    /// Returns the digest of a file of plans, as `sha256sum` computes it: two files with one digest are the same file.
    pub fn digest(text: &str) -> String {
        format!("sha256:{}", hex::encode(Sha256::digest(text)))
    }

    /// Reads the file.
    ///
    /// # Errors
    /// The text is not JSON, not a plan, or a plan of another major format version.
    pub fn from_json(text: &str) -> Result<SavedPlans, PlanFileError> {
        match SavedPlans::from_report(text)? {
            (plans, failed) if failed.is_empty() => Ok(plans),
            (_, failed) => Err(PlanFileError::NoPlan { target: failed[0].0.clone() }),
        }
    }

    /// Reads what `--output json=` has written: the plans, and the targets that have none, each with its error.
    ///
    /// # Errors
    /// The text is not JSON, not a plan, or a plan of another major format version.
    pub fn from_report(text: &str) -> Result<(SavedPlans, Vec<(String, String)>), PlanFileError> {
        let mut value: Value = serde_json::from_str(text).map_err(PlanFileError::NotAPlan)?;
        let Some(targets) = value.get_mut("targets").filter(|targets| targets.is_object()) else {
            return Ok((SavedPlans(vec![(None, SealedPlan::from_value(value)?)]), Vec::new()));
        };
        let targets: IndexMap<String, Value> =
            serde_json::from_value(targets.take()).map_err(PlanFileError::Damaged)?;
        if targets.is_empty() {
            return Err(PlanFileError::Damaged(serde::de::Error::custom("it has no targets")));
        }
        let (mut plans, mut failed) = (Vec::new(), Vec::new());
        for (name, plan) in targets {
            match plan.get("error").and_then(Value::as_str) {
                Some(error) => failed.push((name, error.to_owned())),
                None => plans.push((Some(name), SealedPlan::from_value(plan)?)),
            }
        }
        Ok((SavedPlans(plans), failed))
    }

    /// Returns the stacks of a plan file, also one that another version of trueup wrote; none for any other file.
    pub fn stacks_of(text: &str) -> Vec<String> {
        let Ok(value) = serde_json::from_str::<Value>(text) else { return Vec::new() };
        match value.get("targets").and_then(Value::as_object) {
            Some(targets) => targets.values().filter_map(stack_of).collect(),
            None => stack_of(&value).into_iter().collect(),
        }
    }
}

fn stack_of(plan: &Value) -> Option<String> {
    plan.get("format_version")?.as_str()?;
    Some(plan.get("stack")?.as_str()?.to_owned())
}
