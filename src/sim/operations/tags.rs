//! Tags of whatever can have them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::capacity_providers;
use super::code_signing;
use crate::sim::context::api_error::Fault;
use crate::sim::context::identifiers::Name;
use crate::sim::context::lookup::tags_of;
use crate::sim::context::request::{Call, Operation};
use crate::sim::http::response::Reply;
use crate::sim::rules::tags::check;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "TagResource" => tag,
        "UntagResource" => untag,
        "ListTags" => list,
        _ => return None,
    })
}

/// What a tagged ARN names.
enum Tagged {
    Function(String),
    Mapping(String),
    SigningConfig(String),
    CapacityProvider(String),
}

fn tagged(call: &Call<'_>) -> Result<Tagged, Fault> {
    let arn = call.required("Resource");
    let mut parts = arn.splitn(7, ':').skip(5);
    let (kind, rest) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match kind {
        "function" => {
            let name = Name::read(call.here, &arn)?;
            if name.qualifier.is_some() {
                let text = "Tags on function aliases and versions are not supported. Please specify a function ARN.";
                return Err(Fault::invalid(text));
            }
            call.function(&name)?;
            Ok(Tagged::Function(name.name))
        }
        "event-source-mapping" if call.region.mappings.get(rest).is_some() => Ok(Tagged::Mapping(rest.to_owned())),
        "event-source-mapping" => Err(Fault::missing(format!("Event source mapping not found: {arn}"))),
        "capacity-provider" if call.region.capacity_providers.get(rest).is_some() => {
            Ok(Tagged::CapacityProvider(rest.to_owned()))
        }
        "capacity-provider" => Err(capacity_providers::missing(&arn)),
        "code-signing-config" if call.region.signing_configs.get(rest).is_some() => {
            Ok(Tagged::SigningConfig(rest.to_owned()))
        }
        "code-signing-config" => Err(code_signing::missing(&arn)),
        // The model admits more kinds than this service has.
        kind => Err(Fault::missing(format!("{kind} not found: {arn}"))),
    }
}

fn of<'a>(call: &'a Call<'_>, what: &Tagged) -> Option<&'a BTreeMap<String, String>> {
    match what {
        Tagged::Function(name) => call.region.functions.get(name).map(|function| &function.tags),
        Tagged::Mapping(uuid) => call.region.mappings.get(uuid).map(|mapping| &mapping.tags),
        Tagged::SigningConfig(id) => call.region.signing_configs.get(id).map(|config| &config.tags),
        Tagged::CapacityProvider(name) => call.region.capacity_providers.get(name).map(|provider| &provider.tags),
    }
}

/// Writes the tags. Recorded: every such call moves a function's RevisionId, even one that changes nothing.
fn set(call: &mut Call<'_>, what: &Tagged, tags: BTreeMap<String, String>) {
    match what {
        Tagged::Function(name) => {
            let revision = call.mint.uuid(&call.here.function_arn(name));
            if let Some(function) = call.region.functions.modify(name) {
                function.tags = tags;
                function.latest.revision = revision;
            }
        }
        Tagged::Mapping(uuid) => {
            if let Some(mapping) = call.region.mappings.modify(uuid) {
                mapping.tags = tags;
            }
        }
        Tagged::SigningConfig(id) => {
            if let Some(config) = call.region.signing_configs.modify(id) {
                config.tags = tags;
            }
        }
        Tagged::CapacityProvider(name) => {
            if let Some(provider) = call.region.capacity_providers.modify(name) {
                provider.tags = tags;
            }
        }
    }
}

fn tag(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let given = tags_of(call.input.get("Tags"));
    let what = tagged(call)?;
    if given.is_empty() {
        return Err(Fault::invalid("An error occurred and the request cannot be processed."));
    }
    let mut tags = of(call, &what).cloned().unwrap_or_default();
    tags.extend(given);
    check(&tags)?;
    set(call, &what, tags);
    Ok(Reply::empty())
}

fn untag(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let what = tagged(call)?;
    let keys = call.input.get("TagKeys").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut tags = of(call, &what).cloned().unwrap_or_default();
    for key in keys.iter().filter_map(Value::as_str) {
        tags.remove(key);
    }
    set(call, &what, tags);
    Ok(Reply::empty())
}

fn list(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let what = tagged(call)?;
    Ok(Reply::json(json!({"Tags": of(call, &what)})))
}
