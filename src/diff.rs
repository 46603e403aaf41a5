//! Compares a declared value with a live one, field by field, by the traits of the fields in the schema. Pure.
//!
//! The same function compares every kind; it knows nothing of Lambda.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::model::{Change, ClearValue, FieldPath, Template};
use crate::resource::field_traits;

/// The terms of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The schema of the values, with the traits of its fields.
    pub schema: &'a Value,
    /// Ignored fields.
    pub ignore: &'a [FieldPath],
    /// Fields whose declared value is known only during the apply.
    pub pending: &'a BTreeMap<FieldPath, Template>,
    /// True if undeclared live keys of open maps are to be removed.
    pub prune: bool,
}

/// The outcome of a comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// The fields to change, in the order of their paths.
    pub changes: Vec<Change>,
    /// Live keys of open maps that are not declared.
    pub unmanaged: Vec<FieldPath>,
}

/// Compares a declared value with a live one.
pub fn diff(desired: Option<&Value>, live: Option<&Value>, terms: &Terms<'_>) -> Difference {
    let mut difference = Difference::default();
    let field = ComparedField { schema: terms.schema, secret: false, immutable: false };
    walk(desired, live, &field, &FieldPath::root(), terms, &mut difference);
    difference
}

/// A field's schema, and the traits that it inherits.
struct ComparedField<'s> {
    schema: &'s Value,
    secret: bool,
    immutable: bool,
}

impl<'s> ComparedField<'s> {
    fn below(&self, key: &str) -> ComparedField<'s> {
        let schema = field_traits::field(self.schema, key);
        ComparedField {
            schema,
            secret: self.secret || field_traits::has(schema, field_traits::SECRET),
            immutable: self.immutable || field_traits::has(schema, field_traits::IMMUTABLE),
        }
    }
}

fn walk(
    desired: Option<&Value>,
    live: Option<&Value>,
    field: &ComparedField<'_>,
    path: &FieldPath,
    terms: &Terms<'_>,
    difference: &mut Difference,
) {
    let (desired, live) = (desired.filter(|value| !value.is_null()), live.filter(|value| !value.is_null()));
    let optional = field_traits::has(field.schema, field_traits::OPTIONAL)
        || field_traits::has(field.schema, field_traits::DERIVED);
    if terms.ignore.contains(path)
        || field_traits::has(field.schema, field_traits::SOURCE)
        || (optional && desired.is_none() && !terms.pending.contains_key(path))
        || (desired == live && !terms.pending.keys().any(|pending| pending.within(path)))
    {
        return;
    }
    if terms.pending.contains_key(path) {
        difference.changes.push(change(path, live, desired, field, true));
        return;
    }
    match (desired, live) {
        (Some(Value::Object(_)) | None, Some(Value::Object(_)) | None) | (Some(Value::Object(_)), _) => {
            let maps = [desired, live].into_iter().flatten().filter_map(Value::as_object);
            let all: BTreeSet<&String> = maps.flat_map(|map| map.keys()).collect();
            let open = field_traits::has(field.schema, field_traits::OPEN) && !terms.prune;
            let appears =
                field_traits::has(field.schema, field_traits::FIXED_PRESENCE) && desired.is_some() != live.is_some();
            for key in all {
                let (want, have) = (desired.and_then(|value| value.get(key)), live.and_then(|value| value.get(key)));
                let below = path.then(key.as_str());
                if open && want.is_none() && !terms.pending.contains_key(&below) {
                    difference.unmanaged.push(below);
                    continue;
                }
                let mut inner = field.below(key);
                inner.immutable |= appears;
                walk(want, have, &inner, &below, terms, difference);
            }
        }
        (Some(Value::Array(want)), Some(Value::Array(have))) => {
            let pending = terms.pending.keys().any(|pending| pending.within(path));
            if pending || !same_list(want, have, field_traits::has(field.schema, field_traits::SET)) {
                difference.changes.push(change(path, live, desired, field, pending));
            }
        }
        (Some(want), Some(have)) if same(want, have) => {}
        // An empty list and an absent one are the same to Lambda.
        (None, Some(Value::Array(list))) | (Some(Value::Array(list)), None) if list.is_empty() => {}
        (None, Some(_)) if field_traits::has(field.schema, field_traits::STAYS) => {
            let field = ComparedField { immutable: true, ..*field };
            difference.changes.push(change(path, live, desired, &field, false));
        }
        _ => {
            let pending = terms.pending.keys().any(|pending| pending.within(path));
            difference.changes.push(change(path, live, desired, field, pending));
        }
    }
}

fn change(
    path: &FieldPath,
    before: Option<&Value>,
    after: Option<&Value>,
    field: &ComparedField<'_>,
    unknown: bool,
) -> Change {
    Change {
        path: path.clone(),
        before: before.cloned().map(ClearValue::from),
        after: after.cloned().map(ClearValue::from),
        unknown,
        secret: field.secret,
        forces_replacement: field.immutable,
    }
}

fn same_list(want: &[Value], have: &[Value], set: bool) -> bool {
    if !set {
        return want.len() == have.len() && want.iter().zip(have).all(|(want, have)| same(want, have));
    }
    let texts = |list: &[Value]| list.iter().map(canonical).collect::<BTreeSet<_>>();
    texts(want) == texts(have)
}

/// Returns true if two values mean the same: numbers by size, absent and null alike.
fn same(want: &Value, have: &Value) -> bool {
    canonical(want) == canonical(have)
}

/// Returns the value after the changes.
pub fn after(desired: &Value, live: Option<&Value>, difference: &Difference, ignore: &[FieldPath]) -> Value {
    let Some(live) = live else { return desired.clone() };
    let mut after = live.clone();
    for change in &difference.changes {
        match &change.after {
            Some(value) => change.path.set(&mut after, Some(value.clone().into_inner())),
            None => vanishing(&change.path, desired, ignore).set(&mut after, None),
        }
    }
    after
}

/// Returns the path that is removed with a field: that of the largest undeclared value around it.
fn vanishing(path: &FieldPath, desired: &Value, ignore: &[FieldPath]) -> FieldPath {
    let around = (1..path.keys().len()).map(|length| path.keys()[..length].iter().collect::<FieldPath>());
    let gone = around.into_iter().find(|whole| {
        let declared = whole.get(desired).is_some_and(|value| !value.is_null());
        !declared && !ignore.iter().any(|ignored| ignored.within(whole))
    });
    gone.unwrap_or_else(|| path.clone())
}

/// Returns a value as text; equal values have equal texts.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<&String, &Value> = map.iter().filter(|(_, value)| !value.is_null()).collect();
            let fields: Vec<String> = sorted
                .iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.as_i64().is_none() && number.as_u64().is_none() && float.fract() == 0.0 => {
                format!("{float:.0}")
            }
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn differences(schema: Value, desired: Value, live: Value) -> Vec<String> {
        let pending = BTreeMap::new();
        let terms = Terms { schema: &schema, ignore: &[FieldPath::from("theirs")], pending: &pending, prune: false };
        let found = diff(Some(&desired), Some(&live), &terms);
        let changes = found.changes.iter().map(|change| {
            let mark = if change.forces_replacement { " (replaces)" } else { "" };
            format!("{}{}{mark}", change.path, if change.secret { " (secret)" } else { "" })
        });
        changes.chain(found.unmanaged.iter().map(|path| format!("{path} (unmanaged)"))).collect()
    }

    #[test]
    fn traits_of_fields_decide_on_differences() {
        let schema = json!({"properties": {
            "set": {"x-set": true}, "list": {}, "from": {"x-source": true}, "hash": {"x-derived": true},
            "fixed": {"anyOf": [{"properties": {"inner": {}}}, {"type": "null"}], "x-immutable": true},
            "tags": {"x-open": true, "additionalProperties": {"type": "string"}},
            "variables": {"additionalProperties": {"x-secret": true}},
        }});
        let desired = json!({"set": ["b", "a"], "list": ["b", "a"], "from": "x", "fixed": {"inner": 1}, "theirs": 1,
            "tags": {"a": "1"}, "variables": {"T": "new"}, "n": 1});
        let live = json!({"set": ["a", "b", "a"], "list": ["a", "b"], "from": "y", "hash": "h", "theirs": 2, "none": null,
            "tags": {"a": "1", "b": "2"}, "variables": {"T": "old"}, "n": 1.0});
        assert_eq!(
            differences(schema, desired, live),
            ["fixed.inner (replaces)", "list", "variables.T (secret)", "tags.b (unmanaged)"]
        );
    }
}
