//! Hides the secret fields of a value. Pure.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::kinds;
use crate::model::{Address, FieldPath};
use crate::resource::field_traits;

/// The value at `path` of a resource, with what the kind's schema calls secret hidden, and these fields.
pub(super) fn hidden(
    address: &Address,
    path: &FieldPath,
    value: &Value,
    fields: &BTreeSet<FieldPath>,
    hide: &dyn Fn(&FieldPath, &Value) -> Value,
) -> Value {
    let mut value = value.clone();
    let (schema, secret) =
        path.keys().iter().fold((kinds::entry(address.kind).schema(), false), |(schema, secret), key| {
            let below = field_traits::field(schema, key);
            (below, secret || field_traits::has(below, field_traits::SECRET))
        });
    hide_within(&mut value, schema, secret, path, &Hiding { fields, hide });
    value
}

/// The fields to hide besides those that a schema calls secret, and what stands in their places.
struct Hiding<'a> {
    fields: &'a BTreeSet<FieldPath>,
    hide: &'a dyn Fn(&FieldPath, &Value) -> Value,
}

fn hide_within(value: &mut Value, schema: &Value, secret: bool, path: &FieldPath, hiding: &Hiding<'_>) {
    let secret = secret || field_traits::has(schema, field_traits::SECRET) || hiding.fields.contains(path);
    match value {
        Value::Null => {}
        Value::Object(map) => {
            for (key, value) in map {
                hide_within(value, field_traits::field(schema, key), secret, &path.then(key.as_str()), hiding);
            }
        }
        Value::Array(list) => {
            for (at, value) in list.iter_mut().enumerate() {
                hide_within(value, field_traits::field(schema, ""), secret, &path.then(at.to_string()), hiding);
            }
        }
        value if secret => *value = (hiding.hide)(path, value),
        _ => {}
    }
}
