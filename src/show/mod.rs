//! What users see: pure functions from values to text.

pub mod diagnostics;
