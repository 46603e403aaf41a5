//! The calls that a fault can act on. A rule that can act on none is a mistake, and refused.

use serde_json::{Map, Value};

use super::concurrent_writer;
use super::lexer::{SyntaxError, Token, suggest};
use super::plan::{Capacity, Fault, Rule, is_read, matches_operation};
use crate::sim::http::protocol::read_value;
use crate::sim::http::service_model::{Shape, model};
use crate::sim::http::validate;

/// The operations that start a transition.
const SETTLE: &[&str] = &[
    "CreateCapacityProvider",
    "CreateEventSourceMapping",
    "CreateFunction",
    "PublishVersion",
    "PutFunctionScalingConfig",
    "PutProvisionedConcurrencyConfig",
    "UpdateAlias",
    "UpdateCapacityProvider",
    "UpdateEventSourceMapping",
    "UpdateFunctionCode",
    "UpdateFunctionConfiguration",
];

/// The operations after which Lambda tries to assume the role that they name.
const ASSUME: &[&str] = &["CreateFunction", "UpdateFunctionConfiguration"];

const CONCURRENCY: &[&str] = &["GetAccountSettings", "PutFunctionConcurrency", "PutProvisionedConcurrencyConfig"];

const STORAGE: &[&str] =
    &["CreateFunction", "GetAccountSettings", "PublishLayerVersion", "PublishVersion", "UpdateFunctionCode"];

/// Returns the reasons for which a transition can fail.
pub(crate) fn failure_reasons() -> impl Iterator<Item = &'static str> {
    let shape = model().shape("LastUpdateStatusReasonCode");
    shape.into_iter().flat_map(|shape| shape.values.iter().map(String::as_str))
}

/// Returns whether a fault can have an effect on calls of an operation.
fn reaches(fault: &Fault, operation: &str) -> bool {
    match fault {
        Fault::Stale(_) => is_read(operation),
        // Invocations have quotas of their own, which are not those of the control plane.
        Fault::Quotas => operation != "Invoke",
        Fault::ConcurrentWriter(None) => concurrent_writer::can_precede(operation),
        Fault::SettleFailed(_) => SETTLE.contains(&operation),
        Fault::Roles(_) => ASSUME.contains(&operation),
        Fault::Exhausted(Capacity::Concurrency) => CONCURRENCY.contains(&operation),
        Fault::Exhausted(Capacity::Storage) => STORAGE.contains(&operation),
        _ => true,
    }
}

/// Refuses a rule that can never act; `operations` are the patterns of its `on`.
pub(crate) fn check(rule: &Rule, fault: Token<'_>, operations: Option<Token<'_>>) -> Result<(), SyntaxError> {
    let all = || model().operations.keys().map(String::as_str);
    let named =
        |operation: &&str| rule.on.is_empty() || rule.on.iter().any(|pattern| matches_operation(pattern, operation));
    if all().filter(named).any(|operation| reaches(&rule.fault, operation)) {
        return Ok(());
    }
    let advice = match rule.fault {
        Fault::Stale(_) => "it acts on reads".to_owned(),
        Fault::Quotas => "it acts on all operations except Invoke".to_owned(),
        Fault::ConcurrentWriter(_) => "it acts on calls that name a resource; or give the write: concurrent-writer DeleteFunction {\"FunctionName\": \"orders\"}".to_owned(),
        _ => {
            let reached: Vec<&str> = all().filter(|operation| reaches(&rule.fault, operation)).collect();
            format!("it acts on {}", reached.join(", "))
        }
    };
    let message = format!("`{}` has no effect on these operations, so the rule would never act", fault.text);
    Err(SyntaxError::new(operations.unwrap_or(fault), message, advice))
}

/// Checks that an operation takes these members; the error is a message and an advice.
pub(crate) fn members(shape: Option<&str>, input: &Map<String, Value>) -> Result<(), (String, String)> {
    let Some(name) = shape else {
        return if input.is_empty() {
            Ok(())
        } else {
            Err(("the operation takes no members".into(), "write {}".into()))
        };
    };
    let Some(shape) = model().shape(name) else { return Ok(()) };
    known(shape, input, "")?;
    let read = read_value(shape, &Value::Object(input.clone()));
    let checked = read.and_then(|_| validate::check(name, input));
    checked.map_err(|error| (error.message().to_owned(), "write the members of the operation".into()))
}

/// Checks that all members of an object, and of the objects in it, are of its shape.
fn known(shape: &Shape, input: &Map<String, Value>, path: &str) -> Result<(), (String, String)> {
    for (name, value) in input {
        let Some(member) = shape.members.get(name) else {
            let all: Vec<&str> = shape.members.keys().map(String::as_str).collect();
            let advice = suggest(name, all.iter().copied(), format!("it takes {}", all.join(", ")));
            return Err((format!("unknown member `{path}{name}`"), advice));
        };
        if let (Some(inner), Value::Object(value)) = (model().shape(&member.shape), value)
            && !inner.members.is_empty()
        {
            known(inner, value, &format!("{path}{name}."))?;
        }
    }
    Ok(())
}
