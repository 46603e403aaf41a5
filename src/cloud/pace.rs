//! Pacing: spaces calls by the request quotas, and pauses when AWS asks for it.
//!
//! # Guarantees
//! Calls of a bucket are spaced evenly, and idle time earns no burst (tests of [`cloud`](super)).
//!
//! # Assumptions
//! AWS does not publish the burst that its quotas allow. One 429 costs more than the milliseconds that a burst saves.
//! Time is tokio's, so a test can pause it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::wire::Bucket;

/// The requests per second that may be sent; zero, or a number that is not finite, means unlimited.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RequestQuotas {
    /// The quota of GetFunction.
    pub get_function: f64,
    /// The quota of GetPolicy.
    pub get_policy: f64,
    /// The quota of all other operations together.
    pub control: f64,
}

/// The quotas of the real service, per account and region; they cannot be raised.
/// [AWS: Lambda quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
impl Default for RequestQuotas {
    fn default() -> Self {
        RequestQuotas { get_function: 100.0, get_policy: 15.0, control: 15.0 }
    }
}

impl RequestQuotas {
    /// Returns quotas without pacing, for custom endpoints.
    pub fn unlimited() -> Self {
        RequestQuotas { get_function: 0.0, get_policy: 0.0, control: 0.0 }
    }

    /// Returns the time between two calls of the bucket.
    fn spacing(&self, bucket: Bucket) -> Duration {
        let rate = match bucket {
            Bucket::GetFunction => self.get_function,
            Bucket::GetPolicy => self.get_policy,
            Bucket::Control => self.control,
        };
        if !rate.is_finite() || rate <= 0.0 {
            return Duration::ZERO;
        }
        // A rate whose spacing is too long for a duration is limited to an hour between calls.
        Duration::try_from_secs_f64(rate.recip()).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE)
    }
}

/// The longest time between two calls of a bucket.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// The time at which the next call of one bucket may be sent.
#[derive(Clone, Copy, Debug)]
struct Turn {
    next: Instant,
    paused_until: Instant,
}

/// The turns of all buckets.
#[derive(Debug)]
pub(super) struct Pacer {
    quotas: RequestQuotas,
    turns: Mutex<BTreeMap<Bucket, Turn>>,
}

impl Pacer {
    pub(super) fn new(quotas: RequestQuotas) -> Self {
        Pacer { quotas, turns: Mutex::default() }
    }

    /// Waits for a turn.
    pub(super) async fn wait(&self, bucket: Bucket) {
        loop {
            let turn = self.reserve(bucket);
            sleep_until(turn).await;
            // A pause that started meanwhile cancels this turn.
            let paused_until = self.with(bucket, |turn| turn.paused_until);
            if turn >= paused_until {
                return;
            }
        }
    }

    /// Sends no call of the bucket for this long.
    pub(super) fn pause(&self, bucket: Bucket, length: Duration) {
        let until = Instant::now() + length.min(LONGEST_PAUSE);
        self.with(bucket, |turn| {
            turn.paused_until = turn.paused_until.max(until);
        });
    }

    fn reserve(&self, bucket: Bucket) -> Instant {
        let spacing = self.quotas.spacing(bucket);
        self.with(bucket, |turn| {
            let at = turn.next.max(turn.paused_until).max(Instant::now());
            turn.next = at + spacing;
            at
        })
    }

    fn with<T>(&self, bucket: Bucket, change: impl FnOnce(&mut Turn) -> T) -> T {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        change(turns.entry(bucket).or_insert(Turn { next: now, paused_until: now }))
    }
}
