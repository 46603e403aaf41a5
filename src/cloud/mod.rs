//! The only place that talks to a Lambda API: connects, paces, sends, and says what a failure means.
//!
//! The SDK signs, serialises and parses. What it would decide by itself is switched off: it never repeats a call,
//! because a repeated write may overwrite what somebody did in between. Reads are repeated here, writes only when they
//! surely were not sent, and everything else goes back to the caller as a [`Failure`].

mod classify;
mod connect;
mod hint;
mod in_process;
mod pace;
mod retry;
mod send;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::wire::{Call, Class, Endpoint, Failure, Reply, Sending};
use pace::Pacer;

pub use connect::connect;
pub use hint::hint;

/// How to reach Lambda.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// The region; otherwise the environment's or the profile's.
    pub region: Option<String>,
    /// The profile of the AWS configuration files.
    pub profile: Option<String>,
    /// Another server that speaks the Lambda API.
    pub endpoint_url: Option<String>,
    /// The account to assume where the endpoint cannot tell it.
    pub account: Option<String>,
    /// The request quotas to keep to.
    pub quotas: Quotas,
}

/// Requests a second. [AWS: Lambda quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quotas {
    /// For GetFunction.
    pub get_function: f64,
    /// For GetPolicy.
    pub get_policy: f64,
    /// For all other control-plane operations together.
    pub control: f64,
}

impl Default for Quotas {
    fn default() -> Self {
        Quotas { get_function: 100.0, get_policy: 15.0, control: 15.0 }
    }
}

impl Quotas {
    /// No limits, for servers that have none.
    pub fn unlimited() -> Self {
        Quotas { get_function: f64::INFINITY, get_policy: f64::INFINITY, control: f64::INFINITY }
    }
}

/// A Lambda endpoint in one account and region.
#[derive(Debug)]
pub struct Cloud {
    client: aws_sdk_lambda::Client,
    pacer: Pacer,
    counts: Mutex<BTreeMap<&'static str, u64>>,
}

impl Cloud {
    fn new(client: aws_sdk_lambda::Client, quotas: Quotas) -> Cloud {
        Cloud { client, pacer: Pacer::new(quotas), counts: Mutex::default() }
    }

    /// How often each operation was sent, repetitions included; answers of 429 count once more under `throttled`.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.counts.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    fn count(&self, what: &'static str) {
        *self.counts.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).entry(what).or_default() += 1;
    }

    async fn send_paced(&self, call: Call) -> Result<Reply, Failure> {
        let (bucket, is_write) = (call.bucket(), call.is_write());
        let begun = Instant::now();
        let mut attempt = 0;
        loop {
            self.pacer.turn(bucket).await;
            self.count(call.operation());
            let failure = match send::send(&self.client, call.clone()).await {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            attempt += 1;
            if failure.class == Class::Throttled {
                self.count("throttled");
            }
            let Some(pause) = retry::pause(attempt, is_write, &failure, begun.elapsed()) else { return Err(failure) };
            if failure.class == Class::Throttled {
                // Whoever draws on the same quota would be refused as well.
                self.pacer.hold(bucket, pause);
            } else {
                sleep(pause).await;
            }
        }
    }
}

impl Endpoint for Cloud {
    fn send(&self, call: Call) -> Sending<'_> {
        Box::pin(self.send_paced(call))
    }
}

/// The longest that connecting, finding credentials and learning the account may take, so that nothing hangs.
const PATIENCE: Duration = Duration::from_millis(1800);
