//! The place of a value in the text, for reports about it.

use crate::model::{FieldPath, Span};

/// The place of a value: its field, and the key to underline for it.
#[derive(Clone, Copy)]
pub struct Spot<'s> {
    /// The field.
    pub path: &'s FieldPath,
    /// The key.
    pub key: &'s Span,
}
