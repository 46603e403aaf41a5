//! The least IAM policy with which a command works on a spec.
//!
//! A kind says which calls it makes and what for ([`Authorize`](crate::resource::Authorize)), an operation what IAM checks it on
//! ([`AuthorizedOn`](crate::wire::AuthorizedOn)); a policy follows from both for the resources of a stack.
//!
//! # Guarantees
//! A command with its policy is denied nothing, and every action of the policy is one that a run takes (`tests/it/least_privilege`).
//!
//! # Caveats
//! A policy of an identity is one of several: a boundary, a policy of the organization or of a key may deny more. What IAM
//! wants for keys, networks, file systems and images is AWS's documentation, and not tried.

mod policy;
mod scopes;
mod statements;

pub use policy::{IamPolicy, PolicyStatement};
pub use statements::{PolicyOptions, PolicyPurpose, import_policy, policy};
