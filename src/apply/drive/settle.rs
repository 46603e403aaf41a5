//! Waiting for what was written: until Lambda has finished with it, and whether it is what was meant.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Driver, Performing, because, failed, refused};
use crate::apply::Outcome;
use crate::apply::compare::{beside, unwritten};
use crate::kinds::{Live, State};
use crate::wire::{Class, Reply};

impl Driver {
    /// Looks at the resource until Lambda has finished with it, one way or the other.
    pub(super) async fn settle(
        &self,
        doing: &Performing<'_>,
        reply: Option<&Reply>,
        known: Option<Live>,
    ) -> Result<Option<Live>, Outcome> {
        let (at, step) = (&doing.subject.at, doing.step);
        let desired = doing.desired.as_ref();
        // What was found by looking says how it is and not how the write ended, so that it is asked for that too.
        let mut is_told = known.is_none();
        let mut live = known.or_else(|| reply.and_then(|reply| doing.kind.reply(at, desired, reply)));
        let deadline = Instant::now() + self.pace.deadline;
        let mut pause = Duration::ZERO;
        loop {
            match live.as_ref().map(|live| &live.state) {
                Some(State::Settled) if is_told && !doing.deletes() => return Ok(live),
                Some(State::Failed { code, reason }) => {
                    return Err(failed(&format!("Lambda gave up: {code}: {reason}")));
                }
                Some(State::Settling(what)) => self.watch.waits(step, what),
                _ => {}
            }
            // A reply without a body, as to a tag call, leaves what was known before.
            let last = live.as_ref().or(doing.before.as_ref());
            let Some(poll) = doing.kind.poll(at, &step.operation, last) else { return Ok(live) };
            if Instant::now() >= deadline {
                return Err(failed(&format!("it has not settled within {} s", self.pace.deadline.as_secs())));
            }
            sleep(pause).await;
            pause = (pause * 2).clamp(self.pace.first_pause, self.pace.longest_pause);
            match self.endpoint.send(poll).await {
                Ok(reply) => {
                    is_told = true;
                    let polled = doing.kind.reply(at, desired, &reply);
                    if doing.deletes() {
                        live = polled.or(live);
                        continue;
                    }
                    live = polled;
                    if live.is_none() {
                        return Err(failed("Lambda's answer does not say how it is"));
                    }
                }
                // Where the last part was taken away, the whole is gone.
                Err(failure) if failure.class == Class::Gone && doing.takes_away() => return Ok(None),
                Err(failure) if failure.class == Class::Gone => {}
                Err(failure) => return Err(because(failure)),
            }
        }
    }

    /// Refuses to build on what settled if it is not what was written: somebody wrote in between.
    pub(super) fn as_written(&self, doing: &Performing<'_>, live: &Live) -> Result<(), Outcome> {
        let Some(desired) = doing.desired.as_ref().filter(|_| !doing.takes_away()) else { return Ok(()) };
        let (address, covers, ignore) = (&doing.step.address, &doing.step.covers, &doing.subject.ignore);
        let mut moved = unwritten(address, ignore, covers, desired, live);
        moved.extend(doing.before.iter().flat_map(|before| beside(address, ignore, covers, before, live)));
        if moved.is_empty() {
            return Ok(());
        }
        let said = live.notes.iter().map(|note| format!("; {note}"));
        Err(refused(format!("what has settled is not what it wrote{}", said.collect::<String>()), moved))
    }
}
