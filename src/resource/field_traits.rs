//! Field traits: statements about a field, as schema extensions that sit on the field and are part of the published schema.

use serde_json::Value;

/// The field is fixed at creation: a change means replacement.
pub const IMMUTABLE: &str = "x-immutable";
/// The field cannot be added or removed in place, though what is in it may change.
pub const FIXED_PRESENCE: &str = "x-fixed-presence";
/// Lambda keeps the field where an update leaves it out, and takes no empty one: taking it away means replacement.
pub const STAYS: &str = "x-stays";
/// The list is a set: order and repetition mean nothing.
pub const SET: &str = "x-set";
/// The value, or every value below, is secret.
pub const SECRET: &str = "x-secret";
/// The map's keys are resources of their own: a live key that the spec does not name is unmanaged, not drift.
pub const OPEN: &str = "x-open";
/// The field names a source and is not itself compared.
pub const SOURCE: &str = "x-source";
/// The field is worked out, never written by users, and left out of the published schema.
pub const DERIVED: &str = "x-derived";
/// A live value counts only where the spec has one: absent means not compared.
pub const OPTIONAL: &str = "x-optional";
/// The field is not part of what a published version freezes.
pub const UNVERSIONED: &str = "x-unversioned";
/// Words that stand for a whole map: `code: external`.
pub const WORDS: &str = "x-words";
/// A `null` over the value of an earlier file declares the resource with AWS's default, instead of removing it.
pub const NULL: &str = "x-null";
/// Lambda looks for the resource that the ARN names before it accepts the value.
pub const RESOLVED: &str = "x-resolved";
/// The unit of a number: `MB`, `seconds` or `days`.
pub const UNIT: &str = "x-unit";
/// A value outside the field's `enum` is a warning with this text, because the list grows.
pub const OPEN_ENUM: &str = "x-open-enum";

/// Returns true if the schema of a field carries the extension.
pub fn has(schema: &Value, extension: &str) -> bool {
    schema.get(extension).is_some_and(|value| value != &Value::Bool(false))
}

/// The schema of the field `key` of a map or list, stepping through `anyOf` with `null`.
pub fn field<'s>(schema: &'s Value, key: &str) -> &'s Value {
    let schema = present(schema);
    schema
        .get("properties")
        .and_then(|properties| properties.get(key))
        .or_else(|| schema.get("additionalProperties").filter(|rest| rest.is_object()))
        .or_else(|| schema.get("patternProperties").and_then(|by| by.as_object()?.values().next()))
        .or_else(|| schema.get("items"))
        .unwrap_or(&Value::Null)
}

/// The schema of the value where there is one: the branch of an `anyOf` that is not `null`.
pub fn present(schema: &Value) -> &Value {
    schema
        .get("anyOf")
        .and_then(Value::as_array)
        .and_then(|branches| branches.iter().find(|branch| branch.get("type").and_then(Value::as_str) != Some("null")))
        .unwrap_or(schema)
}
