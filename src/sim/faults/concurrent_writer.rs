//! The concurrent writer: a write by another client, just before a call, to the resource of the call.

use serde_json::{Map, Value, json};

use crate::sim::http::protocol::ApiRequest;
use crate::sim::http::service_model::model;

/// Returns a write by another client that conflicts with `request`, if there is one. Its values differ from one `count` to the next.
///
/// A creation finds the resource created, the deletion of a part finds it deleted, and an update or a read finds it changed.
pub(crate) fn conflicting_call(request: &ApiRequest, count: u64) -> Option<ApiRequest> {
    let text = format!("concurrent-writer {count}");
    let (name, input) = match request.name {
        // The other client creates the same resource first.
        "CreateFunction" | "CreateAlias" | "PublishLayerVersion" | "CreateCodeSigningConfig" => {
            (request.name, request.with(json!({"Description": text})))
        }
        "CreateEventSourceMapping"
        | "CreateFunctionUrlConfig"
        | "CreateCapacityProvider"
        | "AddPermission"
        | "AddLayerVersionPermission"
        | "RemovePermission"
        | "RemoveLayerVersionPermission"
        | "DeleteLayerVersion" => (request.name, request.with(json!({}))),
        other => {
            let (name, members, change) = change_of(other, request, count, &text)?;
            (name, request.only(members, change))
        }
    };
    let mut conflicting_call = request.similar(name, input)?;
    // The other client does not know the caller's RevisionId.
    conflicting_call.input.remove("RevisionId");
    Some(conflicting_call)
}

/// Returns whether a write can conflict with calls of this operation: they have to name a resource.
pub(crate) fn can_precede(operation: &str) -> bool {
    let Some((name, found)) = model().operations.get_key_value(operation) else { return false };
    let shape = found.input.as_deref();
    let members = shape.and_then(|shape| model().shape(shape)).into_iter().flat_map(|shape| shape.members.keys());
    let input = members.map(|member| (member.clone(), json!("x"))).collect();
    let request =
        ApiRequest { name, status: found.status, shape, input, region: None, host: String::new(), body: Vec::new() };
    conflicting_call(&request, 1).is_some()
}

/// Returns the operation that changes the resource of `operation`, the members that name the resource, and the change.
fn change_of(
    operation: &str,
    request: &ApiRequest,
    count: u64,
    text: &str,
) -> Option<(&'static str, &'static [&'static str], Value)> {
    const FUNCTION: &[&str] = &["FunctionName"];
    const QUALIFIED: &[&str] = &["FunctionName", "Qualifier"];
    let even = count.is_multiple_of(2);
    let noun = operation.trim_start_matches(char::is_uppercase).trim_start_matches(char::is_lowercase);
    Some(match noun {
        "EventSourceMapping" => ("UpdateEventSourceMapping", &["UUID"], json!({"BatchSize": 1 + count % 10})),
        "Alias" => ("UpdateAlias", &["FunctionName", "Name"], json!({"Description": text})),
        "FunctionConcurrency" => {
            ("PutFunctionConcurrency", FUNCTION, json!({"ReservedConcurrentExecutions": count % 5}))
        }
        "ProvisionedConcurrencyConfig" => {
            ("PutProvisionedConcurrencyConfig", QUALIFIED, json!({"ProvisionedConcurrentExecutions": 1 + count % 5}))
        }
        "FunctionEventInvokeConfig" => (
            "PutFunctionEventInvokeConfig",
            QUALIFIED,
            json!({"MaximumRetryAttempts": count % 3, "MaximumEventAgeInSeconds": 60 + count}),
        ),
        "FunctionUrlConfig" => ("UpdateFunctionUrlConfig", QUALIFIED, json!({"Cors": {"MaxAge": count}})),
        "FunctionScalingConfig" => (
            "PutFunctionScalingConfig",
            QUALIFIED,
            json!({"FunctionScalingConfig": {"MinExecutionEnvironments": 1 + count % 3}}),
        ),
        "RuntimeManagementConfig" => (
            "PutRuntimeManagementConfig",
            QUALIFIED,
            json!({"UpdateRuntimeOn": if even { "Auto" } else { "FunctionUpdate" }}),
        ),
        "FunctionRecursionConfig" => {
            ("PutFunctionRecursionConfig", FUNCTION, json!({"RecursiveLoop": if even { "Terminate" } else { "Allow" }}))
        }
        "FunctionCodeSigningConfig" => ("DeleteFunctionCodeSigningConfig", FUNCTION, json!({})),
        "CodeSigningConfig" => ("UpdateCodeSigningConfig", &["CodeSigningConfigArn"], json!({"Description": text})),
        "CapacityProvider" => (
            "UpdateCapacityProvider",
            &["CapacityProviderName"],
            json!({"CapacityProviderScalingConfig": {"MaxVCpuCount": 12 + count, "ScalingMode": "Auto"}}),
        ),
        "Policy" => ("AddPermission", QUALIFIED, statement(count)),
        "ResourcePolicy" => {
            let mut change = statement(count);
            change["FunctionName"] = request.input.get("ResourceArn")?.clone();
            ("AddPermission", &[], change)
        }
        "LayerVersion" | "LayerVersionPolicy" => {
            let mut change = statement(count);
            change["Action"] = json!("lambda:GetLayerVersion");
            change["Principal"] = json!("*");
            ("AddLayerVersionPermission", &["LayerName", "VersionNumber"], change)
        }
        _ if request.input.contains_key("Resource") => {
            ("TagResource", &["Resource"], json!({"Tags": {"concurrent-writer": text}}))
        }
        _ if request.input.contains_key("FunctionName") => {
            ("UpdateFunctionConfiguration", FUNCTION, json!({"Description": text}))
        }
        _ => return None,
    })
}

fn statement(count: u64) -> Value {
    json!({"StatementId": format!("concurrent-writer-{count}"), "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"})
}

impl ApiRequest {
    /// Returns all members of the call, with these changed.
    fn with(&self, change: Value) -> Map<String, Value> {
        let mut input = self.input.clone();
        input.extend(change.as_object().cloned().unwrap_or_default());
        input
    }

    /// Returns these members of the call, and others.
    fn only(&self, members: &[&str], change: Value) -> Map<String, Value> {
        let kept = self.input.iter().filter(|(name, _)| members.contains(&name.as_str()));
        let mut input: Map<String, Value> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
        input.extend(change.as_object().cloned().unwrap_or_default());
        input
    }
}
