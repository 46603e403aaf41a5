//! The documents of an account: in memory, over time, and on disk.

pub(crate) mod before;
pub(crate) mod collection;
pub(crate) mod disk;
pub(crate) mod documents;
pub(crate) mod failures;
pub(crate) mod files;
pub(crate) mod function;
pub(crate) mod history;
pub(crate) mod packages;
pub(crate) mod persistence;
pub(crate) mod policy_document;
pub(crate) mod transitions;
