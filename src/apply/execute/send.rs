//! Sends a write until its outcome is known. Read next: `src/cloud/mod.rs`

use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::{Executor, StepContext, WriteEnd};
use crate::apply::StepError;
use crate::apply::retry::{Next, VISIBLE_AFTER, decide};
use crate::observe::FreshReads;
use crate::resource::WriteRequest;
use crate::wire::{Call, Failure, FailureClass};

impl Executor {
    /// Sends the write, again if needed, until it succeeds, is found to have taken effect, is refused or fails.
    pub(super) async fn write(&self, context: &mut StepContext<'_>) -> Result<WriteEnd, StepError> {
        let begun = Instant::now();
        let mut last_failure: Option<Failure> = None;
        loop {
            // Before each attempt: another client may have written during the pause.
            match context.unknown_since {
                None => {
                    if !self.prepare(context).await? {
                        return Ok(WriteEnd::AlreadyDone(None));
                    }
                }
                Some(since) => {
                    if let Some(written) = self.verify_unknown(context, since, last_failure.as_ref()).await? {
                        return Ok(written);
                    }
                    self.find_revision(context, &mut FreshReads::new(&self.endpoint)).await?;
                }
            }
            // A stopped run sends no call again.
            if let Some(failure) = last_failure.take_if(|_| self.stop.is_cancelled()) {
                return Err(failure.into());
            }
            let call = self.call(context)?;
            let failure = match self.endpoint.send(call).await {
                Ok(reply) => return Ok(WriteEnd::Replied(Box::new(reply))),
                Err(failure) => failure,
            };
            if failure.class == FailureClass::NotFound && (context.may_be_absent() || context.removes()) {
                return Ok(WriteEnd::AlreadyDone(None));
            }
            match decide(&failure, begun.elapsed(), self.options.deadline) {
                Next::Again(pause) => {
                    self.events.retrying(context.step, &failure, pause);
                    self.pause(pause).await;
                }
                Next::Observe if begun.elapsed() > self.options.deadline => {
                    context.unknown_since = Some(Instant::now());
                    return Err(failure.into());
                }
                Next::Observe => {
                    context.unknown_since = Some(Instant::now());
                    self.pause(Duration::from_secs(1)).await;
                }
                // An earlier attempt may have taken effect without being visible yet; Lambda rejects this one then.
                Next::Taken | Next::Refuse
                    if context.unknown_since.is_some_and(|since| since.elapsed() < VISIBLE_AFTER) =>
                {
                    self.pause(Duration::from_secs(1)).await;
                }
                Next::Taken => return Err(self.already_exists(context).await),
                Next::Refuse => return Err(self.precondition_failed(context).await),
                Next::GiveUp => return Err(failure.into()),
            }
            last_failure = Some(failure);
        }
    }

    /// Waits; returns false as soon as the run is stopped.
    pub(super) async fn pause(&self, pause: Duration) -> bool {
        timeout(pause, self.stop.cancelled()).await.is_err()
    }

    /// Returns the step's call, with its RevisionId.
    fn call(&self, context: &StepContext<'_>) -> Result<Call, StepError> {
        let (step, resource) = (context.step, context.resource);
        let write = WriteRequest {
            at: &resource.at,
            desired: context.desired.clone(),
            live: context.before.clone(),
            covers: &step.covers,
            package: resource.package.clone(),
            also_creates: &step.also_creates,
        };
        let call = context.kind.request(step.operation, write).map_err(|error| StepError::failed(error.to_string()))?;
        match &context.revision {
            Some(revision) => {
                call.with_revision(revision).ok_or_else(|| StepError::failed("the operation takes no RevisionId"))
            }
            None => Ok(call),
        }
    }
}
