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
mod function;
mod function_limits;
mod function_rules;
mod functions;
mod invocations;
mod invoke_configs;
mod keeping;
mod lacks;
mod layer_policies;
mod layers;
mod lookup;
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
mod options;
mod packages;
mod past;
mod pattern;
mod permissions;
mod policy_text;
mod preconditions;
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
mod tag_rules;
mod tags;
mod trouble;
mod updates;
mod urls;
mod validate;
mod versions;
mod world;

pub use clock::Clock;
pub use dispatch::Lambda;
pub use misbehaviour::{Acted, Misbehaviour, RuleText};
pub use misbehaviour_words::{WrongRule, WrongRules};
pub use options::{Options, Settle};
pub use serve::serve;
pub use world::World;

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
