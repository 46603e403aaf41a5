//! UpdateFunctionConfiguration and UpdateFunctionCode.
//!
//! Either puts a function in progress for a while, moves its RevisionId at once and moves it again when it is over. The id that it
//! will have is decided at once too and kept with the document.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::capacity_providers;
use super::code;
use super::code_signing;
use super::function_configuration;
use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::{FunctionName, LATEST};
use crate::sim::context::preconditions::{check_idle, check_revision};
use crate::sim::context::request::{Arguments, OperationFn};
use crate::sim::http::response::Reply;
use crate::sim::rules::external_checks;
use crate::sim::rules::function_limits;
use crate::sim::rules::functions as function_rules;
use crate::sim::rules::layers as layer_rules;
use crate::sim::rules::networks as network_rules;
use crate::sim::store::function::{Code, Function, Snapshot, Transition};

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
    Some(match name {
        "UpdateFunctionConfiguration" => update_configuration,
        "UpdateFunctionCode" => update_code,
        _ => return None,
    })
}

fn update_configuration(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let managed = args.region.functions.get(&name.name).is_some_and(Function::is_managed);
    function_limits::check_size(&args.input, managed)?;
    layer_rules::check_regions(args.context, &args.input)?;
    let latest = changeable(args, &name)?;
    let image = latest.code.is_image();
    check_fixed(&latest.members, &args.input)?;
    let mut members = latest.members.as_ref().clone();
    function_rules::check(args.context, &args.input, image)?;
    if let Some(vpc) = args.input.get("VpcConfig") {
        network_rules::check(args.context, Some(&members), vpc)?;
    }
    external_checks::check(args.context, &args.input)?;
    let mut input = args.input.clone();
    layer_rules::layers(args, &mut input)?;
    capacity_providers::check_named(args, input.get("CapacityProviderConfig"))?;
    function_configuration::apply(args.context, &input, &mut members);
    function_limits::check_snap_start(&members, image)?;
    let (_, latest, _) = args.resolve(&FunctionName { qualifier: None, ..name.clone() })?;
    network_rules::check_files(Some(&latest.members), &members)?;
    layer_rules::check_size(args, &latest.code, &members)?;
    begin(args, &name, members, None)
}

/// Refuses settings that a function can only be created with.
fn check_fixed(members: &Map<String, Value>, input: &Map<String, Value>) -> Result<(), ApiError> {
    if input.contains_key("DurableConfig") && !members.contains_key("DurableConfig") {
        return Err(ApiError::invalid_parameter(
            "You cannot add a durable configuration to a function that was originally created with no durable configuration",
        ));
    }
    // Durability cannot be removed, and one part of it can be changed without the other.
    if input.get("DurableConfig").and_then(Value::as_object).is_some_and(Map::is_empty) {
        return Err(ApiError::invalid_parameter(
            "You cannot update a durable configuration without an executionTimeout",
        ));
    }
    if input.contains_key("CapacityProviderConfig") && !members.contains_key("CapacityProviderConfig") {
        return Err(ApiError::invalid_parameter(
            "CapacityProviderConfig isn't supported for Lambda Default functions.",
        ));
    }
    Ok(())
}

fn update_code(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = args.function_name()?;
    let latest = changeable(args, &name)?;
    let image = latest.code.is_image();
    let mut members = latest.members.as_ref().clone();
    let has_image = args.text("ImageUri").is_some();
    if image && !has_image {
        return Err(ApiError::invalid_parameter(
            "Please provide ImageUri when updating a function with packageType Image.",
        ));
    }
    if !image && has_image {
        return Err(ApiError::invalid_parameter(
            "Please don't provide ImageUri when updating a function with packageType Zip.",
        ));
    }
    let given = args.input.clone();
    let config = args.function(&name)?.code_signing_config.clone();
    code_signing::check_code(args, config.as_deref(), &name.name, code::is_inline(&given))?;
    let code = code::take(args, &given)?;
    layer_rules::check_size(args, &code, &members)?;
    if let Some(architectures) = given.get("Architectures") {
        members.insert("Architectures".to_owned(), architectures.clone());
    }
    if args.flag("DryRun") {
        let (_, latest, _) = args.resolve(&FunctionName { qualifier: None, ..name.clone() })?;
        let would_be = Snapshot { members: Arc::new(members), code, ..latest.clone() };
        return Ok(Reply::json(Value::Object(function_configuration::show(
            &would_be,
            &name.arn(args.context),
            LATEST,
        ))));
    }
    code.check_code_storage(args.context)?;
    begin(args, &name, members, Some(code))
}

/// `$LATEST` of the function, if it may be changed now and is what the caller believes it is.
fn changeable<'a>(args: &'a Arguments<'_>, name: &FunctionName) -> Result<&'a Snapshot, ApiError> {
    let function = args.region.functions.get(&name.name).ok_or_else(|| name.not_found(args.context))?;
    if name.qualifier_or_latest() != LATEST {
        return Err(ApiError::invalid_parameter(
            "Current operation does not support versions other than $LATEST. Please set the version to $LATEST or do not set a \
             version in your request.",
        ));
    }
    let latest = &function.latest;
    check_idle(latest, &args.context.function_arn(&name.name))?;
    check_revision(args.text("RevisionId"), &latest.revision)?;
    Ok(latest)
}

/// Starts the change and answers how the function looks meanwhile.
fn begin(
    args: &mut Arguments<'_>,
    name: &FunctionName,
    mut members: Map<String, Value>,
    code: Option<Code>,
) -> Result<Reply, ApiError> {
    let arn = args.context.function_arn(&name.name);
    let until = args.after(args.context.options.settle.update);
    let publish_until = args.after(args.context.options.settle.publish);
    members.insert("LastModified".to_owned(), json!(args.timestamp(&arn)));
    let (now, then) = (args.ids.uuid(&arn), args.ids.uuid(&arn));
    let to = args.text("PublishTo").map(str::to_owned);
    let publish = args.flag("Publish") || to.is_some();
    args.function(name)?.check_slot(to.as_deref())?;
    let published = publish.then(|| args.ids.uuid(&arn));
    let function = args.region.functions.modify(&name.name).ok_or_else(|| name.function_not_found(args.context))?;
    let latest = &mut function.latest;
    latest.members = Arc::new(members);
    latest.revision = now;
    latest.update = Some("InProgress".to_owned());
    latest.failure = None;
    if latest.state == "Failed" {
        // A function that could not be created can be repaired by an update.
        "Pending".clone_into(&mut latest.state);
    }
    latest.transition = Some(Transition { until, failure: None, revision: Some(then) });
    if let Some(code) = code {
        latest.code = code;
    }
    function.changed = true;
    let Some(revision) = published else {
        return Ok(Reply::json(Value::Object(function_configuration::show(&function.latest, &arn, LATEST))));
    };
    // Recorded: the reply is about the version, which is being created, while `$LATEST` is being updated.
    let number = function.publish_to(to.as_deref(), revision, None);
    let context = args.context;
    let Some(version) = function.snapshot_mut(&number) else { return Ok(Reply::empty()) };
    "Pending".clone_into(&mut version.state);
    version.update = None;
    version.transition = Some(Transition { until: publish_until, failure: None, revision: None });
    let arn = context.qualified_arn(&name.name, &number);
    Ok(Reply::json(Value::Object(function_configuration::show(version, &arn, &number))))
}
