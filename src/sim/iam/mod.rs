//! The permissions of the caller: an identity-based policy, and what each request needs of it.
//!
//! Without a policy everything is allowed. With one, a request is denied in the words of AWS unless a statement allows every action
//! that the request takes, each on its resource.
//!
//! # Caveats
//! There is one caller, and there are no other policies: no boundary, no session policy, none of the organization. Of other
//! services `iam:PassRole` and reading a package in S3 are checked.

pub(crate) mod authorization;
pub(crate) mod condition;
pub(crate) mod pattern;
pub(crate) mod policy;
