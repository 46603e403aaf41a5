//! Sends the polls of all steps that wait, several of them as one listing.
//!
//! A mapping takes seconds to settle, and its reads share the smallest quota with all writes. So the steps that wait at the
//! same time for what one listing shows look at it together, as long as it has no more pages than there are steps.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use crate::observe::read_listing;
use crate::wire::{Call, Endpoint, Failure, Reply};

/// The pauses between two listings while there are writes to send.
const BUSY_PAUSES: u32 = 8;

/// The polls of the steps that wait.
pub(super) struct Polls {
    /// The least time between two listings while there is nothing else to send.
    pause: Duration,
    /// The run only waits, so that a listing takes nothing from the quota that a write needs.
    is_idle: AtomicBool,
    /// The number of steps that wait for what a listing shows.
    waiting: AtomicUsize,
    last: Mutex<Option<Listing>>,
}

/// A listing of the account.
struct Listing {
    of: Call,
    begun: Instant,
    pages: Vec<Reply>,
}

/// A step that waits, until it is dropped.
pub(super) struct Waiter<'p>(&'p Polls);

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Polls {
    /// Returns polls that send a listing at most once in this time, and far less often while there are writes to send.
    pub fn new(pause: Duration) -> Polls {
        Polls { pause, is_idle: AtomicBool::new(false), waiting: AtomicUsize::new(0), last: Mutex::default() }
    }

    /// Says whether the run only waits.
    pub fn set_idle(&self, is_idle: bool) {
        self.is_idle.store(is_idle, Ordering::Relaxed);
    }

    /// Waits until another listing may begin.
    async fn wait_after(&self, Listing { begun, pages, .. }: &Listing) {
        // Each page is a call.
        let pause = self.pause.saturating_mul(u32::try_from(pages.len()).unwrap_or(u32::MAX).max(1));
        let pauses = || if self.is_idle.load(Ordering::Relaxed) { 1 } else { BUSY_PAUSES };
        for passed in 1..=BUSY_PAUSES {
            sleep_until(*begun + pause.saturating_mul(passed)).await;
            if passed >= pauses() {
                return;
            }
        }
    }

    /// Counts a step that waits, if a listing shows what it waits for.
    pub fn join(&self, poll: &Call) -> Option<Waiter<'_>> {
        poll.listing().map(|_| {
            self.waiting.fetch_add(1, Ordering::Relaxed);
            Waiter(self)
        })
    }

    /// Sends a poll, or answers it from a listing that began after `since`.
    pub async fn send(&self, endpoint: &dyn Endpoint, poll: Call, since: Instant) -> Result<Reply, Failure> {
        let answer = match poll.listing().filter(|_| self.waiting.load(Ordering::Relaxed) > 1) {
            Some(listing) => self.answer(endpoint, &poll, listing, since).await,
            None => None,
        };
        match answer {
            Some(answer) => Ok(answer),
            // That a listing does not show the resource, or not all of it, says nothing of it.
            None => endpoint.send(poll).await,
        }
    }

    async fn answer(&self, endpoint: &dyn Endpoint, poll: &Call, listing: Call, since: Instant) -> Option<Reply> {
        // Whoever holds the lock lists for all who wait for it.
        let mut last = self.last.lock().await;
        let is_current = last.as_ref().is_some_and(|last| last.of == listing && last.begun > since);
        if !is_current {
            if let Some(last) = last.as_ref().filter(|last| last.of == listing) {
                if last.pages.len() > self.waiting.load(Ordering::Relaxed) {
                    return None;
                }
                self.wait_after(last).await;
            }
            let begun = Instant::now();
            let pages = read_listing(endpoint, &listing).await.ok()?;
            *last = Some(Listing { of: listing, begun, pages });
        }
        last.iter().flat_map(|last| &last.pages).find_map(|page| poll.answer_in(page))
    }
}
