//! The policy as Lambda keeps it: a document of statements, some of which belong to other clients.
//!
//! The members of a JSON object have no order, so a statement that is read and written again is the same statement.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Statement;
use super::spec::{Permissions, arn};
use crate::resource::ResourceRef;

/// The statements of a document by their ids. One without an id gets its position, which no id can be.
pub fn identified(document: &Value) -> Vec<(String, &Value)> {
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(statement) => std::slice::from_ref(statement),
        None => &[],
    };
    let id = |at: usize, raw: &Value| match raw.get("Sid").and_then(Value::as_str) {
        Some(id) if !id.is_empty() => id.to_owned(),
        _ => format!("#{}", at + 1),
    };
    statements.iter().enumerate().map(|(at, raw)| (id(at, raw), raw)).collect()
}

/// The document with the touched statements as declared, and all others as they are.
pub fn rewritten(before: Option<&Value>, desired: &Permissions, touched: &BTreeSet<&str>, at: &ResourceRef) -> Value {
    let (resource, partition) = (arn(at), at.scope.partition());
    let made = |id: &str, statement: &Statement| statement.document(id, &resource, partition);
    let empty = json!({"Version": "2012-10-17", "Id": "default", "Statement": []});
    let mut document = before.filter(|before| before.is_object()).cloned().unwrap_or(empty);
    let old = identified(&document);
    let kept = old.iter().filter_map(|(id, raw)| match desired.get(id) {
        Some(statement) if touched.contains(id.as_str()) => Some(made(id, statement)),
        None if touched.contains(id.as_str()) => None,
        _ => Some((*raw).clone()),
    });
    let new = desired.statements().filter(|(id, _)| old.iter().all(|(other, _)| other != *id));
    let statements: Vec<Value> = kept.chain(new.map(|(id, statement)| made(id, statement))).collect();
    document["Statement"] = Value::Array(statements);
    document
}

/// The document of a policy that no other client writes.
pub fn document_of(spec: &Permissions, resource: &str, partition: &str) -> Value {
    let statements = spec.statements().map(|(id, statement)| statement.document(id, resource, partition));
    json!({"Version": "2012-10-17", "Id": "default", "Statement": statements.collect::<Vec<_>>()})
}
