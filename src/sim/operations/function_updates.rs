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
use crate::sim::context::api_error::Fault;
use crate::sim::context::identifiers::{LATEST, Name};
use crate::sim::context::preconditions::{check_idle, check_revision};
use crate::sim::context::request::{Call, Operation};
use crate::sim::http::response::Reply;
use crate::sim::rules::external_checks;
use crate::sim::rules::function_limits;
use crate::sim::rules::functions as function_rules;
use crate::sim::rules::layers as layer_rules;
use crate::sim::rules::networks as network_rules;
use crate::sim::store::function::{Code, Function, Snapshot, Transition};

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "UpdateFunctionConfiguration" => update_configuration,
        "UpdateFunctionCode" => update_code,
        _ => return None,
    })
}

fn update_configuration(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    let managed = call.region.functions.get(&name.name).is_some_and(Function::is_managed);
    function_limits::check_size(&call.input, managed)?;
    let latest = changeable(call, &name)?;
    let image = latest.code.is_image();
    check_fixed(&latest.members, &call.input)?;
    let mut members = latest.members.as_ref().clone();
    function_rules::check(call.here, &call.input, image)?;
    if let Some(vpc) = call.input.get("VpcConfig") {
        network_rules::check(call.here, Some(&members), vpc)?;
    }
    external_checks::check(call.here, &call.input)?;
    let mut input = call.input.clone();
    layer_rules::layers(call, &mut input)?;
    capacity_providers::check_named(call, input.get("CapacityProviderConfig"))?;
    function_configuration::apply(call.here, &input, &mut members);
    function_limits::check_snap_start(&members, image)?;
    let (_, latest, _) = call.resolve(&Name { qualifier: None, ..name.clone() })?;
    network_rules::check_files(Some(&latest.members), &members)?;
    layer_rules::check_size(call, &latest.code, &members)?;
    begin(call, &name, members, None)
}

/// What a function is created with and cannot get later.
fn check_fixed(members: &Map<String, Value>, input: &Map<String, Value>) -> Result<(), Fault> {
    if input.contains_key("DurableConfig") && !members.contains_key("DurableConfig") {
        return Err(Fault::invalid(
            "You cannot add a durable configuration to a function that was originally created with no durable configuration",
        ));
    }
    // Durability cannot be taken away, and one part of it can be changed without the other.
    if input.get("DurableConfig").and_then(Value::as_object).is_some_and(Map::is_empty) {
        return Err(Fault::invalid("You cannot update a durable configuration without an executionTimeout"));
    }
    if input.contains_key("CapacityProviderConfig") && !members.contains_key("CapacityProviderConfig") {
        return Err(Fault::invalid("CapacityProviderConfig isn't supported for Lambda Default functions."));
    }
    Ok(())
}

fn update_code(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = call.name()?;
    let latest = changeable(call, &name)?;
    let image = latest.code.is_image();
    let mut members = latest.members.as_ref().clone();
    let has_image = call.text("ImageUri").is_some();
    if image && !has_image {
        return Err(Fault::invalid("Please provide ImageUri when updating a function with packageType Image."));
    }
    if !image && has_image {
        return Err(Fault::invalid("Please don't provide ImageUri when updating a function with packageType Zip."));
    }
    let given = call.input.clone();
    let config = call.function(&name)?.code_signing_config.clone();
    code_signing::check_code(call, config.as_deref(), &name.name, code::is_inline(&given))?;
    let code = code::take(call, &given)?;
    layer_rules::check_size(call, &code, &members)?;
    if let Some(architectures) = given.get("Architectures") {
        members.insert("Architectures".to_owned(), architectures.clone());
    }
    if call.flag("DryRun") {
        let (_, latest, _) = call.resolve(&Name { qualifier: None, ..name.clone() })?;
        let would_be = Snapshot { members: Arc::new(members), code, ..latest.clone() };
        return Ok(Reply::json(Value::Object(function_configuration::show(&would_be, &name.arn(call.here), LATEST))));
    }
    code.check_room(call.here)?;
    begin(call, &name, members, Some(code))
}

/// `$LATEST` of the function, if it may be changed now and is what the caller believes it is.
fn changeable<'a>(call: &'a Call<'_>, name: &Name) -> Result<&'a Snapshot, Fault> {
    let function = call.region.functions.get(&name.name).ok_or_else(|| name.missing(call.here))?;
    if name.or_latest() != LATEST {
        return Err(Fault::invalid(
            "Current operation does not support versions other than $LATEST. Please set the version to $LATEST or do not set a \
             version in your request.",
        ));
    }
    let latest = &function.latest;
    check_idle(latest, &call.here.function_arn(&name.name))?;
    check_revision(call.text("RevisionId"), &latest.revision)?;
    Ok(latest)
}

/// Starts the change and answers how the function looks meanwhile.
fn begin(
    call: &mut Call<'_>,
    name: &Name,
    mut members: Map<String, Value>,
    code: Option<Code>,
) -> Result<Reply, Fault> {
    let arn = call.here.function_arn(&name.name);
    let until = call.after(call.here.options.settle.update);
    let publish_until = call.after(call.here.options.settle.publish);
    members.insert("LastModified".to_owned(), json!(call.stamp(&arn)));
    let (now, then) = (call.mint.uuid(&arn), call.mint.uuid(&arn));
    let to = call.text("PublishTo").map(str::to_owned);
    let publish = call.flag("Publish") || to.is_some();
    call.function(name)?.check_slot(to.as_deref())?;
    let published = publish.then(|| call.mint.uuid(&arn));
    let function = call.region.functions.modify(&name.name).ok_or_else(|| name.missing_function(call.here))?;
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
    let here = call.here;
    let Some(version) = function.snapshot_mut(&number) else { return Ok(Reply::empty()) };
    "Pending".clone_into(&mut version.state);
    version.update = None;
    version.transition = Some(Transition { until: publish_until, failure: None, revision: None });
    let arn = here.qualified_arn(&name.name, &number);
    Ok(Reply::json(Value::Object(function_configuration::show(version, &arn, &number))))
}
