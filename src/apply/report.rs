//! The result of an apply, step by step, and its JSON.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::model::{Address, Change, ClearValue, MASK, Secrets};
use crate::plan::Step;
use crate::wire::{Failure, Missing, Operation};

/// The version of the JSON that `apply --json` prints. A new minor version only adds.
pub const REPORT_VERSION: &str = "1.0";

/// The status of the write of a step that did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WriteStatus {
    /// It was not sent, or Lambda rejected it: it had no effect.
    NotSent,
    /// It was sent, and it is unknown if it took effect.
    Unknown,
    /// Lambda accepted it.
    Accepted,
}

/// The reason why a step did not succeed.
#[derive(Clone, Debug, PartialEq)]
pub enum StepError {
    /// The live state is not as the plan and its earlier steps left it.
    Refused {
        /// The difference, as a phrase.
        reason: String,
        /// The fields that changed, from what the plan saw to what is live.
        changes: Vec<Change>,
        /// The status of the write.
        write: WriteStatus,
    },
    /// A call failed, or Lambda did not finish the change.
    Failed {
        /// The failure, as a phrase.
        reason: String,
        /// The call that failed, if one did.
        failure: Option<Box<Failure>>,
        /// The status of the write.
        write: WriteStatus,
    },
}

impl StepError {
    /// Returns a refusal of a write that was not sent.
    pub(super) fn refused(reason: impl Into<String>, changes: Vec<Change>) -> StepError {
        StepError::Refused { reason: reason.into(), changes, write: WriteStatus::NotSent }
    }

    /// Returns a failure without a failed call, of a write that was not sent.
    pub(super) fn failed(reason: impl Into<String>) -> StepError {
        StepError::Failed { reason: reason.into(), failure: None, write: WriteStatus::NotSent }
    }

    /// Returns the same error with this status of the write.
    pub(super) fn with_write(mut self, status: WriteStatus) -> StepError {
        *self.write_mut() = status;
        self
    }

    /// The status of the write.
    pub fn write(&self) -> WriteStatus {
        match self {
            StepError::Refused { write, .. } | StepError::Failed { write, .. } => *write,
        }
    }

    fn write_mut(&mut self) -> &mut WriteStatus {
        match self {
            StepError::Refused { write, .. } | StepError::Failed { write, .. } => write,
        }
    }
}

impl From<Failure> for StepError {
    fn from(failure: Failure) -> Self {
        StepError::Failed { reason: failure.to_string(), failure: Some(Box::new(failure)), write: WriteStatus::NotSent }
    }
}

impl From<Missing> for StepError {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Failed(failure) => failure.into(),
            other => StepError::failed(other.to_string()),
        }
    }
}

/// The outcome of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It succeeded, or its effect existed already.
    Done,
    /// It did not succeed.
    Error(StepError),
    /// It was not started, because an earlier step did not succeed.
    Skipped {
        /// That step.
        because: u32,
    },
    /// It was not started, because the run was stopped.
    NotStarted,
}

impl Outcome {
    /// Masks every secret in the texts that AWS wrote, because they quote rejected values.
    pub(super) fn scrub(&mut self, secrets: &Secrets) {
        let Outcome::Error(error) = self else { return };
        match error {
            StepError::Refused { reason, .. } => *reason = secrets.shown(reason),
            StepError::Failed { reason, failure, .. } => {
                *reason = secrets.shown(reason);
                if let Some(failure) = failure {
                    failure.message = secrets.shown(&failure.message);
                }
            }
        }
    }

    /// Returns the outcome as a stable word, without its reasons.
    pub fn code(&self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Error(StepError::Refused { .. }) => "refused",
            Outcome::Error(StepError::Failed { .. }) => "failed",
            Outcome::Skipped { .. } => "skipped",
            Outcome::NotStarted => "not_started",
        }
    }

    /// Returns true if the step may have changed something.
    pub fn may_have_written(&self) -> bool {
        match self {
            Outcome::Done => true,
            Outcome::Error(error) => error.write() != WriteStatus::NotSent,
            Outcome::Skipped { .. } | Outcome::NotStarted => false,
        }
    }

    /// Returns true if the step was refused because the live state had changed.
    pub fn is_refused(&self) -> bool {
        matches!(self, Outcome::Error(StepError::Refused { .. }))
    }

    /// Returns true if a call failed, or Lambda did not finish the change.
    pub fn is_failed(&self) -> bool {
        matches!(self, Outcome::Error(StepError::Failed { .. }))
    }
}

/// The result of an apply, step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Every step of the plan with its outcome.
    pub steps: Vec<(Step, Outcome)>,
}

/// The result of a run as a whole; the exit code follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every step succeeded.
    Applied,
    /// Nothing was written, because the live state had changed since the plan.
    Refused,
    /// Something was written, or may have been, and something was not or is not finished.
    Partial,
    /// Nothing was written, because of an error.
    Failed,
}

impl Report {
    /// Returns the report with every secret masked in the texts that AWS wrote.
    pub fn scrubbed(mut self, secrets: &Secrets) -> Report {
        for (_, outcome) in &mut self.steps {
            outcome.scrub(secrets);
        }
        self
    }

    /// Returns the result of the run as a whole.
    pub fn verdict(&self) -> Verdict {
        let any = |is: fn(&Outcome) -> bool| self.steps.iter().any(|(_, outcome)| is(outcome));
        if !any(|outcome| *outcome != Outcome::Done) {
            Verdict::Applied
        } else if any(Outcome::may_have_written) {
            Verdict::Partial
        } else if any(Outcome::is_refused) && !any(Outcome::is_failed) {
            Verdict::Refused
        } else {
            Verdict::Failed
        }
    }

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
        }
    }
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

/// Returns the JSON Schema of a report.
pub fn schema() -> Value {
    schemars::generate::SchemaSettings::draft07().into_generator().into_root_schema_for::<MaskedReport>().to_value()
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
