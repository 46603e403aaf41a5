//! Waits until Lambda has finished a change and shows it, and checks that it is the written one.
//!
//! # Assumptions
//! Reads may be stale for up to [`VISIBLE_AFTER`] after a write.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{Executor, StepContext, WriteEnd};
use crate::apply::compare::{differences, uncovered_changes, unwritten};
use crate::apply::ownership;
use crate::apply::retry::VISIBLE_AFTER;
use crate::apply::{Deadline, StepError};
use crate::kinds;
use crate::model::{Address, Ownership, UnreadablePart};
use crate::observe::observe_one;
use crate::plan::{Precondition, REVISION, Step};
use crate::resource::{Observed, State};
use crate::wire::{Effect, FailureClass, Reply};

/// The reason for waiting while Lambda returns stale reads.
const NOT_VISIBLE: &str = "Lambda does not show the write yet";

impl Executor {
    /// Waits until Lambda has settled, and records the outputs of the step.
    pub(super) async fn finish(&self, context: &StepContext<'_>, written: WriteEnd) -> Result<(), StepError> {
        let step = context.step;
        let (reply, found) = match written {
            WriteEnd::Replied(reply) => (Some(reply), None),
            WriteEnd::AlreadyDone(live) => (None, live),
        };
        let live = match (&reply, found) {
            // It was not there any more when it was to be deleted.
            (None, None) if context.deletes() => None,
            (reply, found) => self.wait_until_settled(context, reply.as_deref(), found.map(|live| *live)).await?,
        };
        let live = match live {
            // An observation without an identity is of another resource, of which the step only changed the RevisionId.
            Some(live) if !live.identity.is_empty() => Some(self.wait_until_visible(context, live).await?),
            live => live,
        };
        self.remember(step, live);
        for created in &step.also_creates {
            self.remember_created(step, created, reply.as_deref()).await?;
        }
        if let Some(other) = &step.moves {
            self.read_moved_revision(step, other).await?;
        }
        Ok(())
    }

    /// Records a resource that the step created too: from the reply, or from a read if that says nothing of it.
    async fn remember_created(&self, step: &Step, created: &Address, reply: Option<&Reply>) -> Result<(), StepError> {
        let Some(resource) = self.resources.get(created) else { return Ok(()) };
        let desired = resource.desired.as_ref();
        let kind = kinds::entry(created.kind);
        let mut live = reply.and_then(|reply| kind.read_response(&resource.at, desired, reply));
        let (since, mut pauses) = (Instant::now(), self.options.pauses());
        while live.is_none() {
            // What another client has made since, or what was there before a replacement, is not what this call created.
            live = observe_one(&self.endpoint, &resource.at, desired).await?.filter(|live| resource.is_predicted(live));
            if live.is_none() {
                if since.elapsed() >= VISIBLE_AFTER {
                    return Err(StepError::failed(format!(
                        "Lambda does not show {created}, which the call creates too"
                    )));
                }
                self.events.step_waiting(step, NOT_VISIBLE);
                if !self.pause(pauses.next_pause()).await {
                    return Ok(());
                }
            }
        }
        self.current.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(created.clone(), live);
        Ok(())
    }

    /// Reads the RevisionId that the step gave another resource, and refuses if the resource differs otherwise.
    async fn read_moved_revision(&self, step: &Step, other: &Address) -> Result<(), StepError> {
        let Some(resource) = self.resources.get(other) else { return Ok(()) };
        let had_one = self.current(other).is_some_and(|live| live.revision.is_some());
        let (since, mut pauses) = (Instant::now(), self.options.pauses());
        let now = loop {
            let now = observe_one(&self.endpoint, &resource.at, resource.desired.as_ref()).await?;
            // A resource never loses its RevisionId; a read without one is stale.
            let is_behind = had_one && now.as_ref().is_none_or(|now| now.revision.is_none());
            if !is_behind {
                break now;
            }
            if since.elapsed() >= VISIBLE_AFTER {
                return Err(StepError::refused(format!("another client deleted {other} during the run"), Vec::new()));
            }
            self.events.step_waiting(step, NOT_VISIBLE);
            if !self.pause(pauses.next_pause()).await {
                // No step of a stopped run needs the RevisionId.
                return Ok(());
            }
        };
        let moved = differences(other, &resource.ignore, self.current(other).as_ref(), now.as_ref());
        if !moved.is_empty() {
            return Err(StepError::refused(format!("another client changed {other} during the run"), moved));
        }
        if let Some(revision) = now.and_then(|now| now.revision) {
            let mut outputs = self.outputs.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            outputs.entry(step.id).or_default().insert(REVISION.to_owned(), Value::String(revision));
        }
        Ok(())
    }

    /// Polls the resource until Lambda has finished the change or it has failed.
    pub(super) async fn wait_until_settled(
        &self,
        context: &StepContext<'_>,
        reply: Option<&Reply>,
        known: Option<Observed>,
    ) -> Result<Option<Observed>, StepError> {
        let (at, step) = (&context.resource.at, context.step);
        let desired = context.desired.as_ref();
        // A state that was found by a read does not show how the write ended, so it is polled too.
        let is_found = known.is_some();
        let mut is_polled = false;
        let mut live = known.or_else(|| reply.and_then(|reply| context.kind.read_response(at, desired, reply)));
        // A write that carried a RevisionId replaced it.
        let replaced = match &step.precondition {
            Precondition::Revision { of, .. } if *of == step.address => {
                context.before.as_ref().and_then(|before| before.revision.as_ref())
            }
            _ => None,
        };
        let (since, deadline) = (Instant::now(), Deadline::after(self.options.deadline));
        let mut pauses = self.options.pauses();
        let mut pause = if is_found { Duration::ZERO } else { self.options.first_look(step.operation) };
        let (mut looked, mut waiter) = (since, None);
        loop {
            let wait_until_visible = live.as_ref().filter(|_| is_polled).and_then(|live| live.revision.as_ref());
            let is_behind = wait_until_visible.is_some() && wait_until_visible == replaced;
            match live.as_ref().map(|live| &live.state) {
                Some(State::Settled | State::Failed { .. }) if is_behind && since.elapsed() < VISIBLE_AFTER => {
                    self.events.step_waiting(step, NOT_VISIBLE);
                }
                Some(State::Settled) if (is_polled || !is_found) && !context.deletes() => return Ok(live),
                Some(State::Failed { code, reason }) => {
                    let what = if step.operation.effect() == Effect::Create { "creation" } else { "update" };
                    let reason = reason.trim_end_matches('.');
                    return Err(StepError::failed(format!("the {what} failed in Lambda: {code}: {reason}")));
                }
                Some(State::Settling { text, .. }) => self.events.step_waiting(step, text),
                _ => {}
            }
            // A reply without a body, as to a tag call, leaves the earlier state.
            let last = live.as_ref().or(context.before.as_ref());
            let Some(poll) = context.kind.poll(at, step.operation, last) else { return Ok(live) };
            if deadline.has_passed() {
                return Err(StepError::failed(format!("timed out after {} s", self.options.deadline.as_secs())));
            }
            if waiter.is_none() {
                waiter = self.polls.join(&poll);
                // The run does not depend on who still listens.
                let _ = self.waits.send(step.id);
            }
            sleep(pause).await;
            pause = pauses.next_pause();
            let last_look = std::mem::replace(&mut looked, Instant::now());
            match self.polls.send(self.endpoint.as_ref(), poll, last_look).await {
                Ok(reply) => {
                    is_polled = true;
                    let polled = context.kind.read_response(at, desired, &reply);
                    if context.deletes() {
                        live = polled.or(live);
                        continue;
                    }
                    live = polled;
                    if live.is_none() {
                        return Err(StepError::failed("Lambda's response does not describe the resource"));
                    }
                }
                // Removing the last part removed the resource.
                Err(failure) if failure.class == FailureClass::NotFound && context.removes() => return Ok(None),
                Err(failure) if failure.class == FailureClass::NotFound && since.elapsed() < VISIBLE_AFTER => {}
                Err(failure) if failure.class == FailureClass::NotFound => {
                    return Err(StepError::failed(
                        "not found after the write: someone deleted it, or Lambda returns stale reads",
                    ));
                }
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    /// Returns the settled resource once Lambda shows the write: a read may be stale for a while.
    pub(super) async fn wait_until_visible(
        &self,
        context: &StepContext<'_>,
        mut live: Observed,
    ) -> Result<Observed, StepError> {
        let (since, mut pauses) = (Instant::now(), self.options.pauses());
        loop {
            let Err(mismatch) = self.check_written(context, &live) else { return Ok(live) };
            let (address, ignore) = (&context.step.address, &context.resource.ignore);
            let is_as_before = context.before.is_some()
                && differences(address, ignore, context.before.as_ref(), Some(&live)).is_empty();
            if !is_as_before || since.elapsed() >= VISIBLE_AFTER {
                return Err(mismatch);
            }
            self.events.step_waiting(context.step, NOT_VISIBLE);
            if !self.pause(pauses.next_pause()).await {
                return Err(StepError::failed("interrupted before Lambda showed the write"));
            }
            let now = observe_one(&self.endpoint, &context.resource.at, context.desired.as_ref()).await?;
            let Some(now) = now else { return Err(mismatch) };
            live = match now.state {
                State::Settled => now,
                // A change that becomes visible late may have failed.
                _ => self.wait_until_settled(context, None, Some(now)).await?.ok_or(mismatch)?,
            };
        }
    }

    /// Refuses the step if the settled value is not the written one: another client wrote in between.
    fn check_written(&self, context: &StepContext<'_>, live: &Observed) -> Result<(), StepError> {
        let Some(desired) = context.desired.as_ref().filter(|_| !context.removes()) else { return Ok(()) };
        let (address, covers, ignore) = (&context.step.address, &context.step.covers, &context.resource.ignore);
        let at = &context.resource.at;
        let mut moved = unwritten(context.step, ignore, desired, live);
        moved.extend(context.before.iter().flat_map(|before| uncovered_changes(address, ignore, covers, before, live)));
        let before = context.before.as_ref().map(|before| &before.owner);
        // The step itself may tag what bore no tag.
        let before = before.filter(|before| **before != Ownership::Untagged || !live.owner.is_stack(&at.scope.stack));
        if let Some(change) = before.and_then(|before| ownership::change(&at.scope.stack, before, &live.owner)) {
            return Err(StepError::refused(change, moved));
        }
        if let Some(UnreadablePart { field, cause, .. }) =
            context.step.covers.iter().find_map(|path| UnreadablePart::meeting(&live.unreadable, path))
        {
            return Err(StepError::failed(format!(
                "Lambda took the write, but its {field} could not be read: {cause}"
            )));
        }
        if moved.is_empty() {
            return Ok(());
        }
        let said = live.notes.iter().map(|note| format!("; {note}"));
        Err(StepError::refused(format!("the live value is not what was written{}", said.collect::<String>()), moved))
    }
}
