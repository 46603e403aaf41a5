//! The rules of functions: what [`check`](super::rules::check) reports.

pub mod code;
pub mod exclusions;
pub mod package;
pub mod settings;
