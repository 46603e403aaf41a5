//! Finds out if a call took effect whose reply was lost, by reading the resource.
//!
//! # Assumptions
//! A resource that Lambda could create twice is visible within [`VISIBLE_AFTER`].

use std::time::Duration;

use tokio::time::Instant;

use super::precondition::CREATED;
use super::{Executor, StepContext, WriteEnd};
use crate::apply::StepError;
use crate::apply::compare::{differences, unwritten};
use crate::apply::ownership;
use crate::apply::retry::VISIBLE_AFTER;
use crate::observe::observe_one;
use crate::plan::Precondition;
use crate::wire::Failure;

impl Executor {
    /// Reads the resource after a call of unknown effect; `None` means that it had none and may be sent again.
    ///
    /// For a resource that a second call would duplicate, reads are repeated until it must be visible. They end when the run
    /// is stopped, because nothing is sent again then.
    pub(super) async fn verify_unknown(
        &self,
        context: &StepContext<'_>,
        since: Instant,
        failure: Option<&Failure>,
    ) -> Result<Option<WriteEnd>, StepError> {
        let answer = failure.map_or_else(String::new, |failure| format!("{}; ", failure.message));
        let patience = if context.step.operation.may_duplicate() { VISIBLE_AFTER } else { Duration::ZERO };
        let mut pauses = self.options.pauses();
        loop {
            self.events.step_waiting(context.step, &format!("{answer}checking whether the call took effect"));
            let written = self.verify_once(context).await?;
            if written.is_some() || since.elapsed() >= patience || !self.pause(pauses.next_pause()).await {
                return Ok(written);
            }
        }
    }

    /// Reads once: the call took effect, had no effect (`None`), or another client wrote (an error).
    pub(super) async fn verify_once(&self, context: &StepContext<'_>) -> Result<Option<WriteEnd>, StepError> {
        let now = observe_one(&self.endpoint, &context.resource.at, context.sought()).await?;
        let (Some(desired), Some(live), false) = (&context.desired, &now, context.may_be_absent()) else {
            return Ok((context.may_be_absent() && now.is_none()).then_some(WriteEnd::AlreadyDone(None)));
        };
        let (address, ignore) = (&context.step.address, &context.resource.ignore);
        let left = unwritten(context.step, ignore, desired, live);
        let changes = differences(address, ignore, context.before.as_ref(), Some(live));
        let owner = context.before.as_ref().map(|before| &before.owner);
        let taken = owner.and_then(|owner| ownership::change(&context.resource.at.scope.stack, owner, &live.owner));
        match () {
            () if left.is_empty() => Ok(Some(WriteEnd::AlreadyDone(Some(Box::new(live.clone()))))),
            () if taken.is_some() => Err(StepError::refused(taken.unwrap_or_default(), changes)),
            () if context.before.is_some() && changes.is_empty() => Ok(None),
            () if context.before.is_none() && context.kind.lifecycle().created_with_parent => Ok(None),
            () => Err(StepError::refused("another client changed it since the plan", changes)),
        }
    }

    /// Returns the refusal to create an existing resource, with the changed fields.
    pub(super) async fn already_exists(&self, context: &StepContext<'_>) -> StepError {
        let now = observe_one(&self.endpoint, &context.resource.at, context.desired.as_ref()).await;
        let (address, ignore) = (&context.step.address, &context.resource.ignore);
        let changes = now.map(|now| differences(address, ignore, context.before.as_ref(), now.as_ref()));
        StepError::refused(CREATED, changes.unwrap_or_default())
    }

    /// Returns the refusal of a write whose RevisionId did not match, with the changed fields.
    pub(super) async fn precondition_failed(&self, context: &StepContext<'_>) -> StepError {
        let of = match &context.step.precondition {
            Precondition::Revision { of, .. } => of,
            _ => &context.step.address,
        };
        let changes = match self.resources.get(of) {
            None => Vec::new(),
            Some(resource) => match observe_one(&self.endpoint, &resource.at, resource.desired.as_ref()).await {
                Ok(now) => differences(of, &resource.ignore, self.current(of).as_ref(), now.as_ref()),
                Err(_) => Vec::new(),
            },
        };
        let why = if changes.is_empty() {
            format!("the RevisionId of {of} changed since the plan: someone wrote to it")
        } else {
            format!("another client changed {of} since the plan")
        };
        StepError::refused(why, changes)
    }
}
