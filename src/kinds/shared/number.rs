//! A resource that is one number, in words.

use serde_json::Value;

use crate::model::{FieldPath, plain};
use crate::resource::{Presentation, PresentedChange};

/// Returns the number, or what it changes to.
pub fn number(change: &PresentedChange<'_>, field: &'static str) -> Presentation {
    let mut words = Presentation::default();
    let number = |value: Option<&Value>| value.filter(|value| !value.is_null()).map(plain);
    let (before, after) = change.at(field);
    let text = match (number(before), number(after)) {
        (Some(before), Some(after)) if before != after => format!("{before} → {after}"),
        (Some(before), None) if change.after.is_some() => format!("{before} → none"),
        (Some(number), None) | (None | Some(_), Some(number)) => number,
        (None, None) => return words,
    };
    words.fact(change.action, "", text);
    words.told.push(FieldPath::from(field));
    words
}
