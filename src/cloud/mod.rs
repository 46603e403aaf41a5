//! AWS Lambda, or any server that speaks its API: the only module that uses aws-config and sends requests.
//!
//! # Guarantees
//! A [`Cloud`] is an [`Endpoint`]: it paces calls below the request quotas, waits as long as AWS asks, retries reads that
//! had no effect, and returns every other failure as it came. A write is sent once. The SDK's own retries are off: they
//! repeat writes whose effect is unknown, and ignore `Retry-After`.
//!
//! # Caveats
//! Error messages pass through as AWS wrote them and may hold secrets; they are masked where they are shown.
//!
//! Read next: `src/cloud/send.rs`

mod classify;
mod connect;
mod hint;
mod http;
mod pacing;
mod response_check;
mod retry;
mod send;
#[cfg(all(test, feature = "sim"))]
mod tests;
mod trace;
mod trust;
#[cfg(feature = "cli")]
mod web;

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::{AppName, BehaviorVersion, Builder, Credentials, Region, StalledStreamProtectionConfig};
use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};
use aws_smithy_types::body::SdkBody;
use tokio::time::Instant;

pub use connect::{ConnectError, ConnectOptions, Connected, connect};
pub use hint::hint;
pub use pacing::{QuotaPolicy, RequestQuotas};
pub use retry::Patience;
#[cfg(feature = "cli")]
pub use web::{NoResponse, WebClient, WebRequest, WebResponse};

use crate::wire::{Bucket, Call, Endpoint, Failure, FailureClass, Fetching, Reply, Sending};
use pacing::Pacer;
use retry::RetryDecision;

/// The timeouts of one call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timeouts {
    /// The time to establish a connection.
    pub connect: Duration,
    /// The time from sending a request to its complete response.
    pub answer: Duration,
    /// The same for operations that may upload a package of up to 50 MB.
    pub upload: Duration,
}

impl Timeouts {
    /// The timeouts for AWS.
    pub const AWS: Timeouts = Timeouts {
        connect: Duration::from_millis(3100),
        answer: Duration::from_secs(30),
        upload: Duration::from_secs(300),
    };
    /// Returns these timeouts, none longer than the time of a whole step.
    fn within(self, deadline: Duration) -> Timeouts {
        let Timeouts { connect, answer, upload } = self;
        Timeouts { connect: connect.min(deadline), answer: answer.min(deadline), upload: upload.min(deadline) }
    }

    /// The timeouts for custom endpoints, which are wrong more often than slow.
    pub const OVERRIDE: Timeouts = Timeouts { connect: Duration::from_millis(1500), ..Timeouts::AWS };
}

/// A server that speaks Lambda's API, in one account and region.
#[derive(Debug)]
pub struct Cloud {
    client: Client,
    /// The same client with a longer timeout, for packages.
    uploads: Client,
    /// The paces that it keeps to: one for the account, and perhaps one of its own. Never none, for calls wait in them.
    paces: Vec<Arc<Pacer>>,
    patience: Patience,
    seed: u64,
    calls: AtomicU64,
    counts: Mutex<BTreeMap<&'static str, u64>>,
    downloads: http::Downloads,
}

impl Cloud {
    /// Returns an endpoint for a service in this process, such as the simulator's router: no sockets, credentials or quotas,
    /// and no clock but tokio's, which a test can pause. An error of the service or of its body counts as a broken
    /// connection.
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
        // Without a quota there are pauses all the same: a throttled call waits in the pace.
        let unlimited = RequestQuotas::unlimited();
        let pace = Arc::new(Pacer::new(unlimited, unlimited));
        Cloud::new(config, vec![pace], Timeouts::AWS, Patience::default(), 0).with_downloads(downloads)
    }

    fn with_downloads(mut self, downloads: http::Downloads) -> Cloud {
        self.downloads = downloads;
        self
    }

    fn new(config: Builder, paces: Vec<Arc<Pacer>>, timeouts: Timeouts, patience: Patience, seed: u64) -> Cloud {
        let within = |answer| {
            TimeoutConfig::builder().connect_timeout(timeouts.connect).operation_attempt_timeout(answer).build()
        };
        let config = config
            .behavior_version(BehaviorVersion::latest())
            .interceptor(trace::NoteExchange)
            .interceptor(response_check::CheckResponse)
            .retry_config(RetryConfig::disabled())
            // The timeout for the complete response suffices, and does not mistake a slow connection for a broken one.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .timeout_config(within(timeouts.answer));
        let config = match AppName::new(env!("CARGO_PKG_NAME")) {
            Ok(name) => config.app_name(name),
            Err(_) => config,
        };
        Cloud {
            client: Client::from_conf(config.clone().build()),
            uploads: Client::from_conf(config.timeout_config(within(timeouts.upload)).build()),
            paces,
            patience,
            seed,
            calls: AtomicU64::new(0),
            counts: Mutex::default(),
            downloads: http::Downloads::default(),
        }
    }

    /// The same endpoint, paced by these quotas.
    #[must_use]
    pub fn with_quotas(mut self, quotas: RequestQuotas) -> Cloud {
        self.paces = vec![Arc::new(Pacer::new(quotas, quotas))];
        self
    }

    /// The same endpoint with these durations of retries.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Cloud {
        self.patience = patience;
        self
    }

    /// The same endpoint with this seed for the jitter of its retries.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Cloud {
        self.seed = seed;
        self
    }

    /// Returns the number of requests for each operation, retries included; throttled responses count once more under
    /// `throttled`.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn count(&self, what: &'static str) {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(what).or_default() += 1;
    }

    /// Lets no connection to the account send a call of the bucket for this long.
    fn pause(&self, bucket: Bucket, length: Duration) {
        self.paces.iter().for_each(|pace| pace.pause(bucket, length));
    }

    /// Sends a call in its turn, and retries reads as [`retry::decide`] says.
    async fn deliver(&self, call: Call) -> Result<Reply, Failure> {
        let operation = call.operation();
        let (bucket, write) = (operation.bucket(), operation.is_write());
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let client = if send::is_upload(&call) { &self.uploads } else { &self.client };
        let mut began = None;
        let mut attempt = 1;
        loop {
            for pace in &self.paces {
                pace.wait(bucket).await;
            }
            // Waiting in the queue of a large run is not the server's fault, so the duration of retries counts from here.
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
                self.paces.iter().for_each(|pace| pace.refuse(bucket));
            }
            match next {
                RetryDecision::GiveUp => {
                    // The calls behind this one wait too, but no longer than they may wait for a throttled call of their own.
                    if let Some(asked) = failure.retry_after.filter(|_| throttled) {
                        self.pause(bucket, asked.pause().min(self.patience.throttled));
                    }
                    return Err(failure);
                }
                // The quota is the account's: every other call of the bucket would be throttled as well.
                RetryDecision::After(wait) if throttled => self.pause(bucket, wait),
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
