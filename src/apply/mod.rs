//! Carrying out a plan: what comes next is decided in [`run`] and [`retry`], which are pure; [`execute`] sends and waits.
//!
//! The executor decides nothing about resources. It starts the steps whose predecessors succeeded, sends each under
//! its precondition, waits until Lambda has settled, checks that what settled is what was written, and reports.

mod compare;
mod events;
mod execute;
mod retry;
mod run;

use std::time::Duration;

use serde::Serialize;

use crate::model::{Change, Secrets};
use crate::plan::Step;
use crate::wire::Failure;

pub use events::{Event, EventReceiver, EventSender, StepLabel, events};
pub use execute::apply;

/// How to carry out a plan.
#[derive(Clone, Copy, Debug)]
pub struct ApplyOptions {
    /// The most steps under way at once. Steps on one function never overlap.
    pub parallelism: usize,
    /// The longest wait for one step to settle.
    pub deadline: Duration,
    /// The pause before a resource is looked at again the first time; it doubles from there.
    pub first_pause: Duration,
    /// The longest such pause.
    pub longest_pause: Duration,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        ApplyOptions {
            parallelism: 10,
            deadline: Duration::from_secs(15 * 60),
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(5),
        }
    }
}

/// What became of the write of a step that did not end well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    /// It was not sent, or was refused: it has changed nothing.
    No,
    /// No answer tells whether it has taken effect.
    Perhaps,
    /// Lambda has taken it.
    Taken,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It was done, or was found done.
    Done,
    /// The world is not as the plan and its steps left it.
    Refused {
        /// What was seen that the plan had not seen.
        why: String,
        /// The fields that moved, from what the plan saw to what is there.
        moved: Vec<Change>,
        /// Whether the write was sent nevertheless.
        sent: Sent,
    },
    /// It could not be done, or not be finished.
    Failed {
        /// What went wrong.
        why: String,
        /// The call that failed, if one did.
        failure: Option<Box<Failure>>,
        /// Whether the write was sent.
        sent: Sent,
    },
    /// It was not begun, because an earlier step did not succeed.
    Skipped {
        /// That step.
        because: u32,
    },
    /// It was not begun, because the run was stopped.
    NotBegun,
}

impl Outcome {
    /// The same end, for a write that was sent.
    fn after(mut self, how: Sent) -> Outcome {
        if let Outcome::Refused { sent, .. } | Outcome::Failed { sent, .. } = &mut self {
            *sent = how;
        }
        self
    }

    /// The same end, with every secret masked in what AWS wrote.
    fn scrubbed(mut self, secrets: &Secrets) -> Outcome {
        if let Outcome::Failed { why, failure, .. } = &mut self {
            *why = secrets.scrub(why);
            if let Some(failure) = failure {
                failure.message = secrets.scrub(&failure.message);
            }
        }
        self
    }

    /// Returns the outcome as a stable word, without its reasons.
    pub fn code(&self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Refused { .. } => "refused",
            Outcome::Failed { .. } => "failed",
            Outcome::Skipped { .. } => "skipped",
            Outcome::NotBegun => "not_begun",
        }
    }

    /// Whether it may have changed something.
    pub fn left_a_mark(&self) -> bool {
        match self {
            Outcome::Done => true,
            Outcome::Refused { sent, .. } | Outcome::Failed { sent, .. } => *sent != Sent::No,
            Outcome::Skipped { .. } | Outcome::NotBegun => false,
        }
    }
}

/// What became of a plan, step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Every step of the plan with its outcome.
    pub steps: Vec<(Step, Outcome)>,
}

/// How a run ended as a whole; the exit code follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything was done.
    Applied,
    /// Nothing was written, because the world had moved.
    Refused,
    /// Something was written, or may have been, and something was not or is not finished.
    Partly,
    /// Nothing was written, because of an error.
    Failed,
}

impl Report {
    /// The report with every secret masked in what AWS wrote: its texts repeat what they complain about.
    pub fn scrubbed(mut self, secrets: &Secrets) -> Report {
        for (_, outcome) in &mut self.steps {
            *outcome = std::mem::replace(outcome, Outcome::NotBegun).scrubbed(secrets);
        }
        self
    }

    /// How the run ended as a whole.
    pub fn verdict(&self) -> Verdict {
        let any = |is: fn(&Outcome) -> bool| self.steps.iter().any(|(_, outcome)| is(outcome));
        if !any(|outcome| *outcome != Outcome::Done) {
            Verdict::Applied
        } else if any(Outcome::left_a_mark) {
            Verdict::Partly
        } else if any(|outcome| matches!(outcome, Outcome::Refused { .. }))
            && !any(|outcome| matches!(outcome, Outcome::Failed { .. }))
        {
            Verdict::Refused
        } else {
            Verdict::Failed
        }
    }
}
