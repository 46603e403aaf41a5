//! Pacing: spaces calls by the request quotas, pauses when AWS asks for it, and leaves room for other clients of the account.
//!
//! A refused call shows that somebody else uses the quota too. The pace then falls by a part, and grows again with time: fast
//! up to near the pace that was refused, and slowly beyond it, so that few calls are refused and none of the clients starves.
//!
//! All connections of a process to one account and region share a pace, because they share the quota: the stacks of a
//! controller, for example. Each may have a rate of its own below it.
//!
//! # Guarantees
//! - Calls of a bucket are spaced evenly, and idle time earns no burst (tests of [`cloud`](super)).
//! - With half of the quota eaten by another client, less than one call in a hundred is refused, and a run takes no more than
//!   1.3 times what its share of the quota allows (tests of [`cloud`](super)).
//!
//! # Assumptions
//! AWS does not publish the burst that its quotas allow. One 429 costs more than the milliseconds that a burst saves.
//! Time is tokio's, so a test can pause it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
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

    /// Returns the requests per second of the bucket.
    pub fn rate(&self, bucket: Bucket) -> f64 {
        match bucket {
            Bucket::GetFunction => self.get_function,
            Bucket::GetPolicy => self.get_policy,
            Bucket::Control => self.control,
        }
    }

    /// Returns the time between two calls of the bucket.
    fn spacing(&self, bucket: Bucket) -> Duration {
        let rate = self.rate(bucket);
        if !rate.is_finite() || rate <= 0.0 {
            return Duration::ZERO;
        }
        // A rate whose spacing is too long for a duration is limited to an hour between calls.
        Duration::try_from_secs_f64(rate.recip()).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE)
    }
}

/// The part of its pace that a bucket keeps after a refused call.
const KEPT: f64 = 0.7;
/// The least part of the quota that a bucket falls to.
const LEAST: f64 = 0.05;
/// The part of the refused pace up to which it grows fast.
const NEAR: f64 = 0.85;
/// The part of the quota by which the pace grows in a second, while it is far below the refused one and after that.
const GROWTH: (f64, f64) = (0.05, 0.001);
/// Refusals within this time of another have the same cause.
const SAME_REFUSAL: Duration = Duration::from_secs(2);

/// The longest time between two calls of a bucket.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// The time at which the next call of one bucket may be sent.
#[derive(Clone, Copy, Debug)]
struct Turn {
    next: Instant,
    paused_until: Instant,
    /// The part of the quota that calls are spaced by.
    share: f64,
    /// The part that was last refused.
    refused: f64,
    refused_at: Option<Instant>,
    /// The time up to which the share has grown.
    grown_until: Instant,
}

impl Turn {
    fn new(now: Instant) -> Turn {
        Turn { next: now, paused_until: now, share: 1.0, refused: 1.0, refused_at: None, grown_until: now }
    }

    /// Lets the share grow with the time that has passed.
    fn grow(&mut self, now: Instant) {
        let mut passed = now.saturating_duration_since(self.grown_until).as_secs_f64();
        self.grown_until = now;
        let near = self.refused * NEAR;
        if self.share < near {
            let fast = ((near - self.share) / GROWTH.0).min(passed);
            self.share += fast * GROWTH.0;
            passed -= fast;
        }
        self.share = (self.share + passed * GROWTH.1).min(1.0);
    }

    /// Falls back after a refused call.
    fn fall(&mut self, now: Instant) {
        self.grow(now);
        let is_same = self.refused_at.is_some_and(|at| now.saturating_duration_since(at) < SAME_REFUSAL);
        self.refused_at = Some(now);
        if !is_same {
            self.refused = self.share;
            self.share = (self.share * KEPT).max(LEAST);
        }
    }
}

/// The request quotas to keep to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuotaPolicy {
    /// AWS's at AWS; at a custom endpoint none before the first refused call, and AWS's from then on.
    #[default]
    Auto,
    /// AWS's from the first call on, such as for a proxy in front of AWS.
    Aws,
    /// None.
    None,
}

/// The account and the region whose quota is drawn on, at one server, and how it is kept to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct QuotaOwner {
    /// The URL of the server; absent for AWS.
    pub server: Option<String>,
    pub account: String,
    pub region: String,
    pub policy: QuotaPolicy,
}

/// The pacers that connections of this process share.
static SHARED: Mutex<BTreeMap<QuotaOwner, Weak<Pacer>>> = Mutex::new(BTreeMap::new());

/// The turns of all buckets.
#[derive(Debug)]
pub(super) struct Pacer {
    /// The quotas from the start on.
    quotas: RequestQuotas,
    /// The quotas from the first refused call on.
    refused: RequestQuotas,
    has_refused: AtomicBool,
    turns: Mutex<BTreeMap<Bucket, Turn>>,
}

impl Pacer {
    /// Returns a pace by these quotas; by others from the first refused call on.
    pub(super) fn new(quotas: RequestQuotas, refused: RequestQuotas) -> Self {
        Pacer { quotas, refused, has_refused: AtomicBool::new(false), turns: Mutex::default() }
    }

    /// Returns the pace of an account and region, which lasts as long as a connection uses it.
    pub(super) fn shared(owner: QuotaOwner, quotas: RequestQuotas, refused: RequestQuotas) -> Arc<Pacer> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.retain(|_, pacer| pacer.strong_count() > 0);
        if let Some(pacer) = shared.get(&owner).and_then(Weak::upgrade) {
            return pacer;
        }
        let pacer = Arc::new(Pacer::new(quotas, refused));
        shared.insert(owner, Arc::downgrade(&pacer));
        pacer
    }

    /// Goes slower, because a call of the bucket was refused.
    pub(super) fn refuse(&self, bucket: Bucket) {
        if self.has_refused.swap(true, Ordering::Relaxed) || self.quotas == self.refused {
            self.with(bucket, |turn| turn.fall(Instant::now()));
        }
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
        let quotas = if self.has_refused.load(Ordering::Relaxed) { self.refused } else { self.quotas };
        let spacing = quotas.spacing(bucket);
        self.with(bucket, |turn| {
            let now = Instant::now();
            turn.grow(now);
            let at = turn.next.max(turn.paused_until).max(now);
            turn.next = at + spacing.div_f64(turn.share);
            at
        })
    }

    fn with<T>(&self, bucket: Bucket, change: impl FnOnce(&mut Turn) -> T) -> T {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        change(turns.entry(bucket).or_insert_with(|| Turn::new(now)))
    }
}
