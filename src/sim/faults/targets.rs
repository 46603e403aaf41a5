//! Which calls a rule can act on. One that can act on none is a mistake of whoever wrote it, and is told.

use serde_json::{Map, Value};

use super::concurrent_writer;
use super::lexer::{Word, Wrong, meant};
use super::plan::{Deed, Rule, Supply, is_named, is_read};
use crate::sim::http::protocol::read_value;
use crate::sim::http::service_model::{Shape, model};
use crate::sim::http::validate;

/// The operations that begin what takes a while.
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

/// The operations that name a role which Lambda then tries to assume.
const ASSUME: &[&str] = &["CreateFunction", "UpdateFunctionConfiguration"];

const CONCURRENCY: &[&str] = &["GetAccountSettings", "PutFunctionConcurrency", "PutProvisionedConcurrencyConfig"];

const STORAGE: &[&str] =
    &["CreateFunction", "GetAccountSettings", "PublishLayerVersion", "PublishVersion", "UpdateFunctionCode"];

/// The reasons for which something settles as failed.
pub(crate) fn reasons() -> impl Iterator<Item = &'static str> {
    let shape = model().shape("LastUpdateStatusReasonCode");
    shape.into_iter().flat_map(|shape| shape.values.iter().map(String::as_str))
}

/// Whether a deed can do anything to calls of an operation.
fn reaches(deed: &Deed, operation: &str) -> bool {
    match deed {
        Deed::Stale(_) => is_read(operation),
        // Invocations have limits of their own, which are not those of the control plane.
        Deed::Quotas => operation != "Invoke",
        Deed::Stranger(None) => concurrent_writer::comes_before(operation),
        Deed::SettleFailed(_) => SETTLE.contains(&operation),
        Deed::Roles(_) => ASSUME.contains(&operation),
        Deed::Exhausted(Supply::Concurrency) => CONCURRENCY.contains(&operation),
        Deed::Exhausted(Supply::Storage) => STORAGE.contains(&operation),
        _ => true,
    }
}

/// Refuses a rule that can never act; `operations` is where its `on` names them.
pub(crate) fn check(rule: &Rule, deed: Word<'_>, operations: Option<Word<'_>>) -> Result<(), Wrong> {
    let all = || model().operations.keys().map(String::as_str);
    let named = |operation: &&str| rule.on.is_empty() || rule.on.iter().any(|pattern| is_named(pattern, operation));
    if all().filter(named).any(|operation| reaches(&rule.deed, operation)) {
        return Ok(());
    }
    let advice = match rule.deed {
        Deed::Stale(_) => "it acts on reads".to_owned(),
        Deed::Quotas => "it acts on all operations but Invoke".to_owned(),
        Deed::Stranger(_) => "it acts on calls about something; or say what the stranger does: stranger DeleteFunction {\"FunctionName\": \"orders\"}".to_owned(),
        _ => {
            let reached: Vec<&str> = all().filter(|operation| reaches(&rule.deed, operation)).collect();
            format!("it acts on {}", reached.join(", "))
        }
    };
    let message = format!("`{}` does nothing to these, so the rule would never act", deed.text);
    Err(Wrong::new(operations.unwrap_or(deed), message, advice))
}

/// Whether an operation takes these members; if not, what is wrong and what to write.
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
    checked.map_err(|error| (error.message().to_owned(), "write what the operation takes".into()))
}

/// Whether all members of an object, and of the objects in it, are of its shape.
fn known(shape: &Shape, input: &Map<String, Value>, path: &str) -> Result<(), (String, String)> {
    for (name, value) in input {
        let Some(member) = shape.members.get(name) else {
            let all: Vec<&str> = shape.members.keys().map(String::as_str).collect();
            let advice = meant(name, all.iter().copied(), format!("it takes {}", all.join(", ")));
            return Err((format!("there is no member `{path}{name}`"), advice));
        };
        if let (Some(inner), Value::Object(value)) = (model().shape(&member.shape), value)
            && !inner.members.is_empty()
        {
            known(inner, value, &format!("{path}{name}."))?;
        }
    }
    Ok(())
}
