//! Invocations. No code is run here: an invocation answers what a function answers that returns nothing.

use serde_json::{Value, json};

use crate::sim::context::api_error::Fault;
use crate::sim::context::identifiers::Name;
use crate::sim::context::preconditions::pending;
use crate::sim::context::request::{Call, Operation};
use crate::sim::http::response::Reply;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "Invoke" => invoke,
        "InvokeAsync" => invoke_later,
        "ListDurableExecutionsByFunction" => list_executions,
        _ => return None,
    })
}

fn invoke(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let version = invoked(call)?;
    match call.text("InvocationType") {
        Some("Event") => Ok(Reply::empty().with_status(202)),
        Some("DryRun") => Ok(Reply::empty().with_status(204)),
        // Recorded: only who waits for the answer is told which version gave it.
        _ => Ok(Reply::json(Value::Null).with_header("x-amz-executed-version", version)),
    }
}

/// The version that the request invokes, if it can be.
fn invoked(call: &Call<'_>) -> Result<String, Fault> {
    let name = call.name()?;
    if call.function(&name).is_err() {
        let name = Name { qualifier: Some(name.or_latest().to_owned()), ..name };
        return Err(name.missing(call.here));
    }
    let (_, snapshot, version) = call.resolve(&name)?;
    if snapshot.state == "Pending" {
        return Err(pending(&name.arn(call.here)));
    }
    Ok(version)
}

/// The older way to invoke and not to wait.
fn invoke_later(call: &mut Call<'_>) -> Result<Reply, Fault> {
    invoked(call)?;
    Ok(Reply::empty())
}

/// What never ran has no executions.
fn list_executions(call: &mut Call<'_>) -> Result<Reply, Fault> {
    call.resolve(&call.name()?)?;
    Ok(Reply::json(json!({"DurableExecutions": []})))
}
