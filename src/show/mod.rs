//! What people read: plans, reports, refusals and diagnostics as text. Pure; colour is a parameter.

pub mod plan;
pub mod report;
mod style;
mod value;

pub use style::Style;
