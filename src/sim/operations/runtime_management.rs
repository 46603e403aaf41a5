//! How runtimes are updated under a version, and whether a function may call itself without end.

use serde_json::json;

use crate::sim::context::api_error::Fault;
use crate::sim::context::identifiers::Name;
use crate::sim::context::preconditions::pending;
use crate::sim::context::request::{Call, Operation};
use crate::sim::http::response::Reply;
use crate::sim::store::function::RuntimeManagement;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "PutRuntimeManagementConfig" => put,
        "GetRuntimeManagementConfig" => get,
        "PutFunctionRecursionConfig" => put_recursion,
        "GetFunctionRecursionConfig" => get_recursion,
        _ => return None,
    })
}

/// The version that the request names, which must have a runtime.
fn version(call: &Call<'_>) -> Result<(Name, String), Fault> {
    let name = call.name()?;
    let (_, snapshot, version) = call.resolve(&name)?;
    if snapshot.code.is_image() {
        return Err(Fault::invalid("Runtime management is not supported for functions created with container images."));
    }
    Ok((name, version))
}

fn put(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let (name, version) = version(call)?;
    let (_, snapshot, _) = call.resolve(&name)?;
    let arn = name.arn(call.here);
    if snapshot.state == "Pending" {
        return Err(pending(&arn));
    }
    let update = call.required("UpdateRuntimeOn");
    let given = call.text("RuntimeVersionArn").map(str::to_owned);
    match (update.as_str(), &given) {
        ("Manual", None) => {
            return Err(Fault::invalid("RuntimeVersionArn is required when UpdateRuntimeOn is set to Manual."));
        }
        ("Auto" | "FunctionUpdate", Some(_)) => {
            return Err(Fault::invalid(format!(
                "RuntimeVersionArn is not supported when UpdateRuntimeOn is set to {update}."
            )));
        }
        _ => {}
    }
    let management = RuntimeManagement { update, version: given };
    let reply = management.reply(&arn);
    if let Some(function) = call.region.functions.modify(&name.name) {
        function.runtime_management.insert(version, management);
    }
    Ok(reply)
}

fn get(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let (name, version) = version(call)?;
    let arn = name.arn(call.here);
    let management = call.function(&name)?.runtime_management.get(&version);
    Ok(management
        .map_or_else(|| Reply::json(json!({"UpdateRuntimeOn": "Auto", "FunctionArn": arn})), |m| m.reply(&arn)))
}

impl RuntimeManagement {
    fn reply(&self, arn: &str) -> Reply {
        let mut body = json!({"UpdateRuntimeOn": self.update, "FunctionArn": arn});
        if let (Some(version), Some(body)) = (&self.version, body.as_object_mut()) {
            body.insert("RuntimeVersionArn".to_owned(), json!(version));
        }
        Reply::json(body)
    }
}

fn put_recursion(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    call.function(&name)?;
    let asked = call.required("RecursiveLoop");
    if let Some(function) = call.region.functions.modify(&name.name) {
        function.recursion_allowed = asked == "Allow";
    }
    Ok(Reply::json(json!({"RecursiveLoop": asked})))
}

fn get_recursion(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    let allowed = call.function(&name)?.recursion_allowed;
    Ok(Reply::json(json!({"RecursiveLoop": if allowed { "Allow" } else { "Terminate" }})))
}
