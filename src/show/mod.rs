//! What people read: plans, reports, refusals and diagnostics as text. Pure; colour is a parameter.

pub mod diagnostics;
pub mod drift;
pub mod plan;
pub mod report;
mod style;
mod value;

pub use style::Style;
pub use value::change_lines;
