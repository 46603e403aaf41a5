//! Finds out the effect of a call whose response does not say: it may have taken effect, or someone else may have written.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{CREATED, Executor, StepContext, Written};
use crate::apply::StepError;
use crate::apply::compare::{differences, unwritten};
use crate::apply::retry::VISIBLE_AFTER;
use crate::observe::observe_one;
use crate::plan::Precondition;
use crate::wire::Failure;

impl Executor {
    /// Looks for what a call of unknown fate may have done.
    ///
    /// `None` says that everything is as before, so that the call may be sent again; what would be there twice then is
    /// waited for, as long as Lambda may take to show it.
    pub(super) async fn verify_unknown(
        &self,
        context: &StepContext<'_>,
        since: Instant,
        failure: Option<&Failure>,
    ) -> Result<Option<Written>, StepError> {
        let answer = failure.map_or_else(String::new, |failure| format!("{}; ", failure.message));
        let patience = if context.step.operation.may_duplicate() { VISIBLE_AFTER } else { Duration::ZERO };
        loop {
            self.events.step_waiting(context.step, &format!("{answer}checking whether the call took effect"));
            let seen = self.verify_once(context).await?;
            if seen.is_some() || since.elapsed() >= patience {
                return Ok(seen);
            }
            sleep(Duration::from_secs(1)).await;
        }
    }

    /// After a call of unknown fate: was it done, is everything as before, or did somebody else write?
    pub(super) async fn verify_once(&self, context: &StepContext<'_>) -> Result<Option<Written>, StepError> {
        let now = observe_one(&self.endpoint, &context.resource.at, context.desired.as_ref()).await?;
        let (Some(desired), Some(live), false) = (&context.desired, &now, context.may_be_absent()) else {
            return Ok((context.may_be_absent() && now.is_none()).then_some(Written::AlreadyDone(None)));
        };
        let (address, ignore) = (&context.step.address, &context.resource.ignore);
        let left = unwritten(context.step, ignore, desired, live);
        let changes = differences(address, ignore, context.before.as_ref(), Some(live));
        match () {
            () if left.is_empty() => Ok(Some(Written::AlreadyDone(Some(Box::new(live.clone()))))),
            () if context.before.is_some() && changes.is_empty() => Ok(None),
            () if context.before.is_none() && context.kind.lifecycle().created_with_parent => Ok(None),
            () => Err(StepError::refused("someone else changed it since the plan", changes)),
        }
    }

    /// The refusal of a creation of what is there already.
    pub(super) async fn already_exists(&self, context: &StepContext<'_>) -> StepError {
        let now = observe_one(&self.endpoint, &context.resource.at, context.desired.as_ref()).await;
        let (address, ignore) = (&context.step.address, &context.resource.ignore);
        let moved = now.map(|now| differences(address, ignore, context.before.as_ref(), now.as_ref()));
        StepError::refused(CREATED, moved.unwrap_or_default())
    }

    /// The refusal of a write whose RevisionId did not match, with what moved.
    pub(super) async fn precondition_failed(&self, context: &StepContext<'_>) -> StepError {
        let of = match &context.step.precondition {
            Precondition::Revision { of, .. } => of,
            _ => &context.step.address,
        };
        let moved = match self.resources.get(of) {
            None => Vec::new(),
            Some(resource) => match observe_one(&self.endpoint, &resource.at, resource.desired.as_ref()).await {
                Ok(now) => differences(of, &resource.ignore, self.current(of).as_ref(), now.as_ref()),
                Err(_) => Vec::new(),
            },
        };
        let why = if moved.is_empty() {
            format!("the RevisionId of {of} changed since the plan: someone wrote to it")
        } else {
            format!("someone else changed {of} since the plan")
        };
        StepError::refused(why, moved)
    }
}
