//! Values before and after a change, with masks for what is unknown and for what is sensitive.

use serde_json::{Value, json};

use crate::model::{FieldPath, MASK};

/// The values of a resource, or of a part of it, and the marks on them.
#[derive(Clone, Debug, Default)]
pub struct MarkedValues {
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub unknown: Value,
    pub secret_before: Value,
    pub secret_after: Value,
}

impl MarkedValues {
    /// Does the same to every one of them.
    pub fn map(self, change: impl Fn(Value) -> Value) -> MarkedValues {
        MarkedValues {
            before: self.before.map(&change),
            after: self.after.map(&change),
            unknown: change(self.unknown),
            secret_before: change(self.secret_before),
            secret_after: change(self.secret_after),
        }
    }

    /// Adds names to the values, and none to the marks on them.
    pub fn with_names(self, add: impl Fn(Value) -> Value) -> MarkedValues {
        MarkedValues { before: self.before.map(&add), after: self.after.map(&add), ..self }
    }

    /// Adds further attributes to the values that there are, with their marks.
    pub fn extend(&mut self, other: MarkedValues) {
        let extend = |value: &mut Value, other: Value| {
            if let (Value::Object(map), Value::Object(other)) = (value, other) {
                map.extend(other);
            }
        };
        for (value, other) in [(&mut self.before, other.before), (&mut self.after, other.after)] {
            if let (Some(value), Some(other)) = (value, other) {
                extend(value, other);
            }
        }
        extend(&mut self.unknown, other.unknown);
        extend(&mut self.secret_before, other.secret_before);
        extend(&mut self.secret_after, other.secret_after);
    }

    /// Returns those of one field.
    pub fn field(&self, key: &str) -> MarkedValues {
        let of = |value: &Value| value.get(key).filter(|it| it.as_object().is_none_or(|map| !map.is_empty())).cloned();
        let mark = |value: &Value| of(value).unwrap_or_else(|| json!({}));
        MarkedValues {
            before: self.before.as_ref().and_then(of),
            after: self.after.as_ref().and_then(of),
            unknown: mark(&self.unknown),
            secret_before: mark(&self.secret_before),
            secret_after: mark(&self.secret_after),
        }
    }
}

/// Marks every masked value.
pub fn mark_secrets(value: Option<&Value>, path: &FieldPath, marks: &mut Value) {
    match value {
        Some(Value::Object(map)) => {
            map.iter().for_each(|(key, value)| mark_secrets(Some(value), &path.then(key.as_str()), marks));
        }
        Some(Value::String(text)) if text == MASK => path.set(marks, Some(Value::Bool(true))),
        _ => {}
    }
}
