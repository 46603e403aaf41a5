//! Scaling configurations: the number of execution environments of a version on a capacity provider.

use serde_json::{Map, Value, json};

use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::FunctionName;
use crate::sim::context::preconditions::check_idle;
use crate::sim::context::request::{Arguments, OperationFn};
use crate::sim::http::response::Reply;
use crate::sim::store::function::Snapshot;
use crate::sim::store::function::Transition;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
    Some(match name {
        "PutFunctionScalingConfig" => put,
        "GetFunctionScalingConfig" => get,
        _ => return None,
    })
}

/// The version that the request names, which must run on a capacity provider.
fn version<'a>(args: &'a Arguments<'_>, name: &FunctionName) -> Result<&'a Snapshot, ApiError> {
    if !args.function(name)?.is_managed() {
        // Measured on the real service: this is a matter of access, not of the parameters.
        let text = "The function provided by the arn does not contain a capacity provider configuration";
        return Err(ApiError::new("AccessDeniedException", text).untyped());
    }
    let (_, snapshot, _) = args.resolve(name)?;
    Ok(snapshot)
}

fn put(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let arn = name.arn(args.context);
    check_idle(version(args, &name)?, &arn)?;
    let requested = args.input.get("FunctionScalingConfig").and_then(Value::as_object).cloned().unwrap_or_default();
    let count = |member: &str| requested.get(member).and_then(Value::as_i64);
    let (least, most) = (count("MinExecutionEnvironments"), count("MaxExecutionEnvironments"));
    if least.zip(most).is_some_and(|(least, most)| least > most) {
        return Err(ApiError::invalid_parameter(
            "MinExecutionEnvironments must be less than or equal to MaxExecutionEnvironments.",
        ));
    }
    let until = args.after(args.context.options.settle.capacity);
    let qualifier = name.qualifier_or_latest();
    let function = args.region.functions.modify(&name.name).ok_or_else(|| name.function_not_found(args.context))?;
    function.scaling.entry(qualifier.to_owned()).or_default().requested = Some(requested);
    let version = function.snapshot_mut(qualifier).ok_or_else(|| name.not_found(args.context))?;
    // A version that may have no environment at all is put to rest; any other wakes up.
    let next = match (version.state.as_str(), most == Some(0)) {
        (_, true) => "Deactivating",
        ("Deactivated", false) => "Pending",
        (state, false) => state,
    };
    version.state = next.to_owned();
    version.transition = Some(Transition { until, failure: None, revision: None });
    Ok(Reply::json(json!({"FunctionState": version.state})))
}

fn get(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    version(args, &name)?;
    let scaling = args.function(&name)?.scaling.get(name.qualifier_or_latest()).cloned().unwrap_or_default();
    let mut body = Map::new();
    body.insert("FunctionArn".to_owned(), json!(name.arn(args.context)));
    if !scaling.applied.is_empty() {
        body.insert("AppliedFunctionScalingConfig".to_owned(), Value::Object(scaling.applied));
    }
    if let Some(requested) = scaling.requested {
        body.insert("RequestedFunctionScalingConfig".to_owned(), Value::Object(requested));
    }
    Ok(Reply::json(Value::Object(body)))
}
