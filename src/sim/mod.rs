//! A Lambda control plane in memory, behind the real REST-JSON protocol.
//!
//! This is another program that lives with trueup. It shares no code with the reconciler, because what proves the reconciler
//! must not share its mistakes: the two meet on the HTTP wire only. Any client works against it.
//!
//! How a request travels:
//!
//! 1. [`mod@serve`] takes it off the socket and hands it to [`protocol`], which finds the operation by method and path in the table
//!    of [`model`] and reads its members from path, query, headers and body.
//! 2. [`validate`] holds the members to the constraints of the model, with the texts of the real framework.
//! 3. [`dispatch`] advances everything that time has settled, then runs the operation on one [`state::Region`] under one lock.
//! 4. What the operation changed is written by [`store`] before the [`reply`] leaves.
//!
//! Time is lazy. A change that takes a while stores when it will be over and how it will look then, so that settling is a pure
//! function of the document and the clock, and a restart in the middle of it changes nothing.

mod accounts;
mod aliases;
mod attachments;
mod broken_replies;
mod calls;
mod capacity;
mod chosen_faults;
mod clock;
mod code;
mod concurrency;
mod configuration;
mod dispatch;
mod failing;
mod fault;
mod filter_patterns;
mod function_limits;
mod function_rules;
mod functions;
mod invocations;
mod invoke_configs;
mod keeping;
mod lacks;
mod layer_policies;
mod layers;
mod lot;
mod mapping_defaults;
mod mapping_rules;
mod mappings;
mod mint;
mod misbehaviour;
mod misbehaviour_amounts;
mod misbehaviour_reach;
mod misbehaviour_reference;
mod misbehaviour_text;
mod misbehaviour_words;
mod model;
mod names;
mod neighbours;
mod network_rules;
mod past;
mod pattern;
mod permissions;
mod policy_text;
mod protocol;
mod provisioned;
mod quotas;
mod reply;
mod runtimes;
mod scaling;
mod serve;
mod settling;
mod shelf;
mod signing;
mod state;
mod store;
mod strangers;
mod sts;
mod subject;
mod tags;
mod trouble;
mod updates;
mod urls;
mod validate;
mod versions;
mod world;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use clock::Clock;
pub use misbehaviour::{Acted, Misbehaviour, RuleText};
pub use misbehaviour_words::{WrongRule, WrongRules};
pub use serve::serve;
pub use world::World;

/// What a simulated account is like.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The account that every caller is in.
    pub account: String,
    /// The region of a request that is not signed; a signed one names its own.
    pub region: String,
    /// How long each change takes.
    pub settle: Settle,
    /// Where the account is kept between runs; in memory only if absent.
    pub data: Option<PathBuf>,
    /// The most functions that one page of ListFunctions holds, as the real service caps it.
    pub page_limit: usize,
    /// Concurrent executions of the account.
    pub concurrent_executions: i64,
    /// What reservations must leave to everybody else.
    pub unreserved_minimum: i64,
    /// Makes ids and timestamps a function of the requests.
    pub seed: Option<u64>,
    /// What time it is.
    pub clock: Clock,
    /// What exists in the other services.
    pub world: World,
    /// What the service does wrong; nothing if absent.
    pub misbehave: Option<Misbehaviour>,
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
            world: World::default(),
            misbehave: None,
        }
    }
}

/// How long each change takes until it shows its final state.
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
    /// How long weights stay on an alias that moved while it had provisioned concurrency.
    pub alias_weights: Duration,
    /// How long something that is being deleted is still seen.
    pub delete: Duration,
    /// A capacity provider, `Pending` to `Active`.
    pub capacity: Duration,
}

impl Settle {
    /// Over at the next request; the reply to the change itself still shows the transition.
    pub fn instant() -> Self {
        Settle::uniform(Duration::ZERO)
    }

    /// The same time for everything.
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

/// A handle to one simulated account; clones share it.
#[derive(Clone)]
pub struct Lambda {
    inner: Arc<dispatch::Account>,
}

impl Lambda {
    /// Opens the account that `options` describe, reading what an earlier run left in its folder.
    pub fn open(options: Options) -> anyhow::Result<Lambda> {
        Ok(Lambda { inner: Arc::new(dispatch::Account::open(options)?) })
    }

    /// What has gone wrong so far because it was told to, by the name of its rule, and how often.
    pub fn troubles(&self) -> BTreeMap<&'static str, u64> {
        self.inner.troubles()
    }

    /// What each rule of the misbehaviour has done so far.
    pub fn acted(&self) -> Vec<Acted> {
        self.inner.acted()
    }

    /// The service as a router, for tests in process and for servers of one's own.
    pub fn router(&self) -> axum::Router {
        serve::router(Arc::clone(&self.inner))
    }
}

#[cfg(test)]
mod disk_tests;
#[cfg(test)]
mod invocation_tests;
#[cfg(test)]
mod mapping_tests;
#[cfg(test)]
mod misbehaviour_tests;
#[cfg(test)]
mod past_tests;
#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
mod restart_tests;
#[cfg(test)]
mod shortage_tests;
#[cfg(test)]
mod stranger_tests;
#[cfg(test)]
mod surroundings_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trouble_tests;
