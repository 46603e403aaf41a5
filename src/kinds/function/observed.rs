//! What Lambda answers about a function, in the words of the spec.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{FunctionConfiguration, LastUpdateStatus, State as LambdaState};
use serde_json::json;

use super::shape::Function;
use super::{arn, code, configuration};
use crate::kinds::{At, Live, LivePackage, STACK_TAG, State, archive};
use crate::wire::GetFunctionOutput;

/// What Lambda is doing with a function or a version.
pub fn state(config: &FunctionConfiguration) -> State {
    let why = |code: Option<&str>| code.map_or(String::new(), |code| format!(" ({code})"));
    match (config.state(), config.last_update_status()) {
        (Some(LambdaState::Pending), _) => {
            State::Settling(format!("State Pending{}", why(config.state_reason_code().map(|code| code.as_str()))))
        }
        (Some(LambdaState::Deleting), _) => State::Settling("State Deleting".to_owned()),
        (Some(LambdaState::Failed), _) => State::Failed {
            code: config.state_reason_code().map_or("Failed", |code| code.as_str()).to_owned(),
            reason: config.state_reason().unwrap_or("Lambda gives no reason").to_owned(),
        },
        (_, Some(LastUpdateStatus::InProgress)) => State::Settling("LastUpdateStatus InProgress".to_owned()),
        (_, Some(LastUpdateStatus::Failed)) => State::Failed {
            code: config.last_update_status_reason_code().map_or("Failed", |code| code.as_str()).to_owned(),
            reason: config.last_update_status_reason().unwrap_or("Lambda gives no reason").to_owned(),
        },
        _ => State::Settled,
    }
}

/// What can be referred to of a function, as far as it follows from its name.
pub fn names(at: &At) -> BTreeMap<&'static str, serde_json::Value> {
    let (partition, region) = (at.scope.partition(), &at.scope.region);
    let path = format!("path/2015-03-31/functions/{}/invocations", arn(at));
    BTreeMap::from([
        ("arn", json!(arn(at))),
        ("name", json!(at.outer())),
        ("invoke_arn", json!(format!("arn:{partition}:apigateway:{region}:lambda:{path}"))),
    ])
}

/// What GetFunction says of a function.
pub fn observed(at: &At, desired: Option<&Function>, reply: &GetFunctionOutput) -> Option<Live<Function>> {
    let config = reply.configuration()?;
    let mut value = configuration::observed(config);
    let tags: BTreeMap<String, String> = reply.tags().cloned().unwrap_or_default().into_iter().collect();
    if let Some(location) = reply.code() {
        value.code.source_kms_key_arn = location.source_kms_key_arn().map(str::to_owned);
        value.code.image = location.image_uri().map(|uri| match location.resolved_image_uri() {
            Some(resolved) => format!("{uri} {resolved}"),
            None => uri.to_owned(),
        });
    }
    let s3 = desired.and_then(|desired| desired.code.s3.as_ref());
    code::recall(&mut value.code, s3, tags.get(code::CODE_TAG).map(String::as_str));
    if let Some(object) = reply.code().and_then(|location| location.resolved_s3_object()) {
        // Where Lambda tells it itself, nothing needs to be remembered.
        value.code.s3 = archive::resolved(object);
    }
    let owner = tags.get(STACK_TAG).cloned();
    // AWS's own tags cannot be written, and ours about the code is nobody's business.
    value.tags = tags.into_iter().filter(|(key, _)| !key.starts_with("aws:") && key != code::CODE_TAG).collect();
    let mut live = Live::new(at.outer(), value);
    live.revision = config.revision_id().map(str::to_owned);
    live.attributes = names(at);
    live.attributes.extend(live.value.code.sha256.iter().map(|sha256| ("code_sha256", json!(sha256))));
    live.state = state(config);
    live.value.settled = matches!(live.state, State::Failed { .. }).then_some(false);
    let location = reply.code().and_then(|location| location.location());
    live.package = location
        .zip(config.code_sha256())
        .map(|(location, sha256)| LivePackage { sha256: sha256.to_owned(), location: location.to_owned() });
    live.owner = reply.tags_error().is_none().then_some(owner);
    live.notes = notes(config, reply);
    Some(live)
}

/// What the user should know: above all, what Lambda itself could not read, and so shows as absent.
fn notes(config: &FunctionConfiguration, reply: &GetFunctionOutput) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(error) = reply.tags_error() {
        notes.push(format!("its tags could not be read: {}", error.message()));
    }
    if let Some(error) = config.environment().and_then(|environment| environment.error()) {
        let why = error.message().or(error.error_code()).unwrap_or("Lambda gives no reason");
        notes.push(format!("Lambda could not read its environment variables, so they look absent: {why}"));
    }
    if let Some(error) = config.image_config_response().and_then(|response| response.error()) {
        let why = error.message().or(error.error_code()).unwrap_or("Lambda gives no reason");
        notes.push(format!("Lambda could not read its image_config, so it looks absent: {why}"));
    }
    if let Some(error) = reply.code().and_then(|location| location.error()) {
        let why = error.message().or(error.error_code()).unwrap_or("Lambda gives no reason");
        notes.push(format!("Lambda could not reach its package: {why}"));
    }
    if config.master_arn().is_some() {
        notes.push("it is a Lambda@Edge replica: change the function that it is a replica of".to_owned());
    }
    notes
}
