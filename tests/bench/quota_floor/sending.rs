//! Two ways to send calls under request quotas, neither of which is trueup's: in even steps, and as often as it takes.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, sleep_until};
use trueup::cloud::{Cloud, Patience};
use trueup::wire::{Bucket, Call, Endpoint as _, Failure, FailureClass, Reply};

/// The most paced calls in progress at once.
const PACED_AT_ONCE: usize = 10;

/// The first and the longest pause after a refused call, of which chance takes a part.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(20));

/// The answer to a call, some time later.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A way to send calls until they succeed.
pub trait Sender: Send + Sync {
    /// Sends one call; `None` if what it names does not exist.
    ///
    /// # Panics
    /// Panics if the call fails for another reason than a quota: what a client measures is then worth nothing.
    fn find(&self, call: Call) -> Answer<'_, Option<Reply>>;

    /// Sends one call.
    ///
    /// # Panics
    /// Panics if the call fails for another reason than a quota.
    fn send(&self, call: Call) -> Answer<'_, Reply> {
        let operation = call.operation();
        Box::pin(async move { self.find(call).await.unwrap_or_else(|| panic!("{operation} finds nothing")) })
    }
}

/// Returns the reply of a call that may have found nothing.
fn found(reply: Result<Reply, Failure>) -> Option<Reply> {
    match reply {
        Ok(reply) => Some(reply),
        Err(failure) if failure.class == FailureClass::NotFound => None,
        Err(failure) => panic!("{failure}"),
    }
}

/// Sends the calls of each quota in even steps, so that none is refused.
pub struct Paced {
    cloud: Cloud,
    /// The time from which the next call of each quota may be sent.
    free: Mutex<BTreeMap<Bucket, Instant>>,
    open: Semaphore,
}

impl Paced {
    /// Sends through a client without quotas of its own.
    pub fn new(cloud: Cloud) -> Paced {
        Paced { cloud, free: Mutex::default(), open: Semaphore::new(PACED_AT_ONCE) }
    }

    /// Takes the next turn of a quota, and returns its time.
    fn turn(&self, bucket: Bucket) -> Instant {
        let now = Instant::now();
        let mut free = self.free.lock().expect("nothing panics while it holds the lock");
        let next = free.entry(bucket).or_insert(now);
        let turn = (*next).max(now);
        *next = turn + spacing(bucket);
        turn
    }
}

/// The time between two calls of a quota.
fn spacing(bucket: Bucket) -> Duration {
    match bucket {
        Bucket::GetFunction => Duration::from_secs(1) / 100,
        Bucket::GetPolicy | Bucket::Control => Duration::from_secs_f64(1.0 / 15.0),
    }
}

impl Sender for Paced {
    fn find(&self, call: Call) -> Answer<'_, Option<Reply>> {
        Box::pin(async move {
            sleep_until(self.turn(call.operation().bucket())).await;
            let _open = self.open.acquire().await.expect("the semaphore is never closed");
            found(self.cloud.send(call).await)
        })
    }
}

/// Sends calls at once, and a refused one again after a pause of random length: as the retries of AWS's SDKs do.
pub struct Retrying {
    cloud: Cloud,
    random: AtomicU64,
}

impl Retrying {
    /// Sends through a client whose own retries it turns off.
    pub fn new(cloud: Cloud) -> Retrying {
        let none = Patience { throttled: Duration::ZERO, unreached: Duration::ZERO };
        Retrying { cloud: cloud.with_patience(none), random: AtomicU64::new(7) }
    }

    /// Returns a random number from 0 to 1 (SplitMix64), the same ones in every run.
    fn random(&self) -> f64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut z = self.random.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        // The upper 32 bits suffice, and convert without loss.
        f64::from(((z ^ (z >> 31)) >> 32) as u32) / f64::from(u32::MAX)
    }
}

impl Sender for Retrying {
    fn find(&self, call: Call) -> Answer<'_, Option<Reply>> {
        Box::pin(async move {
            let (mut longest, limit) = BACKOFF;
            loop {
                match self.cloud.send(call.clone()).await {
                    Err(failure) if failure.class == FailureClass::Throttled => {
                        sleep(longest.mul_f64(self.random())).await;
                        longest = (longest * 2).min(limit);
                    }
                    reply => return found(reply),
                }
            }
        })
    }
}

/// Sends a call, and for a listing those of its further pages; returns every reply.
pub async fn pages(sender: Arc<dyn Sender>, call: Call) -> Vec<Reply> {
    let mut replies = Vec::new();
    let mut next = Some(call);
    while let Some(page) = next {
        let reply = sender.send(page.clone()).await;
        next = page.next_page(&reply);
        replies.push(reply);
    }
    replies
}

/// Sends a read until its replies show that something is done: the first time after one pause, again after the other.
pub async fn until(
    sender: Arc<dyn Sender>,
    look: Call,
    first: Duration,
    again: Duration,
    is_done: impl Fn(&[Reply]) -> bool,
) {
    sleep(first).await;
    loop {
        let replies = pages(sender.clone(), look.clone()).await;
        if is_done(&replies) {
            return;
        }
        sleep(again).await;
    }
}
