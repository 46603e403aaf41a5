//! Applies a plan: [`run`] and [`retry`], which are pure, decide what comes next; [`execute`] sends and waits.
//!
//! The executor decides nothing about resources. It starts the steps whose predecessors succeeded, sends each under
//! its precondition, waits until Lambda has settled, checks that the live value is the written one, and reports.
//!
//! # Guarantees
//! - Only an [`ApprovedPlan`](crate::plan::ApprovedPlan) is applied (a `compile_fail` example there).
//! - No update is lost: a write carries a RevisionId, or creates what Lambda does not create twice, or the resource is read and
//!   compared right before it (`tests/it/concurrent_writer.rs`, `tests/it/unknown_revisions.rs`).
//! - A write whose reply was lost is not sent again before its effect is known (`tests/it/lost_replies.rs`).
//! - Steps on one function never overlap, and dependents of a failed step are skipped (tests in [`run`]).
//! - Once stopped, the calls in progress are finished and no other is sent (`tests/it/stopping.rs`).

mod compare;
mod deadline;
mod events;
mod execute;
mod ownership;
mod report;
mod report_json;
mod retry;
mod run;

use std::time::Duration;

use crate::wire::Operation;

pub(crate) use deadline::Deadline;
pub use events::{Event, EventReceiver, EventSender, QuotaProgress, StepLabel, events};
pub use execute::apply;
pub use report::{Misprediction, Outcome, Report, StepError, Verdict, WriteStatus};
pub use report_json::{MaskedReport, PlanApproval, REPORT_VERSION, schema};
pub use run::Run;

/// The options of an apply.
#[derive(Clone, Copy, Debug)]
pub struct ApplyOptions {
    /// The largest number of concurrent steps. Steps on one function never overlap.
    pub parallelism: usize,
    /// The timeout of each step.
    pub deadline: Duration,
    /// The pause before the first poll of a resource; it doubles with each poll.
    pub first_pause: Duration,
    /// The longest pause between two polls.
    pub longest_pause: Duration,
    /// True if live code whose hash differs is downloaded and compared by its files; otherwise the hash decides.
    pub compare_code: bool,
}

impl ApplyOptions {
    /// Returns the pause before the first look at what an operation did, which is worth nothing while Lambda works on it. Where
    /// polls are quicker than on AWS, Lambda is too.
    pub(crate) fn first_look(&self, operation: Operation) -> Duration {
        operation.usual_time().min(self.first_pause.saturating_mul(8))
    }

    /// Returns the pauses between the reads of one wait.
    pub(crate) fn pauses(&self) -> Pauses {
        Pauses { next: self.first_pause, longest: self.longest_pause }
    }
}

/// The pauses between the reads of one wait: each is twice as long as the one before, up to the longest.
#[derive(Debug)]
pub(crate) struct Pauses {
    next: Duration,
    longest: Duration,
}

impl Pauses {
    /// Returns the next pause.
    pub(crate) fn next_pause(&mut self) -> Duration {
        let pause = self.next;
        // Without any pause a wait would keep the server busy.
        self.next = pause.saturating_mul(2).min(self.longest).max(Duration::from_millis(1));
        pause
    }
}

impl Default for ApplyOptions {
    fn default() -> Self {
        ApplyOptions {
            parallelism: 10,
            deadline: Duration::from_secs(15 * 60),
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(5),
            compare_code: true,
        }
    }
}
