//! How many execution environments a version has on the instances of a capacity provider.

use serde_json::{Map, Value, json};

use crate::sim::context::api_error::Fault;
use crate::sim::context::identifiers::Name;
use crate::sim::context::preconditions::check_idle;
use crate::sim::context::request::{Call, Operation};
use crate::sim::http::response::Reply;
use crate::sim::store::function::Snapshot;
use crate::sim::store::function::Transition;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "PutFunctionScalingConfig" => put,
        "GetFunctionScalingConfig" => get,
        _ => return None,
    })
}

/// The version that the request names, which must run on a capacity provider.
fn version<'a>(call: &'a Call<'_>, name: &Name) -> Result<&'a Snapshot, Fault> {
    if !call.function(name)?.is_managed() {
        // Measured on the real service: this is a matter of access, not of the parameters.
        let text = "The function provided by the arn does not contain a capacity provider configuration";
        return Err(Fault::new("AccessDeniedException", text).untyped());
    }
    let (_, snapshot, _) = call.resolve(name)?;
    Ok(snapshot)
}

fn put(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    let arn = name.arn(call.here);
    check_idle(version(call, &name)?, &arn)?;
    let asked = call.input.get("FunctionScalingConfig").and_then(Value::as_object).cloned().unwrap_or_default();
    let count = |member: &str| asked.get(member).and_then(Value::as_i64);
    let (least, most) = (count("MinExecutionEnvironments"), count("MaxExecutionEnvironments"));
    if least.zip(most).is_some_and(|(least, most)| least > most) {
        return Err(Fault::invalid("MinExecutionEnvironments must be less than or equal to MaxExecutionEnvironments."));
    }
    let until = call.after(call.here.options.settle.capacity);
    let qualifier = name.or_latest();
    let function = call.region.functions.modify(&name.name).ok_or_else(|| name.missing_function(call.here))?;
    function.scaling.entry(qualifier.to_owned()).or_default().requested = Some(asked);
    let version = function.snapshot_mut(qualifier).ok_or_else(|| name.missing(call.here))?;
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

fn get(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    version(call, &name)?;
    let scaling = call.function(&name)?.scaling.get(name.or_latest()).cloned().unwrap_or_default();
    let mut body = Map::new();
    body.insert("FunctionArn".to_owned(), json!(name.arn(call.here)));
    if !scaling.applied.is_empty() {
        body.insert("AppliedFunctionScalingConfig".to_owned(), Value::Object(scaling.applied));
    }
    if let Some(requested) = scaling.requested {
        body.insert("RequestedFunctionScalingConfig".to_owned(), Value::Object(requested));
    }
    Ok(Reply::json(Value::Object(body)))
}
