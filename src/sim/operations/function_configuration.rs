//! The configuration of a function: its defaults, what each member of a request does to it, and how it is shown.
//!
//! Create and update go through the same code. A member is left alone when it is absent, and each kind of member has its own
//! way of being cleared; some look like clearing and do nothing, as recorded.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::sim::context::request::RequestContext;
use crate::sim::http::service_model::model;
use crate::sim::store::failures;
use crate::sim::store::function::Snapshot;

const CREATING: &str = "The function is being created.";

/// Returns the members of a function that was created with the required members only.
pub(crate) fn defaults(name: &str, image: bool, managed: bool) -> Map<String, Value> {
    let Value::Object(mut members) = json!({
        "FunctionName": name,
        "Architectures": ["x86_64"],
        "Description": "",
        "EphemeralStorage": {"Size": 512},
        "LoggingConfig": logging(name, &json!({}), managed),
        "MemorySize": if managed { 2048 } else { 128 },
        "PackageType": if image { "Image" } else { "Zip" },
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "Timeout": 3,
        "TracingConfig": {"Mode": "PassThrough"},
    }) else {
        return Map::new();
    };
    if managed {
        clear(&mut members, "SnapStart");
    }
    members
}

/// Writes every member of `input` that a configuration has onto `members`.
pub(crate) fn apply(context: RequestContext<'_>, input: &Map<String, Value>, members: &mut Map<String, Value>) {
    let name = members.get("FunctionName").and_then(Value::as_str).unwrap_or_default().to_owned();
    for (member, value) in input {
        match (member.as_str(), value) {
            // These say where the request goes or what it does, not what the function is like.
            ("FunctionName" | "RevisionId" | "CodeSha256" | "Version", _) => {}
            ("ImageConfig", Value::Object(given)) if given.is_empty() => clear(members, "ImageConfigResponse"),
            ("ImageConfig", value) => put(members, "ImageConfigResponse", json!({"ImageConfig": value})),
            ("Environment", value) => {
                // Recorded: without `Variables` this does nothing; only an empty map of them clears.
                if let Some(variables) = value.get("Variables") {
                    put(members, member, json!({"Variables": variables}));
                }
            }
            ("DeadLetterConfig", value) => match value.get("TargetArn").and_then(Value::as_str) {
                None => {}
                Some("") => clear(members, member),
                Some(target) => put(members, member, json!({"TargetArn": target})),
            },
            ("KMSKeyArn", Value::String(key)) if key.is_empty() => clear(members, member),
            ("Layers" | "FileSystemConfigs", Value::Array(items)) if items.is_empty() => clear(members, member),
            ("VpcConfig", value) => vpc(context, members, value),
            ("LoggingConfig", value) => {
                let managed = members.contains_key("CapacityProviderConfig");
                put(members, member, logging(&name, value, managed));
            }
            ("SnapStart", value) => {
                let apply_on = value.get("ApplyOn").and_then(Value::as_str).unwrap_or("None");
                put(members, member, json!({"ApplyOn": apply_on, "OptimizationStatus": "Off"}));
            }
            ("TracingConfig", value) => {
                put(
                    members,
                    member,
                    json!({"Mode": value.get("Mode").and_then(Value::as_str).unwrap_or("PassThrough")}),
                );
            }
            ("Runtime", Value::String(runtime)) => {
                put(members, "RuntimeVersionConfig", json!({"RuntimeVersionArn": runtime_version(context, runtime)}));
                put(members, member, value.clone());
            }
            ("DurableConfig", value) => durable(members, value),
            ("CapacityProviderConfig", value) => put(members, member, capacity(value)),
            _ => {
                if shown(member) {
                    put(members, member, value.clone());
                }
            }
        }
    }
}

/// Returns whether FunctionConfiguration has a member of this name.
fn shown(member: &str) -> bool {
    model().shape("FunctionConfiguration").is_some_and(|shape| shape.members.contains_key(member))
}

fn put(members: &mut Map<String, Value>, member: &str, value: Value) {
    members.insert(member.to_owned(), value);
}

fn clear(members: &mut Map<String, Value>, member: &str) {
    members.remove(member);
}

/// A logging configuration is replaced as a whole, and what is missing gets its default.
fn logging(name: &str, given: &Value, managed: bool) -> Value {
    let text = |member: &str| given.get(member).and_then(Value::as_str);
    let format = text("LogFormat").unwrap_or(if managed { "JSON" } else { "Text" });
    let mut out = Map::new();
    put(&mut out, "LogFormat", json!(format));
    put(&mut out, "LogGroup", json!(text("LogGroup").map_or_else(|| format!("/aws/lambda/{name}"), str::to_owned)));
    if format == "JSON" {
        put(&mut out, "ApplicationLogLevel", json!(text("ApplicationLogLevel").unwrap_or("INFO")));
        put(&mut out, "SystemLogLevel", json!(text("SystemLogLevel").unwrap_or("INFO")));
    }
    Value::Object(out)
}

/// Once a function was in a network, the member never goes away again: it is emptied. All subnets are of one network.
fn vpc(context: RequestContext<'_>, members: &mut Map<String, Value>, given: &Value) {
    let before = members.get("VpcConfig").cloned();
    let list = |member: &str| {
        let kept = || before.as_ref().and_then(|before| before.get(member)).cloned();
        given.get(member).cloned().or_else(kept).unwrap_or_else(|| json!([]))
    };
    let (subnets, groups) = (list("SubnetIds"), list("SecurityGroupIds"));
    let empty = subnets.as_array().is_none_or(Vec::is_empty);
    if empty && before.is_none() {
        return;
    }
    let hash = hex::encode(Sha256::digest(format!("{}/{}", context.options.account, context.region)));
    let network = if empty { String::new() } else { format!("vpc-{}", &hash[..17]) };
    let dual = given.get("Ipv6AllowedForDualStack").and_then(Value::as_bool).unwrap_or(false);
    let config =
        json!({"Ipv6AllowedForDualStack": dual, "SecurityGroupIds": groups, "SubnetIds": subnets, "VpcId": network});
    put(members, "VpcConfig", config);
}

fn durable(members: &mut Map<String, Value>, given: &Value) {
    let mut config = members.get("DurableConfig").and_then(Value::as_object).cloned().unwrap_or_default();
    config.entry("RetentionPeriodInDays").or_insert_with(|| json!(14));
    if let Value::Object(given) = given {
        config.extend(given.clone());
    }
    // An empty key is the service's own.
    if config.get("KMSKeyArn") == Some(&json!("")) {
        config.remove("KMSKeyArn");
    }
    put(members, "DurableConfig", Value::Object(config));
}

fn capacity(given: &Value) -> Value {
    let mut out = given.clone();
    let managed = out.get_mut("LambdaManagedInstancesCapacityProviderConfig").and_then(Value::as_object_mut);
    if let Some(managed) = managed {
        managed.entry("ExecutionEnvironmentMemoryGiBPerVCpu").or_insert_with(|| json!(2.0));
        managed.entry("PerExecutionEnvironmentMaxConcurrency").or_insert_with(|| json!(16));
    }
    out
}

fn runtime_version(context: RequestContext<'_>, runtime: &str) -> String {
    format!("arn:{}:lambda:{}::runtime:{}", context.partition(), context.region, hex::encode(Sha256::digest(runtime)))
}

/// A version as GetFunctionConfiguration shows it.
pub(crate) fn show(snapshot: &Snapshot, arn: &str, version: &str) -> Map<String, Value> {
    let mut out = show_item(snapshot, arn, version);
    if let Some(runtime) = snapshot.members.get("RuntimeVersionConfig") {
        put(&mut out, "RuntimeVersionConfig", runtime.clone());
    }
    let failure = snapshot.failure.as_deref().unwrap_or_default();
    put(&mut out, "State", json!(snapshot.state));
    match snapshot.state.as_str() {
        "Pending" => {
            put(&mut out, "StateReason", json!(CREATING));
            put(&mut out, "StateReasonCode", json!("Creating"));
        }
        "Failed" => {
            put(&mut out, "StateReason", json!(failures::reason(failure)));
            put(&mut out, "StateReasonCode", json!(failure));
        }
        _ => {}
    }
    if let Some(update) = &snapshot.update {
        put(&mut out, "LastUpdateStatus", json!(update));
        let (reason, code) = match update.as_str() {
            // Recorded: an update gives the reason of a creation.
            "InProgress" => (CREATING.to_owned(), "Creating"),
            "Failed" => (failures::reason(failure).to_owned(), failure),
            _ => return out,
        };
        put(&mut out, "LastUpdateStatusReason", json!(reason));
        put(&mut out, "LastUpdateStatusReasonCode", json!(code));
    }
    out
}

/// A version as lists show it: without its state and the version of its runtime.
pub(crate) fn show_item(snapshot: &Snapshot, arn: &str, version: &str) -> Map<String, Value> {
    let mut out = snapshot.members.as_ref().clone();
    out.remove("RuntimeVersionConfig");
    if out.contains_key("CapacityProviderConfig") {
        put(&mut out, "ConfigSha256", json!(config_hash(&snapshot.members)));
    }
    put(&mut out, "FunctionArn", json!(arn));
    put(&mut out, "Version", json!(version));
    put(&mut out, "RevisionId", json!(snapshot.revision));
    put(&mut out, "CodeSha256", json!(snapshot.code.sha256));
    put(&mut out, "CodeSize", json!(snapshot.code.size));
    out
}

/// The hash of a configuration, which only functions of a capacity provider show.
fn config_hash(members: &Map<String, Value>) -> String {
    let mut members = members.clone();
    members.remove("LastModified");
    BASE64_STANDARD.encode(Sha256::digest(Value::Object(members).to_string()))
}
