//! A Lambda control plane in memory, behind the real REST-JSON protocol.
//!
//! This is another program that lives with trueup. It shares no code with the reconciler, because what proves the reconciler
//! must not share its mistakes: the two meet on the HTTP wire only. Any client works against it.
//!
//! A request passes these modules in turn:
//!
//! 1. [`mod@server`] reads it off the socket and hands it to [`http::protocol`], which finds the operation by method and path in
//!    the table of [`http::service_model`] and reads its members from path, query, headers and body.
//! 2. [`http::validate`] checks the members against the constraints of the model, with the texts of the real framework.
//! 3. [`dispatcher`] applies every transition that is due, then runs one of the [`operations`] on one
//!    [`Region`](store::documents::Region) under one lock.
//! 4. [`store`] writes what the operation changed before the [`response`](http::response) is sent.
//!
//! [`rules`] holds what Lambda refuses, [`context`] what every operation works with, [`faults`] what is made to go wrong, [`iam`]
//! what the caller may do.
//! No two files import each other, directly or through others: the test `import_graph` checks it.
//!
//! Time is lazy. A change that takes a while stores when it will be over and how it will look then, so that a transition is a
//! pure function of the document and the clock, and a restart in the middle of it changes nothing.

mod context;
mod dispatcher;
mod faults;
mod http;
mod iam;
mod operations;
mod rules;
mod server;
mod store;

pub use context::clock::Clock;
pub use context::external_resources::{ExternalResources, MistakenLine, NameMistake};
pub use context::options::{Options, Settle};
pub use dispatcher::{Simulator, SimulatorError};
pub use faults::lexer::{RuleError, RuleErrors};
pub use faults::plan::{FaultPlan, RuleActivity, RuleSource};
pub use iam::policy::{IamPolicy, IamPolicyError};
pub use server::serve;
pub use store::disk::DiskError;

#[cfg(test)]
mod tests;
