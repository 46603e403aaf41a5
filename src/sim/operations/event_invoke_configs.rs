//! Event invoke configurations: retries and destinations of asynchronous invocations, one a qualifier.

use serde_json::{Map, Value, json};

use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::FunctionName;
use crate::sim::context::ids::epoch_seconds;
use crate::sim::context::request::{Arguments, OperationFn};
use crate::sim::http::response::Reply;
use crate::sim::store::function::InvokeConfig;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
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
fn arn(args: &Arguments<'_>, name: &FunctionName) -> String {
    args.context.qualified_arn(&name.name, name.qualifier_or_latest())
}

fn check_given(args: &Arguments<'_>) -> Result<(), ApiError> {
    let members = ["MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"];
    if members.iter().any(|member| args.input.contains_key(*member)) {
        return Ok(());
    }
    Err(ApiError::invalid_parameter("You must specify at least one of error handling or destination setting."))
}

fn no_function() -> ApiError {
    ApiError::not_found("The function doesn't exist.")
}

fn check_target(args: &Arguments<'_>, name: &FunctionName) -> Result<(), ApiError> {
    let function = args.region.functions.get(&name.name);
    let version = function.and_then(|function| function.version_of(name.qualifier_or_latest()));
    version.map(|_| ()).ok_or_else(no_function)
}

fn existing<'a>(args: &'a Arguments<'_>, name: &FunctionName) -> Result<&'a InvokeConfig, ApiError> {
    let function = args.region.functions.get(&name.name);
    function.and_then(|function| function.invoke_configs.get(name.qualifier_or_latest())).ok_or_else(|| {
        ApiError::not_found(format!("The function {} doesn't have an EventInvokeConfig", arn(args, name)))
    })
}

fn put(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    check_given(args)?;
    check_target(args, &name)?;
    check_destinations(args, &name)?;
    let config = InvokeConfig { retries: None, age: None, destinations: Map::new(), modified: 0 };
    Ok(write(args, &name, config))
}

fn update(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    check_given(args)?;
    args.region.functions.get(&name.name).ok_or_else(no_function)?;
    let config = existing(args, &name)?.clone();
    check_destinations(args, &name)?;
    Ok(write(args, &name, config))
}

/// Applies the request to `config`, and stores it.
fn write(args: &mut Arguments<'_>, name: &FunctionName, mut config: InvokeConfig) -> Reply {
    config.retries = args.number("MaximumRetryAttempts").or(config.retries);
    config.age = args.number("MaximumEventAgeInSeconds").or(config.age);
    if let Some(destinations) = args.input.get("DestinationConfig").and_then(Value::as_object) {
        for (side, destination) in destinations {
            // An empty destination is none.
            let none = destination.get("Destination") == Some(&json!(""));
            config.destinations.insert(side.clone(), if none { json!({}) } else { destination.clone() });
        }
    }
    let arn = arn(args, name);
    config.modified = args.ids.timestamp(&arn, args.now);
    let reply = config.show(&arn);
    if let Some(function) = args.region.functions.modify(&name.name) {
        function.invoke_configs.insert(name.qualifier_or_latest().to_owned(), config);
    }
    Reply::json(reply)
}

fn check_destinations(args: &Arguments<'_>, name: &FunctionName) -> Result<(), ApiError> {
    let Some(config) = args.input.get("DestinationConfig") else { return Ok(()) };
    let target = |side: &str| {
        let destination = config.get(side).and_then(|side| side.get("Destination")).and_then(Value::as_str);
        destination.filter(|destination| !destination.is_empty())
    };
    for side in ["OnSuccess", "OnFailure"] {
        let Some(destination) = target(side) else { continue };
        let service = destination.split(':').nth(2);
        match service {
            Some("lambda") => check_function(args, name, destination)?,
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
                return Err(ApiError::invalid_parameter(format!(
                    "The provided destination config DestinationConfig(onSuccess={}, onFailure={}) is invalid.",
                    print("OnSuccess", "OnSuccess"),
                    print("OnFailure", "OnFailure")
                )));
            }
        }
        if service != Some("lambda") && destination.starts_with("arn:") && !args.context.exists(destination) {
            return Err(invalid(destination));
        }
    }
    Ok(())
}

fn invalid(destination: &str) -> ApiError {
    ApiError::invalid_parameter(format!("The destination ARN {destination} is invalid."))
}

fn check_function(args: &Arguments<'_>, name: &FunctionName, destination: &str) -> Result<(), ApiError> {
    let invalid = || invalid(destination);
    let mut parts = destination.split(':');
    let (partition, region, account) = (parts.nth(1), parts.nth(1), parts.next());
    if partition != Some(args.context.partition()) || region != Some(args.context.region) {
        return Err(invalid());
    }
    // Functions of other accounts exist like all external resources.
    if account != Some(&args.context.options.account) {
        return if args.context.exists(destination) { Ok(()) } else { Err(invalid()) };
    }
    let Ok(other) = FunctionName::local(args.context, destination) else { return Err(invalid()) };
    let function = args.region.functions.get(&other.name).ok_or_else(invalid)?;
    function.version_of(other.qualifier_or_latest()).ok_or_else(invalid)?;
    if other.name == name.name {
        return Err(ApiError::invalid_parameter("You can't specify the function as a destination for itself."));
    }
    Ok(())
}

fn get(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    Ok(Reply::json(existing(args, &name)?.show(&arn(args, &name))))
}

fn delete(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    existing(args, &name)?;
    if let Some(function) = args.region.functions.modify(&name.name) {
        function.invoke_configs.remove(name.qualifier_or_latest());
    }
    Ok(Reply::empty())
}

fn list(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let start = args.page_start()?;
    let function = args.region.functions.get(&name.name).ok_or_else(no_function)?;
    let context = args.context;
    let after = |qualifier: &str| start.as_deref().is_none_or(|start| qualifier > start);
    let configs = function.invoke_configs.iter().filter(|(qualifier, _)| after(qualifier));
    let items = configs
        .map(|(qualifier, config)| (qualifier.clone(), config.show(&context.qualified_arn(&name.name, qualifier))));
    Ok(args.page(50, items).reply("FunctionEventInvokeConfigs"))
}

impl InvokeConfig {
    /// As every answer shows it: with both destinations, if only as empty objects.
    fn show(&self, arn: &str) -> Value {
        let side = |side: &str| self.destinations.get(side).cloned().unwrap_or_else(|| json!({}));
        let mut out = Map::new();
        let mut put = |member: &str, value: Value| out.insert(member.to_owned(), value);
        put("DestinationConfig", json!({"OnFailure": side("OnFailure"), "OnSuccess": side("OnSuccess")}));
        put("FunctionArn", json!(arn));
        put("LastModified", epoch_seconds(self.modified));
        if let Some(retries) = self.retries {
            put("MaximumRetryAttempts", json!(retries));
        }
        if let Some(age) = self.age {
            put("MaximumEventAgeInSeconds", json!(age));
        }
        Value::Object(out)
    }
}
