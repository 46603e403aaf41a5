//! Requests to Lambda and its responses as values: a [`Call`] goes out, a [`Reply`] or a [`Failure`] comes back.
//!
//! Kinds build calls and read replies and never send; only [`cloud`](crate::cloud) sends, in its file `send.rs`. A call
//! holds the SDK's own input builder, so the wire format is AWS's own code and no member can be misspelt.
//!
//! The table [`every_operation!`] is the one list of operations. Its rows make the enums, the effects, the quota buckets,
//! paging and preconditions in `operation.rs`, and the sending in `cloud`.
//!
//! # Guarantees
//! Every operation of AWS's service model is in the table, or in a list with the reason (`tests/it/coverage`).

mod authorization;
mod bucket;
mod expected_members;
mod failure;
mod failure_class;
mod known_errors;
mod listed;
mod operation;
mod read_cache;
mod request;

use std::future::Future;
use std::pin::Pin;

pub use authorization::AuthorizedOn;
pub use bucket::Bucket;
pub use failure::{Failure, RetryAfter};
pub use failure_class::FailureClass;
pub use known_errors::{Cause, denied_action};
pub(crate) use operation::every_operation;
pub use operation::*;
pub use read_cache::{Missing, ReadCache, ReadResult};
pub use request::Request;

/// The future of a call: its reply, or its failure.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Reply, Failure>> + Send + 'a>>;

/// The future of a download: its bytes, or its failure.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, Failure>> + Send + 'a>>;

/// A server that calls can be sent to: AWS Lambda, the simulator, or any server that speaks its API.
pub trait Endpoint: Send + Sync {
    /// Sends one call. The endpoint may pace calls, and retry reads that had no effect; it sends a write once.
    fn send(&self, call: Call) -> Sending<'_>;

    /// Downloads from a URL of one of Lambda's responses, such as a package; fails beyond `limit` bytes.
    fn fetch<'a>(&'a self, url: &'a str, limit: usize) -> Fetching<'a>;
}
