//! A report as JSON: the form that `apply --json` prints, without secrets.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::report::{Misprediction, Outcome, Report, StepError, Verdict, WriteStatus};
use crate::model::{Address, Change, ClearValue, MASK, NotChecked, PerTarget};
use crate::plan::Step;
use crate::wire::Operation;

/// The version of the JSON that `apply --json` prints. A new minor version only adds.
pub const REPORT_VERSION: &str = "1.3";

impl Report {
    /// Returns the report as JSON data: without secrets, so that it can be serialised.
    pub fn masked(&self) -> MaskedReport {
        let step = |(step, outcome): &(Step, Outcome)| StepRecord {
            id: step.id,
            address: step.address.clone(),
            operation: step.operation,
            outcome: OutcomeRecord::of(outcome),
        };
        MaskedReport {
            format_version: REPORT_VERSION.to_owned(),
            verdict: self.verdict(),
            steps: self.steps.iter().map(step).collect(),
            mispredicted: self.mispredicted.clone(),
            approval: None,
            not_compared: Vec::new(),
        }
    }
}

impl MaskedReport {
    /// Returns the report with the approval of the saved plan that was applied.
    #[must_use]
    pub fn approved(self, approval: Option<PlanApproval>) -> MaskedReport {
        MaskedReport { approval, ..self }
    }

    /// Returns the report with what the plan could not read, and the apply left as it is.
    #[must_use]
    pub fn not_compared(self, not_compared: &[NotChecked]) -> MaskedReport {
        let unread = not_compared.iter().filter(|it| it.is_unreadable()).cloned().collect();
        MaskedReport { not_compared: unread, ..self }
    }
}

/// The approval of a saved plan, as whoever applies it tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlanApproval {
    /// The digest of the plan file.
    pub plan_digest: String,
    /// Who approved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
}

/// The result of an apply as `apply --json` prints it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct MaskedReport {
    /// The version of this format: a new minor version only adds, a new major version changes.
    format_version: String,
    /// The result as a whole.
    verdict: Verdict,
    /// Every step of the plan.
    steps: Vec<StepRecord>,
    /// The values that Lambda returned and the plan had predicted otherwise; since 1.1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mispredicted: Vec<Misprediction>,
    /// The approval of the saved plan that was applied; since 1.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    approval: Option<PlanApproval>,
    /// What could not be read, and was left as it is; since 1.3.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    not_compared: Vec<NotChecked>,
}

/// One step of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
struct StepRecord {
    /// Its number in the plan.
    id: u32,
    /// The resource.
    address: Address,
    /// The operation.
    operation: Operation,
    #[serde(flatten)]
    outcome: OutcomeRecord,
}

/// The end of a step.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
enum OutcomeRecord {
    /// It succeeded.
    Done,
    /// The live state is not as the plan saw it.
    Refused {
        /// The difference.
        reason: String,
        /// The fields that changed, with secrets masked.
        changes: Vec<Change<Value>>,
        /// The status of the write.
        write: WriteStatus,
    },
    /// A call failed, or Lambda did not finish the change.
    Failed {
        /// The failure.
        reason: String,
        /// The status of the write.
        write: WriteStatus,
        /// AWS's error code.
        #[serde(skip_serializing_if = "Option::is_none")]
        error_code: Option<String>,
        /// The id of the request, to quote to AWS support.
        #[serde(skip_serializing_if = "Option::is_none")]
        request_id: Option<String>,
    },
    /// It was not started, because an earlier step did not succeed.
    Skipped {
        /// The number of that step.
        because: u32,
    },
    /// It was not started, because the run was stopped.
    NotStarted,
}

impl OutcomeRecord {
    fn of(outcome: &Outcome) -> OutcomeRecord {
        let masked = |change: &Change| {
            let hide = |value: &ClearValue| {
                if change.secret { Value::from(MASK) } else { value.clone().into_inner() }
            };
            change.map(hide)
        };
        match outcome {
            Outcome::Done => OutcomeRecord::Done,
            Outcome::Error(StepError::Refused { reason, changes, write }) => OutcomeRecord::Refused {
                reason: reason.clone(),
                changes: changes.iter().map(masked).collect(),
                write: *write,
            },
            Outcome::Error(StepError::Failed { reason, failure, write }) => OutcomeRecord::Failed {
                reason: reason.clone(),
                write: *write,
                error_code: failure.as_ref().map(|failure| failure.code.clone()).filter(|code| !code.is_empty()),
                request_id: failure.as_ref().and_then(|failure| failure.request_id.clone()),
            },
            Outcome::Skipped { because } => OutcomeRecord::Skipped { because: *because },
            Outcome::NotStarted => OutcomeRecord::NotStarted,
        }
    }
}

/// Returns the JSON Schema of reports.
pub fn schema() -> Value {
    let generator = schemars::generate::SchemaSettings::draft07().into_generator();
    generator.into_root_schema_for::<PerTarget<MaskedReport>>().to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_an_outcome_is_the_word_of_its_json() {
        let outcomes = [
            Outcome::Done,
            Outcome::Error(StepError::refused("", Vec::new())),
            Outcome::Error(StepError::failed("")),
            Outcome::Skipped { because: 1 },
            Outcome::NotStarted,
        ];
        for outcome in outcomes {
            let json = serde_json::to_value(OutcomeRecord::of(&outcome)).unwrap();
            assert_eq!(json["outcome"], outcome.code());
        }
    }
}
