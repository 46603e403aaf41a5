//! The progress of a plan and of an apply, as a stream of events for a progress display.
//!
//! # Guarantees
//! Sending never waits and never fails: a run does not depend on a receiver. Each step that starts sends
//! [`Event::StepStarted`] first and [`Event::StepFinished`] last, with the outcome that the report has.

use std::fmt;
use std::time::Duration;

use tokio::sync::mpsc;

use super::Outcome;
use crate::model::{Address, Secrets};
use crate::plan::Step;
use crate::wire::{Bucket, Failure, Operation};

/// One event of a run.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// Planning waits for an operation that Lambda has in progress.
    WaitingForLambda {
        /// The resource and the operation.
        operation: String,
    },
    /// Planning reads the live state, and that takes long.
    Reading {
        /// How far it is, for each quota that it draws on.
        quotas: Vec<QuotaProgress>,
    },
    /// Planning downloads live code to compare it, and that takes long.
    DownloadingCode,
    /// An apply starts.
    Started {
        /// The number of its steps.
        steps: usize,
    },
    /// A step starts.
    StepStarted {
        /// The step.
        step: StepLabel,
    },
    /// A step waits for Lambda to finish, or for reads to show what was written.
    StepWaiting {
        /// The step.
        step: StepLabel,
        /// The reason for the wait.
        reason: String,
    },
    /// A call failed without effect and is sent again after a pause.
    Retrying {
        /// The step.
        step: StepLabel,
        /// AWS's message.
        reason: String,
        /// The pause.
        pause: Duration,
    },
    /// A step has finished.
    StepFinished {
        /// The step.
        step: StepLabel,
        /// Its outcome.
        outcome: Outcome,
    },
}

/// How far the reads of one quota are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaProgress {
    /// The quota.
    pub bucket: Bucket,
    /// The reads that have a reply.
    pub done: usize,
    /// The reads that are expected in all.
    pub expected: usize,
}

/// The identity of a step, as people read it.
#[derive(Clone, Debug, PartialEq)]
pub struct StepLabel {
    /// The number in the plan.
    pub id: u32,
    /// The operation.
    pub operation: Operation,
    /// The resource.
    pub address: Address,
}

impl fmt::Display for StepLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {} {}", self.id, self.operation, self.address)
    }
}

impl From<&Step> for StepLabel {
    fn from(step: &Step) -> Self {
        StepLabel { id: step.id, operation: step.operation, address: step.address.clone() }
    }
}

/// The receiving end; it yields `None` once the run has ended.
pub type EventReceiver = mpsc::UnboundedReceiver<Event>;

/// The sending end; the default one discards every event.
#[derive(Clone, Debug, Default)]
pub struct EventSender {
    sender: Option<mpsc::UnboundedSender<Event>>,
    secrets: Secrets,
}

/// Returns both ends of a new stream of events.
pub fn events() -> (EventSender, EventReceiver) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (EventSender { sender: Some(sender), secrets: Secrets::default() }, receiver)
}

impl EventSender {
    /// Returns the same stream with these secrets masked in every text, because AWS's messages quote rejected values.
    #[must_use]
    pub fn masking(mut self, secrets: &Secrets) -> EventSender {
        self.secrets = secrets.clone();
        self
    }

    /// Reports an operation in progress that planning waits for.
    pub(crate) fn waiting_for_lambda(&self, operation: &str) {
        self.send(|| Event::WaitingForLambda { operation: self.secrets.shown(operation) });
    }

    /// Reports how far the reads of a plan are.
    pub(crate) fn reading(&self, quotas: Vec<QuotaProgress>) {
        self.send(|| Event::Reading { quotas });
    }

    /// Reports that the live code takes long to download.
    pub(crate) fn downloading_code(&self) {
        self.send(|| Event::DownloadingCode);
    }

    /// Reports the start of an apply.
    pub(super) fn started(&self, steps: usize) {
        self.send(|| Event::Started { steps });
    }

    /// Reports the start of a step.
    pub(super) fn step_started(&self, step: &Step) {
        self.send(|| Event::StepStarted { step: step.into() });
    }

    /// Reports that a step waits.
    pub(super) fn step_waiting(&self, step: &Step, reason: &str) {
        self.send(|| Event::StepWaiting { step: step.into(), reason: self.secrets.shown(reason) });
    }

    /// Reports that a call of the step is sent again.
    pub(super) fn retrying(&self, step: &Step, failure: &Failure, pause: Duration) {
        self.send(|| Event::Retrying { step: step.into(), reason: self.secrets.shown(&failure.message), pause });
    }

    /// Reports the end of a step.
    pub(super) fn step_finished(&self, step: &Step, outcome: &Outcome) {
        self.send(|| {
            let mut outcome = outcome.clone();
            outcome.scrub(&self.secrets);
            Event::StepFinished { step: step.into(), outcome }
        });
    }

    fn send(&self, event: impl FnOnce() -> Event) {
        if let Some(sender) = &self.sender {
            // The receiver may be closed; the run continues.
            let _ = sender.send(event());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_a_receiver_continues() {
        let (sender, receiver) = events();
        drop(receiver);
        sender.started(1);
        EventSender::default().started(1);
    }

    #[tokio::test]
    async fn events_come_in_order_and_end_with_the_run() {
        let (sender, mut receiver) = events();
        sender.started(2);
        sender.waiting_for_lambda("function/orders: update");
        drop(sender);
        assert_eq!(receiver.recv().await, Some(Event::Started { steps: 2 }));
        let operation = "function/orders: update".to_owned();
        assert_eq!(receiver.recv().await, Some(Event::WaitingForLambda { operation }));
        assert_eq!(receiver.recv().await, None);
    }
}
