//! Where a field sits inside a resource's value.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The keys that lead to a field, outermost first: `environment.variables.TABLE`. List positions are keys too.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct FieldPath(pub Vec<String>);

impl FieldPath {
    /// The path of the whole value.
    pub fn root() -> Self {
        FieldPath::default()
    }

    /// Reads a path as people write it, with dots between its keys.
    pub fn parse(text: &str) -> Self {
        FieldPath(text.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect())
    }

    /// The path of a key one level below.
    pub fn then(&self, key: impl Into<String>) -> Self {
        let mut keys = self.0.clone();
        keys.push(key.into());
        FieldPath(keys)
    }

    /// Whether this path is `other` or lies below it.
    pub fn within(&self, other: &FieldPath) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The value at this path.
    pub fn get<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(value, |value, key| match value {
            Value::Object(map) => map.get(key),
            Value::Array(list) => list.get(key.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// Puts `new` at this path, making the maps on the way; `None` takes the field away.
    pub fn set(&self, value: &mut Value, new: Option<Value>) {
        let Some((last, parents)) = self.0.split_last() else {
            *value = new.unwrap_or(Value::Null);
            return;
        };
        let mut here = value;
        for key in parents {
            if here.is_null() {
                *here = Value::Object(serde_json::Map::new());
            }
            here = match here {
                Value::Object(map) => map.entry(key.clone()).or_insert(Value::Null),
                Value::Array(list) => match key.parse::<usize>().ok().and_then(|at| list.get_mut(at)) {
                    Some(item) => item,
                    None => return,
                },
                _ => return,
            };
        }
        if here.is_null() {
            *here = Value::Object(serde_json::Map::new());
        }
        match (here, new) {
            (Value::Object(map), Some(new)) => drop(map.insert(last.clone(), new)),
            (Value::Object(map), None) => drop(map.remove(last)),
            (Value::Array(list), Some(new)) => {
                if let Some(item) = last.parse::<usize>().ok().and_then(|at| list.get_mut(at)) {
                    *item = new;
                }
            }
            _ => {}
        }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, key) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(".")?;
            }
            if key.contains('.') || key.is_empty() { write!(f, "\"{key}\"")? } else { f.write_str(key)? }
        }
        Ok(())
    }
}
