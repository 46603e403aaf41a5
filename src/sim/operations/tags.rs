//! Tags of functions, mappings, code signing configurations and capacity providers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::capacity_providers;
use super::code_signing;
use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::FunctionName;
use crate::sim::context::lookup::tags_of;
use crate::sim::context::request::{Arguments, OperationFn};
use crate::sim::http::response::Reply;
use crate::sim::rules::tags::check;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
    Some(match name {
        "TagResource" => tag,
        "UntagResource" => untag,
        "ListTags" => list,
        _ => return None,
    })
}

/// The resource that a tagged ARN names.
enum Tagged {
    Function(String),
    Mapping(String),
    SigningConfig(String),
    CapacityProvider(String),
}

fn tagged(args: &Arguments<'_>) -> Result<Tagged, ApiError> {
    let arn = args.required("Resource");
    let mut parts = arn.splitn(7, ':').skip(5);
    let (kind, rest) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match kind {
        "function" => {
            let name = FunctionName::local(args.context, &arn)?;
            if name.qualifier.is_some() {
                let text = "Tags on function aliases and versions are not supported. Please specify a function ARN.";
                return Err(ApiError::invalid_parameter(text));
            }
            args.function(&name)?;
            Ok(Tagged::Function(name.name))
        }
        "event-source-mapping" if args.region.mappings.get(rest).is_some() => Ok(Tagged::Mapping(rest.to_owned())),
        "event-source-mapping" => Err(ApiError::not_found(format!("Event source mapping not found: {arn}"))),
        "capacity-provider" if args.region.capacity_providers.get(rest).is_some() => {
            Ok(Tagged::CapacityProvider(rest.to_owned()))
        }
        "capacity-provider" => Err(capacity_providers::not_found(&arn)),
        "code-signing-config" if args.region.signing_configs.get(rest).is_some() => {
            Ok(Tagged::SigningConfig(rest.to_owned()))
        }
        "code-signing-config" => Err(code_signing::not_found(&arn)),
        // The model admits more kinds than this service has.
        kind => Err(ApiError::not_found(format!("{kind} not found: {arn}"))),
    }
}

fn of<'a>(args: &'a Arguments<'_>, what: &Tagged) -> Option<&'a BTreeMap<String, String>> {
    match what {
        Tagged::Function(name) => args.region.functions.get(name).map(|function| &function.tags),
        Tagged::Mapping(uuid) => args.region.mappings.get(uuid).map(|mapping| &mapping.tags),
        Tagged::SigningConfig(id) => args.region.signing_configs.get(id).map(|config| &config.tags),
        Tagged::CapacityProvider(name) => args.region.capacity_providers.get(name).map(|provider| &provider.tags),
    }
}

/// Writes the tags. Recorded: every such call moves a function's RevisionId, even one that changes nothing.
fn set(args: &mut Arguments<'_>, what: &Tagged, tags: BTreeMap<String, String>) {
    match what {
        Tagged::Function(name) => {
            let revision = args.ids.uuid(&args.context.function_arn(name));
            if let Some(function) = args.region.functions.modify(name) {
                function.tags = tags;
                function.latest.revision = revision;
            }
        }
        Tagged::Mapping(uuid) => {
            if let Some(mapping) = args.region.mappings.modify(uuid) {
                mapping.tags = tags;
            }
        }
        Tagged::SigningConfig(id) => {
            if let Some(config) = args.region.signing_configs.modify(id) {
                config.tags = tags;
            }
        }
        Tagged::CapacityProvider(name) => {
            if let Some(provider) = args.region.capacity_providers.modify(name) {
                provider.tags = tags;
            }
        }
    }
}

fn tag(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let given = tags_of(args.input.get("Tags"));
    let what = tagged(args)?;
    if given.is_empty() {
        return Err(ApiError::invalid_parameter("An error occurred and the request cannot be processed."));
    }
    let mut tags = of(args, &what).cloned().unwrap_or_default();
    tags.extend(given);
    check(&tags)?;
    set(args, &what, tags);
    Ok(Reply::empty())
}

fn untag(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let what = tagged(args)?;
    let keys = args.input.get("TagKeys").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut tags = of(args, &what).cloned().unwrap_or_default();
    for key in keys.iter().filter_map(Value::as_str) {
        tags.remove(key);
    }
    set(args, &what, tags);
    Ok(Reply::empty())
}

fn list(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let what = tagged(args)?;
    Ok(Reply::json(json!({"Tags": of(args, &what)})))
}
