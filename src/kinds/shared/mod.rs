//! Facts and code that several kinds share.

pub mod catalog;
pub mod limits;
pub mod number;
pub mod package_rules;
pub mod package_source;
pub mod retention;
pub mod runtimes;
pub mod settled;
pub mod tags;
