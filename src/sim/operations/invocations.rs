//! Invocations. No code is run here: an invocation answers what a function answers that returns nothing.

use serde_json::{Value, json};

use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::FunctionName;
use crate::sim::context::preconditions::pending;
use crate::sim::context::request::{Arguments, OperationFn};
use crate::sim::http::response::Reply;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
    Some(match name {
        "Invoke" => invoke,
        "InvokeAsync" => invoke_later,
        "ListDurableExecutionsByFunction" => list_executions,
        _ => return None,
    })
}

fn invoke(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let version = invoked(args)?;
    match args.text("InvocationType") {
        Some("Event") => Ok(Reply::empty().with_status(202)),
        Some("DryRun") => Ok(Reply::empty().with_status(204)),
        // Recorded: only a synchronous invocation returns the version that ran.
        _ => Ok(Reply::json(Value::Null).with_header("x-amz-executed-version", version)),
    }
}

/// The version that the request invokes, if it can be.
fn invoked(args: &Arguments<'_>) -> Result<String, ApiError> {
    let name = args.function_name()?;
    if args.function(&name).is_err() {
        let name = FunctionName { qualifier: Some(name.qualifier_or_latest().to_owned()), ..name };
        return Err(name.not_found(args.context));
    }
    let (_, snapshot, version) = args.resolve(&name)?;
    if snapshot.state == "Pending" {
        return Err(pending(&name.arn(args.context)));
    }
    Ok(version)
}

/// The older way to invoke and not to wait.
fn invoke_later(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    invoked(args)?;
    Ok(Reply::empty())
}

/// Returns an empty list: a function that never ran has no executions.
fn list_executions(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    args.resolve(&args.function_name()?)?;
    Ok(Reply::json(json!({"DurableExecutions": []})))
}
