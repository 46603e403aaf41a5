//! Counts the reads of a plan by request quota, so that a long one can be watched.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::apply::{EventSender, QuotaProgress};
use crate::wire::{Bucket, Call, Endpoint, Fetching, Sending};

/// The time after which a plan is reported on.
const PATIENCE: Duration = Duration::from_secs(1);
/// The interval of the reports.
const INTERVAL: Duration = Duration::from_millis(200);

/// An endpoint that reports how far the reads of a plan are.
pub struct WatchedReads<E> {
    endpoint: Arc<dyn Endpoint>,
    events: EventSender,
    /// Returns the reads that are expected; asked only if the plan takes long.
    expected: E,
    state: Mutex<ReadState>,
}

struct ReadState {
    done: BTreeMap<Bucket, usize>,
    expected: Option<BTreeMap<Bucket, usize>>,
    next_report: Instant,
}

impl<E: Fn() -> Vec<Call> + Send + Sync> WatchedReads<E> {
    /// Watches the calls to an endpoint.
    pub fn new(endpoint: Arc<dyn Endpoint>, events: EventSender, expected: E) -> WatchedReads<E> {
        let state = ReadState { done: BTreeMap::new(), expected: None, next_report: Instant::now() + PATIENCE };
        WatchedReads { endpoint, events, expected, state: Mutex::new(state) }
    }

    fn replied(&self, bucket: Bucket) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state.done.entry(bucket).or_default() += 1;
        let now = Instant::now();
        if now < state.next_report {
            return;
        }
        state.next_report = now + INTERVAL;
        let ReadState { done, expected, .. } = &mut *state;
        let expected = expected.get_or_insert_with(|| {
            let mut counts = BTreeMap::new();
            (self.expected)().iter().for_each(|call| *counts.entry(call.operation().bucket()).or_default() += 1);
            counts
        });
        let count = |counts: &BTreeMap<Bucket, usize>, bucket| counts.get(&bucket).copied().unwrap_or_default();
        let quotas = Bucket::ALL.into_iter().map(|bucket| {
            let done = count(done, bucket);
            // Pages, and reads that follow from others, come on top.
            QuotaProgress { bucket, done, expected: done.max(count(expected, bucket)) }
        });
        self.events.reading(quotas.filter(|quota| quota.expected > 0).collect());
    }
}

impl<E: Fn() -> Vec<Call> + Send + Sync> Endpoint for WatchedReads<E> {
    fn send(&self, call: Call) -> Sending<'_> {
        let bucket = call.operation().bucket();
        Box::pin(async move {
            let result = self.endpoint.send(call).await;
            self.replied(bucket);
            result
        })
    }

    fn fetch<'a>(&'a self, url: &'a str, limit: usize) -> Fetching<'a> {
        self.endpoint.fetch(url, limit)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::time::sleep;

    use super::*;
    use crate::apply::{Event, events};
    use crate::wire::{Failure, FailureClass, Operation, Request};

    /// An endpoint that takes its time, and fails.
    struct Slow;

    impl Endpoint for Slow {
        fn send(&self, call: Call) -> Sending<'_> {
            Box::pin(async move {
                sleep(Duration::from_millis(400)).await;
                Err(Failure {
                    request: Request::Lambda(call.operation()),
                    class: FailureClass::Unavailable,
                    code: String::new(),
                    message: String::new(),
                    status: None,
                    request_id: None,
                    retry_after: None,
                })
            })
        }

        fn fetch<'a>(&'a self, _url: &'a str, _limit: usize) -> Fetching<'a> {
            Box::pin(async { Ok(Vec::new()) })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_plan_is_reported_on_and_a_short_one_counts_nothing() {
        let (sender, mut receiver) = events();
        let call = || Call::GetFunction(Box::default());
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        let watched = WatchedReads::new(Arc::new(Slow), sender, move || {
            counted.fetch_add(1, Ordering::Relaxed);
            vec![call(); 5]
        });
        for _ in 0..2 {
            let _ = watched.send(call()).await;
        }
        assert!(receiver.try_recv().is_err() && asked.load(Ordering::Relaxed) == 0);
        for done in 3..=6 {
            let _ = watched.send(call()).await;
            let quota = QuotaProgress { bucket: Operation::GetFunction.bucket(), done, expected: done.max(5) };
            assert_eq!(receiver.try_recv(), Ok(Event::Reading { quotas: vec![quota] }));
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }
}
