//! How asynchronous invocations are retried and where their results go: one configuration a qualifier.

use serde_json::{Map, Value, json};

use crate::sim::context::api_error::Fault;
use crate::sim::context::identifiers::Name;
use crate::sim::context::ids::epoch_time;
use crate::sim::context::request::{Call, Operation};
use crate::sim::http::response::Reply;
use crate::sim::store::function::InvokeConfig;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "PutFunctionEventInvokeConfig" => put,
        "GetFunctionEventInvokeConfig" => get,
        "UpdateFunctionEventInvokeConfig" => update,
        "DeleteFunctionEventInvokeConfig" => delete,
        "ListFunctionEventInvokeConfigs" => list,
        _ => return None,
    })
}

/// The ARN, which always has a qualifier.
fn arn(call: &Call<'_>, name: &Name) -> String {
    call.here.qualified_arn(&name.name, name.or_latest())
}

fn check_given(call: &Call<'_>) -> Result<(), Fault> {
    let members = ["MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"];
    if members.iter().any(|member| call.input.contains_key(*member)) {
        return Ok(());
    }
    Err(Fault::invalid("You must specify at least one of error handling or destination setting."))
}

fn no_function() -> Fault {
    Fault::missing("The function doesn't exist.")
}

fn check_target(call: &Call<'_>, name: &Name) -> Result<(), Fault> {
    let function = call.region.functions.get(&name.name);
    let version = function.and_then(|function| function.version_of(name.or_latest()));
    version.map(|_| ()).ok_or_else(no_function)
}

fn found<'a>(call: &'a Call<'_>, name: &Name) -> Result<&'a InvokeConfig, Fault> {
    let function = call.region.functions.get(&name.name);
    function
        .and_then(|function| function.invoke_configs.get(name.or_latest()))
        .ok_or_else(|| Fault::missing(format!("The function {} doesn't have an EventInvokeConfig", arn(call, name))))
}

fn put(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    check_given(call)?;
    check_target(call, &name)?;
    check_destinations(call, &name)?;
    let config = InvokeConfig { retries: None, age: None, destinations: Map::new(), modified: 0 };
    Ok(write(call, &name, config))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    check_given(call)?;
    call.region.functions.get(&name.name).ok_or_else(no_function)?;
    let config = found(call, &name)?.clone();
    check_destinations(call, &name)?;
    Ok(write(call, &name, config))
}

/// Writes what the request has onto `config`, and keeps it.
fn write(call: &mut Call<'_>, name: &Name, mut config: InvokeConfig) -> Reply {
    config.retries = call.number("MaximumRetryAttempts").or(config.retries);
    config.age = call.number("MaximumEventAgeInSeconds").or(config.age);
    if let Some(destinations) = call.input.get("DestinationConfig").and_then(Value::as_object) {
        for (side, destination) in destinations {
            // An empty destination is none.
            let none = destination.get("Destination") == Some(&json!(""));
            config.destinations.insert(side.clone(), if none { json!({}) } else { destination.clone() });
        }
    }
    let arn = arn(call, name);
    config.modified = call.mint.stamp(&arn, call.now);
    let reply = config.show(&arn);
    if let Some(function) = call.region.functions.modify(&name.name) {
        function.invoke_configs.insert(name.or_latest().to_owned(), config);
    }
    Reply::json(reply)
}

fn check_destinations(call: &Call<'_>, name: &Name) -> Result<(), Fault> {
    let Some(config) = call.input.get("DestinationConfig") else { return Ok(()) };
    let target = |side: &str| {
        let destination = config.get(side).and_then(|side| side.get("Destination")).and_then(Value::as_str);
        destination.filter(|destination| !destination.is_empty())
    };
    for side in ["OnSuccess", "OnFailure"] {
        let Some(destination) = target(side) else { continue };
        let service = destination.split(':').nth(2);
        match service {
            Some("lambda") => check_function(call, name, destination)?,
            Some("sqs" | "sns" | "events") => {}
            // Only what failed can be kept in a bucket or sent to a topic of Kafka.
            Some("s3") if side == "OnFailure" => {}
            _ if destination.starts_with("kafka://") && side == "OnFailure" => {}
            _ => {
                let print = |side: &str, class: &str| {
                    config.get(side).map_or_else(
                        || "null".to_owned(),
                        |_| format!("{class}(destination={})", target(side).unwrap_or("null")),
                    )
                };
                return Err(Fault::invalid(format!(
                    "The provided destination config DestinationConfig(onSuccess={}, onFailure={}) is invalid.",
                    print("OnSuccess", "OnSuccess"),
                    print("OnFailure", "OnFailure")
                )));
            }
        }
        if service != Some("lambda") && destination.starts_with("arn:") && !call.here.options.world.has(destination) {
            return Err(invalid(destination));
        }
    }
    Ok(())
}

fn invalid(destination: &str) -> Fault {
    Fault::invalid(format!("The destination ARN {destination} is invalid."))
}

fn check_function(call: &Call<'_>, name: &Name, destination: &str) -> Result<(), Fault> {
    let invalid = || invalid(destination);
    // A function of another region or account is none of ours to look for.
    let Ok(other) = Name::read(call.here, destination) else { return Err(invalid()) };
    let function = call.region.functions.get(&other.name).ok_or_else(invalid)?;
    function.version_of(other.or_latest()).ok_or_else(invalid)?;
    if other.name == name.name {
        return Err(Fault::invalid("You can't specify the function as a destination for itself."));
    }
    Ok(())
}

fn get(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    Ok(Reply::json(found(call, &name)?.show(&arn(call, &name))))
}

fn delete(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    found(call, &name)?;
    if let Some(function) = call.region.functions.modify(&name.name) {
        function.invoke_configs.remove(name.or_latest());
    }
    Ok(Reply::empty())
}

fn list(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    let start = call.page_start()?;
    let function = call.region.functions.get(&name.name).ok_or_else(no_function)?;
    let here = call.here;
    let after = |qualifier: &str| start.as_deref().is_none_or(|start| qualifier > start);
    let configs = function.invoke_configs.iter().filter(|(qualifier, _)| after(qualifier));
    let items =
        configs.map(|(qualifier, config)| (qualifier.clone(), config.show(&here.qualified_arn(&name.name, qualifier))));
    Ok(call.page(50, items).reply("FunctionEventInvokeConfigs"))
}

impl InvokeConfig {
    /// As every answer shows it: with both destinations, if only as empty objects.
    fn show(&self, arn: &str) -> Value {
        let side = |side: &str| self.destinations.get(side).cloned().unwrap_or_else(|| json!({}));
        let mut out = Map::new();
        let mut put = |member: &str, value: Value| out.insert(member.to_owned(), value);
        put("DestinationConfig", json!({"OnFailure": side("OnFailure"), "OnSuccess": side("OnSuccess")}));
        put("FunctionArn", json!(arn));
        put("LastModified", epoch_time(self.modified));
        if let Some(retries) = self.retries {
            put("MaximumRetryAttempts", json!(retries));
        }
        if let Some(age) = self.age {
            put("MaximumEventAgeInSeconds", json!(age));
        }
        Value::Object(out)
    }
}
