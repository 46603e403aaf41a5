//! The result of an apply, step by step.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::model::{Address, Change, Secrets};
use crate::plan::Step;
use crate::wire::{Failure, Missing};

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
    pub(crate) fn refused(reason: impl Into<String>, changes: Vec<Change>) -> StepError {
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Every step of the plan with its outcome.
    pub steps: Vec<(Step, Outcome)>,
    /// The values that Lambda returned and the plan had predicted otherwise.
    pub mispredicted: Vec<Misprediction>,
}

/// A value that Lambda returned, such as the number of a new version, and that the plan had predicted otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Misprediction {
    /// The resource.
    pub address: Address,
    /// The name of the attribute.
    pub attribute: String,
    /// The value in the plan.
    pub predicted: Value,
    /// The value that Lambda returned.
    pub returned: Value,
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
        Verdict::of(self.steps.iter().map(|(_, outcome)| outcome))
    }
}

impl Verdict {
    /// Returns the name that documents have for it.
    pub fn code(self) -> &'static str {
        match self {
            Verdict::Applied => "applied",
            Verdict::Refused => "refused",
            Verdict::Partial => "partial",
            Verdict::Failed => "failed",
        }
    }

    /// Returns the result of a run, or of several at once, from the outcomes of their steps.
    pub fn of<'a>(outcomes: impl Iterator<Item = &'a Outcome> + Clone) -> Verdict {
        let any = |is: fn(&Outcome) -> bool| outcomes.clone().any(is);
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_not_hidden_by_what_failed() {
        let refused = || Outcome::Error(StepError::refused("", Vec::new()));
        let failed = || Outcome::Error(StepError::failed(""));
        for (outcomes, verdict) in [
            (vec![], Verdict::Applied),
            (vec![Outcome::Done, Outcome::Done], Verdict::Applied),
            (vec![Outcome::Done, refused()], Verdict::Partial),
            (vec![failed(), Outcome::Done], Verdict::Partial),
            (vec![Outcome::Done, Outcome::NotStarted], Verdict::Partial),
            (vec![refused(), Outcome::NotStarted], Verdict::Refused),
            (vec![refused(), failed()], Verdict::Failed),
        ] {
            assert_eq!(Verdict::of(outcomes.iter()), verdict, "{outcomes:?}");
        }
    }
}
