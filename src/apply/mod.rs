//! Applies a plan: [`run`] and [`retry`], which are pure, decide what comes next; [`execute`] sends and waits.
//!
//! The executor decides nothing about resources. It starts the steps whose predecessors succeeded, sends each under
//! its precondition, waits until Lambda has settled, checks that what settled is what was written, and reports.

mod compare;
mod events;
mod execute;
mod report;
mod retry;
mod run;

use std::time::Duration;

pub use events::{Event, EventReceiver, EventSender, StepLabel, events};
pub use execute::apply;
pub use report::{MaskedReport, Outcome, REPORT_VERSION, Report, StepError, Verdict, WriteStatus, schema};
pub use run::Run;

/// The options of an apply.
#[derive(Clone, Copy, Debug)]
pub struct ApplyOptions {
    /// The largest number of concurrent steps. Steps on one function never overlap.
    pub parallelism: usize,
    /// The timeout of each step.
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
