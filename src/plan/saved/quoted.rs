//! Finds the fields that hold a secret of the run although nothing in the spec says so: an earlier spec may have put a value of
//! the environment there. Pure.

use serde_json::Value;

use crate::model::{Address, FieldPath};
use crate::plan::Plan;

impl Plan {
    /// Hides every field whose text holds a secret.
    pub fn hide_quoted(&mut self, holds_secret: impl Fn(&str) -> bool) {
        let mut found: Vec<(Address, FieldPath)> = Vec::new();
        for planned in &self.resources {
            let baseline = planned.baseline.iter().map(|baseline| (FieldPath::root(), &*baseline.value));
            let changes = planned.changes.iter().flat_map(|change| {
                [&change.before, &change.after].into_iter().flatten().map(|value| (change.path.clone(), &**value))
            });
            for (path, value) in baseline.chain(changes) {
                quoting(value, &path, &holds_secret, &mut |path| found.push((planned.address.clone(), path.clone())));
            }
        }
        for unmanaged in &self.unmanaged {
            let path = unmanaged.field.clone().unwrap_or_else(FieldPath::root);
            if let Some(value) = &unmanaged.live {
                quoting(value, &path, &holds_secret, &mut |path| found.push((unmanaged.address.clone(), path.clone())));
            }
        }
        for (address, path) in found {
            self.hidden.entry(address).or_default().insert(path);
        }
    }
}

/// Calls `visit` with the path of every text that holds a secret.
fn quoting(value: &Value, path: &FieldPath, holds_secret: &impl Fn(&str) -> bool, visit: &mut impl FnMut(&FieldPath)) {
    match value {
        Value::String(text) if holds_secret(text) => visit(path),
        Value::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                quoting(value, &path.then(at.to_string()), holds_secret, visit);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                quoting(value, &path.then(key.as_str()), holds_secret, visit);
            }
        }
        _ => {}
    }
}
