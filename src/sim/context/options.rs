//! The options of a simulated account.

use std::path::PathBuf;
use std::time::Duration;

use super::clock::Clock;
use super::external_resources::ExternalResources;
use crate::sim::faults::plan::FaultPlan;
use crate::sim::iam::policy::IamPolicy;

/// The options of a simulated account.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The account ID of every caller.
    pub account: String,
    /// The region of a request that is not signed; a signed one names its own.
    pub region: String,
    /// The duration of each kind of change.
    pub settle: Settle,
    /// The folder that keeps the state between runs; in memory only if absent.
    pub data: Option<PathBuf>,
    /// The most functions that one page of ListFunctions holds, as the real service caps it.
    pub page_limit: usize,
    /// Concurrent executions of the account.
    pub concurrent_executions: i64,
    /// The concurrency that reservations must leave unreserved.
    pub unreserved_minimum: i64,
    /// Makes ids and timestamps a function of the requests.
    pub seed: Option<u64>,
    /// The source of time.
    pub clock: Clock,
    /// The resources of other services.
    pub external: ExternalResources,
    /// The faults to inject; none if absent.
    pub faults: Option<FaultPlan>,
    /// The policy of every caller; all is allowed if absent.
    pub iam: Option<IamPolicy>,
    /// The names that a server answers to, besides `localhost` and its own addresses. Others are refused, because the name
    /// of a web page may lead here.
    pub allowed_hosts: Vec<String>,
    /// The time in which a client has to send the head of a request, and then its body. It also ends idle connections.
    pub request_timeout: Duration,
    /// The most connections that a server has open; further ones wait.
    pub connections: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            account: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
            settle: Settle::default(),
            data: None,
            page_limit: 50,
            concurrent_executions: 1000,
            unreserved_minimum: 100,
            seed: None,
            clock: Clock::real(),
            external: ExternalResources::default(),
            faults: None,
            iam: None,
            allowed_hosts: Vec::new(),
            request_timeout: Duration::from_secs(60),
            connections: 512,
        }
    }
}

/// The duration of each kind of change, until its final state is visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settle {
    /// A new function, `Pending` to `Active`.
    pub create: Duration,
    /// A changed function, `InProgress` to `Successful`.
    pub update: Duration,
    /// A version that takes a snapshot (SnapStart), or was published with its code.
    pub publish: Duration,
    /// Provisioned concurrency, `IN_PROGRESS` to `READY`.
    pub provisioned: Duration,
    /// An event source mapping, `Creating` to `Enabled` and the like.
    pub mapping: Duration,
    /// The weights of an alias that moved while it had provisioned concurrency.
    pub alias_weights: Duration,
    /// A deletion, until reads no longer find the resource.
    pub delete: Duration,
    /// A capacity provider, `Pending` to `Active`.
    pub capacity: Duration,
}

impl Settle {
    /// Ends every change at the next request; the reply to the change itself still shows the transition.
    pub fn instant() -> Self {
        Settle::uniform(Duration::ZERO)
    }

    /// Sets the same duration for every kind of change.
    pub fn uniform(time: Duration) -> Self {
        Settle {
            create: time,
            update: time,
            publish: time,
            provisioned: time,
            mapping: time,
            alias_weights: time,
            delete: time,
            capacity: time,
        }
    }
}

impl Default for Settle {
    /// The order of things as on the real service, with minutes shortened to seconds.
    fn default() -> Self {
        Settle {
            create: Duration::from_millis(1000),
            update: Duration::from_millis(1000),
            publish: Duration::from_millis(1500),
            provisioned: Duration::from_millis(3000),
            mapping: Duration::from_millis(2000),
            alias_weights: Duration::from_millis(2000),
            delete: Duration::from_millis(1500),
            capacity: Duration::from_millis(2000),
        }
    }
}
