//! Runtime management and recursive loop detection.

use serde_json::json;

use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::FunctionName;
use crate::sim::context::preconditions::pending;
use crate::sim::context::request::{Arguments, OperationFn};
use crate::sim::http::response::Reply;
use crate::sim::store::function::RuntimeManagement;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
    Some(match name {
        "PutRuntimeManagementConfig" => put,
        "GetRuntimeManagementConfig" => get,
        "PutFunctionRecursionConfig" => put_recursion,
        "GetFunctionRecursionConfig" => get_recursion,
        _ => return None,
    })
}

/// The version that the request names, which must have a runtime.
fn version(args: &Arguments<'_>) -> Result<(FunctionName, String), ApiError> {
    let name = args.function_name()?;
    let (_, snapshot, version) = args.resolve(&name)?;
    if snapshot.code.is_image() {
        return Err(ApiError::invalid_parameter(
            "Runtime management is not supported for functions created with container images.",
        ));
    }
    Ok((name, version))
}

fn put(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let (name, version) = version(args)?;
    let (_, snapshot, _) = args.resolve(&name)?;
    let arn = name.arn(args.context);
    if snapshot.state == "Pending" {
        return Err(pending(&arn));
    }
    let update = args.required("UpdateRuntimeOn");
    let given = args.text("RuntimeVersionArn").map(str::to_owned);
    match (update.as_str(), &given) {
        ("Manual", None) => {
            return Err(ApiError::invalid_parameter(
                "RuntimeVersionArn is required when UpdateRuntimeOn is set to Manual.",
            ));
        }
        ("Auto" | "FunctionUpdate", Some(_)) => {
            return Err(ApiError::invalid_parameter(format!(
                "RuntimeVersionArn is not supported when UpdateRuntimeOn is set to {update}."
            )));
        }
        _ => {}
    }
    let management = RuntimeManagement { update, version: given };
    let reply = management.reply(&arn);
    if let Some(function) = args.region.functions.modify(&name.name) {
        function.runtime_management.insert(version, management);
    }
    Ok(reply)
}

fn get(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let (name, version) = version(args)?;
    let arn = name.arn(args.context);
    let management = args.function(&name)?.runtime_management.get(&version);
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

fn put_recursion(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    args.function(&name)?;
    let requested = args.required("RecursiveLoop");
    if let Some(function) = args.region.functions.modify(&name.name) {
        function.recursion_allowed = requested == "Allow";
    }
    Ok(Reply::json(json!({"RecursiveLoop": requested})))
}

fn get_recursion(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let allowed = args.function(&name)?.recursion_allowed;
    Ok(Reply::json(json!({"RecursiveLoop": if allowed { "Allow" } else { "Terminate" }})))
}
