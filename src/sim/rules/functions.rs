//! The second layer of validation, for functions: rules of the service itself, with its texts.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::tags as tag_rules;
use crate::sim::context::api_error::ApiError;
use crate::sim::context::lookup::tags_of;
use crate::sim::context::request::RequestContext;

/// The supported runtimes, in the service's own order.
const RUNTIMES: [&str; 25] = [
    "nodejs20.x",
    "python3.14",
    "provided.al2023",
    "python3.12",
    "python3.13",
    "nodejs24.x",
    "nodejs22.x",
    "java25",
    "python3.10",
    "python3.11",
    "java21",
    "ruby3.3",
    "ruby3.4",
    "ruby3.2",
    "python3.8",
    "python3.9",
    "java17",
    "nodejs16.x",
    "dotnet10",
    "dotnet8",
    "java11",
    "dotnet6",
    "nodejs18.x",
    "provided.al2",
    "java8.al2",
];

/// The runtimes that are no longer supported.
const DEPRECATED: [&str; 20] = [
    "java8",
    "go1.x",
    "provided",
    "ruby2.5",
    "ruby2.7",
    "nodejs",
    "nodejs4.3",
    "nodejs4.3-edge",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "python2.7",
    "python3.6",
    "python3.7",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
];

/// Names that the service sets itself.
const RESERVED: [&str; 20] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "AWS_LAMBDA_METADATA_API",
    "AWS_LAMBDA_METADATA_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SESSION_TOKEN",
];

const ENVIRONMENT_LIMIT: usize = 4096;

/// Rules that hold for a create and for an update alike.
pub(crate) fn check(context: RequestContext<'_>, input: &Map<String, Value>, image: bool) -> Result<(), ApiError> {
    if let Some(runtime) = input.get("Runtime").and_then(Value::as_str) {
        check_runtime(runtime)?;
    }
    if let Some(variables) = input.get("Environment").and_then(|environment| environment.get("Variables")) {
        check_environment(context, variables)?;
    }
    if image && (input.contains_key("Runtime") || input.contains_key("Handler")) {
        let text = "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.";
        return Err(ApiError::invalid_parameter(text));
    }
    let layers = input.get("Layers").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if image && !layers.is_empty() {
        return Err(ApiError::invalid_parameter(
            "Lambda layers are not supported for functions created with container images.",
        ));
    }
    input.get("LoggingConfig").map_or(Ok(()), check_logging)
}

/// Rules for creating alone.
pub(crate) fn check_new(name: &str, input: &Map<String, Value>, image: bool) -> Result<(), ApiError> {
    if name.len() > 64 {
        return Err(ApiError::invalid_parameter(format!(
            "1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: Member must have length \
             less than or equal to 64"
        )));
    }
    if !image && (input.get("Runtime").is_none() || input.get("Handler").is_none()) {
        let text = "Runtime and Handler are mandatory parameters for functions created with deployment packages.";
        return Err(ApiError::invalid_parameter(text));
    }
    check_package_type(input, image)?;
    if image && input.contains_key("CodeSigningConfigArn") {
        return Err(ApiError::invalid_parameter(
            "Code signing is not supported for functions created with container images.",
        ));
    }
    if input.get("DurableConfig").is_some_and(|durable| durable.get("ExecutionTimeout").is_none()) {
        return Err(ApiError::invalid_parameter(
            "You cannot create a function with a durable configuration without an executionTimeout",
        ));
    }
    tag_rules::check(&tags_of(input.get("Tags")))
}

/// Refuses code of the other kind than the function is to be of.
fn check_package_type(input: &Map<String, Value>, image: bool) -> Result<(), ApiError> {
    let code = input.get("Code").and_then(Value::as_object);
    let given = |member: &str| code.is_some_and(|code| code.contains_key(member));
    match (image, given("ImageUri")) {
        (true, false) if given("ZipFile") || given("S3Bucket") => {
            Err(ApiError::invalid_parameter("Please provide ImageUri when creating a function with packageType Image."))
        }
        (false, true) => Err(ApiError::invalid_parameter(
            "Please don't provide ImageUri when creating a function with packageType Zip.",
        )),
        _ => Ok(()),
    }
}

fn check_runtime(runtime: &str) -> Result<(), ApiError> {
    if RUNTIMES.contains(&runtime) || runtime.starts_with("arn:") {
        return Ok(());
    }
    if DEPRECATED.contains(&runtime) {
        return Err(ApiError::invalid_parameter(format!(
            "The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend \
             you use a supported runtime while creating or updating functions."
        )));
    }
    let known = RUNTIMES.join(", ");
    Err(ApiError::invalid_parameter(format!(
        "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{known}] or be a valid ARN"
    )))
}

fn check_environment(context: RequestContext<'_>, variables: &Value) -> Result<(), ApiError> {
    let names = variables.as_object().map(Map::keys).into_iter().flatten();
    let reserved: Vec<&str> = names.map(String::as_str).filter(|name| RESERVED.contains(name)).collect();
    if !reserved.is_empty() {
        return Err(ApiError::invalid_parameter(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have provided contains \
             reserved keys that are currently not supported for modification. Reserved keys used in this request: {}",
            reserved.join(", ")
        )));
    }
    if variables.to_string().len() > ENVIRONMENT_LIMIT {
        let text = as_given(context.body).unwrap_or_else(|| variables.to_string());
        return Err(ApiError::invalid_parameter(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded \
             the 4KB limit. String measured: {text}"
        )));
    }
    Ok(())
}

/// The variables of a request in the order in which it has them, as the service quotes them.
fn as_given(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Body {
        #[serde(rename = "Environment")]
        environment: Environment,
    }
    #[derive(Deserialize)]
    struct Environment {
        #[serde(rename = "Variables")]
        variables: IndexMap<String, Option<String>>,
    }
    let body: Body = serde_json::from_slice(body).ok()?;
    serde_json::to_string(&body.environment.variables).ok()
}

fn check_logging(logging: &Value) -> Result<(), ApiError> {
    let levels = ["ApplicationLogLevel", "SystemLogLevel"].iter().any(|level| logging.get(level).is_some());
    let json = logging.get("LogFormat").and_then(Value::as_str) == Some("JSON");
    if levels && !json {
        return Err(ApiError::invalid_parameter(
            "LogLevel is not supported when LogFormat is set to \"Text\". Remove LogLevel from your request or change the LogFormat \
             to \"JSON\" and try again.",
        ));
    }
    Ok(())
}
