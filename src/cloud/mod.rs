//! The real Lambda, or any server that speaks its API: the only place that names aws-config and sends.
//!
//! A [`Cloud`] is an [`Endpoint`]: it paces calls below the request quotas, waits when it is told to,
//! repeats what surely had no effect, and returns everything else as it came. The SDK's own retries are off:
//! they repeat writes whose fate is unknown, and do not wait for `Retry-After`.
//!
//! Error texts pass through here as AWS wrote them, secrets and all; who shows them scrubs them.

mod classify;
mod connect;
mod hint;
mod http;
mod pace;
mod retry;
mod send;
#[cfg(all(test, feature = "sim"))]
mod tests;
mod trace;

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::{AppName, BehaviorVersion, Builder, Credentials, Region, StalledStreamProtectionConfig};
use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};
use aws_smithy_types::body::SdkBody;
use tokio::time::Instant;

pub use connect::{ConnectError, ConnectOptions, connect};
pub use hint::hint;
pub use pace::RequestQuotas;
pub use retry::Patience;

use crate::wire::{Call, Endpoint, Failure, FailureClass, Fetching, Reply, Sending};
use retry::RetryDecision;

/// How long to wait for one answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timeouts {
    /// Until a connection stands.
    pub connect: Duration,
    /// From sending a request to its whole answer.
    pub answer: Duration,
    /// The same for the operations that may carry a package of up to 50 MB.
    pub upload: Duration,
}

impl Timeouts {
    /// For AWS.
    pub const AWS: Timeouts = Timeouts {
        connect: Duration::from_millis(3100),
        answer: Duration::from_secs(30),
        upload: Duration::from_secs(300),
    };
    /// For endpoints that the user named: wrong more often than slow, so said sooner.
    pub const OVERRIDE: Timeouts = Timeouts { connect: Duration::from_millis(1500), ..Timeouts::AWS };
}

/// Somewhere that speaks Lambda's API, in one account and region.
#[derive(Debug)]
pub struct Cloud {
    client: Client,
    /// The same client with more time, for packages.
    uploads: Client,
    pace: pace::Pacer,
    patience: Patience,
    seed: u64,
    calls: AtomicU64,
    counts: Mutex<BTreeMap<&'static str, u64>>,
    downloads: http::Downloads,
}

impl Cloud {
    /// A service in this process, such as the embedded Lambda's router: no sockets, no credentials, no quotas, and no
    /// waiting but tokio's, which a test may pause. An error of the service, or of its body, stands for a connection
    /// that broke.
    pub fn in_process<S, B>(service: S, region: &str) -> Cloud
    where
        S: tower::Service<::http::Request<SdkBody>, Response = ::http::Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Into<Box<dyn Error + Send + Sync>>,
        S::Future: Send + 'static,
        B: http_body::Body<Data = http::Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let inside = SharedHttpConnector::new(http::InProcess(service));
        let downloads = http::Downloads::through(inside.clone());
        let config = Builder::new()
            .http_client(http_client_fn(move |_, _| inside.clone()))
            .region(Region::new(region.to_owned()))
            .endpoint_url("http://lambda.in-process")
            .credentials_provider(Credentials::new("embedded", "embedded", None, None, "embedded"));
        Cloud::new(config, RequestQuotas::unlimited(), Timeouts::AWS, Patience::default(), 0).with_downloads(downloads)
    }

    fn with_downloads(mut self, downloads: http::Downloads) -> Cloud {
        self.downloads = downloads;
        self
    }

    fn new(config: Builder, quotas: RequestQuotas, timeouts: Timeouts, patience: Patience, seed: u64) -> Cloud {
        let within = |answer| {
            TimeoutConfig::builder().connect_timeout(timeouts.connect).operation_attempt_timeout(answer).build()
        };
        let config = config
            .behavior_version(BehaviorVersion::latest())
            .interceptor(trace::NoteExchange)
            .retry_config(RetryConfig::disabled())
            // The time for the whole answer says it all, and does not mistake a slow line for a dead one.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .timeout_config(within(timeouts.answer));
        let config = match AppName::new(env!("CARGO_PKG_NAME")) {
            Ok(name) => config.app_name(name),
            Err(_) => config,
        };
        Cloud {
            client: Client::from_conf(config.clone().build()),
            uploads: Client::from_conf(config.timeout_config(within(timeouts.upload)).build()),
            pace: pace::Pacer::new(quotas),
            patience,
            seed,
            calls: AtomicU64::new(0),
            counts: Mutex::default(),
            downloads: http::Downloads::default(),
        }
    }

    /// The same endpoint, paced.
    #[must_use]
    pub fn with_quotas(mut self, quotas: RequestQuotas) -> Cloud {
        self.pace = pace::Pacer::new(quotas);
        self
    }

    /// The same endpoint with another patience.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Cloud {
        self.patience = patience;
        self
    }

    /// The same endpoint with another seed for the spread of its repetitions.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Cloud {
        self.seed = seed;
        self
    }

    /// How often each operation was sent, repetitions included; answers that were throttles count once more under
    /// `throttled`.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn count(&self, what: &'static str) {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(what).or_default() += 1;
    }

    /// Sends a call in its turn, and a read again for as long as there is hope.
    async fn deliver(&self, call: Call) -> Result<Reply, Failure> {
        let operation = call.operation();
        let (bucket, write) = (operation.bucket(), operation.is_write());
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let client = if send::is_upload(&call) { &self.uploads } else { &self.client };
        let mut began = None;
        let mut attempt = 1;
        loop {
            self.pace.wait(bucket).await;
            // Standing in the queue of a large run is not the server's fault, so patience is counted from here.
            let began = *began.get_or_insert_with(Instant::now);
            self.count(operation.name());
            let sending = send::send(client, call.clone());
            let failure = match trace::traced(operation.name(), attempt, sending).await {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            let jitter = retry::jitter(self.seed, number, attempt);
            let next = retry::decide(attempt, write, &failure, began.elapsed(), self.patience, jitter);
            let throttled = failure.class == FailureClass::Throttled;
            if throttled {
                self.count("throttled");
            }
            match next {
                RetryDecision::GiveUp => {
                    let asked = failure.retry_after.filter(|_| throttled);
                    asked.into_iter().for_each(|wait| self.pace.pause(bucket, wait));
                    return Err(failure);
                }
                // The quota is the account's: whoever else draws on it now would be throttled as well.
                RetryDecision::After(wait) if throttled => self.pace.pause(bucket, wait),
                RetryDecision::After(wait) => tokio::time::sleep(wait).await,
            }
            attempt += 1;
        }
    }
}

impl Endpoint for Cloud {
    fn send(&self, call: Call) -> Sending<'_> {
        Box::pin(self.deliver(call))
    }

    fn fetch<'a>(&'a self, url: &'a str, limit: usize) -> Fetching<'a> {
        Box::pin(self.downloads.fetch(url, limit))
    }
}
