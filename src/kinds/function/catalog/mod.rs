//! The rules of functions: what [`check`](super::rules::check) reports.

pub mod code;
pub mod exclusions;
pub mod settings;
