//! Layers and their versions.

use serde_json::{Map, Value, json};

use super::code;
use crate::sim::context::api_error::ApiError;
use crate::sim::context::lookup::find;
use crate::sim::context::request::{Arguments, OperationFn, RequestContext};
use crate::sim::http::response::Reply;
use crate::sim::store::documents::LayerVersion;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<OperationFn> {
    Some(match name {
        "PublishLayerVersion" => publish,
        "GetLayerVersion" => get,
        "GetLayerVersionByArn" => get_by_arn,
        "ListLayers" => list,
        "ListLayerVersions" => list_versions,
        "DeleteLayerVersion" => delete,
        _ => return None,
    })
}

/// The name of the layer that the request names, be it by name or by ARN.
pub(crate) fn layer_name(args: &Arguments<'_>) -> Result<String, ApiError> {
    let given = args.required("LayerName");
    let Some(name) = given.rsplit(':').next().filter(|_| given.starts_with("arn:")) else { return Ok(given) };
    // Its policy says which other accounts may read a layer; the simulator has one account.
    if args.context.arn(&format!("layer:{name}")) == given {
        Ok(name.to_owned())
    } else {
        Err(ApiError::access_denied())
    }
}

/// The number that the request names.
pub(crate) fn layer_version(args: &Arguments<'_>) -> Result<u64, ApiError> {
    let given = args.number("VersionNumber").and_then(|number| u64::try_from(number).ok());
    given.filter(|number| *number > 0).ok_or_else(|| ApiError::invalid_parameter("Layer Version Cannot be less than 1"))
}

/// The ARN of one version.
pub(crate) fn version_arn(context: RequestContext<'_>, name: &str, version: u64) -> String {
    context.arn(&format!("layer:{name}:{version}"))
}

fn publish(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = layer_name(args)?;
    let content = args.input.get("Content").and_then(Value::as_object).cloned().unwrap_or_default();
    let code = code::take(args, &content)?;
    code.check_code_storage(args.context)?;
    let mut members = Map::new();
    for member in ["CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo"] {
        if let Some(value) = args.input.get(member) {
            members.insert(member.to_owned(), sorted(member, value.clone()));
        }
    }
    let created = args.timestamp(&args.context.arn(&format!("layer:{name}")));
    let description = args.text("Description").unwrap_or_default().to_owned();
    let made = LayerVersion { code, description, created, members, policy: None };
    let mut layer = args.region.layers.get(&name).cloned().unwrap_or_default();
    layer.last_version += 1;
    let reply = made.show(args.context, &name, layer.last_version);
    layer.versions.insert(layer.last_version, made);
    args.region.layers.insert(&name, layer);
    Ok(Reply::json(Value::Object(reply)))
}

/// Recorded: architectures come back in order, runtimes as they were given.
fn sorted(member: &str, mut value: Value) -> Value {
    if let (Value::Array(items), "CompatibleArchitectures") = (&mut value, member) {
        items.sort_by_key(|item| item.as_str().unwrap_or_default().to_owned());
    }
    value
}

fn missing() -> ApiError {
    ApiError::not_found("The resource you requested does not exist.")
}

fn get(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let (name, version) = (layer_name(args)?, layer_version(args)?);
    let found = find(args, &name, version).ok_or_else(missing)?;
    Ok(Reply::json(Value::Object(found.show(args.context, &name, version))))
}

fn get_by_arn(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let arn = args.required("Arn");
    let (layer, number) = arn.rsplit_once(':').unwrap_or_default();
    let name = layer.rsplit(':').next().unwrap_or_default();
    if args.context.arn(&format!("layer:{name}")) != layer {
        return Err(ApiError::access_denied());
    }
    let version = number.parse().ok().filter(|number| *number > 0);
    let version = version.ok_or_else(|| ApiError::invalid_parameter("Layer Version Cannot be less than 1"))?;
    let found = find(args, name, version).ok_or_else(missing)?;
    Ok(Reply::json(Value::Object(found.show(args.context, name, version))))
}

fn list(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let start = args.page_start()?;
    let context = args.context;
    let layers = args.region.layers.after(start.as_deref());
    let items = layers.filter_map(|(name, layer)| {
        let (number, newest) = layer.versions.iter().rev().find(|(_, version)| version.is_compatible(args))?;
        let item = json!({
            "LayerName": name,
            "LayerArn": context.arn(&format!("layer:{name}")),
            "LatestMatchingVersion": newest.show_item(context, name, *number),
        });
        Some((name.clone(), item))
    });
    Ok(args.page(50, items).reply("Layers"))
}

/// Newest first. Recorded: a layer that never was has an empty list.
fn list_versions(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let name = layer_name(args)?;
    let before = args.page_start()?.and_then(|start| start.parse::<u64>().ok());
    let context = args.context;
    let versions = args.region.layers.get(&name).into_iter().flat_map(|layer| layer.versions.iter().rev());
    let versions = versions
        .filter(|(number, version)| before.is_none_or(|before| **number < before) && version.is_compatible(args));
    let items = versions
        .map(|(number, version)| (number.to_string(), Value::Object(version.show_item(context, &name, *number))));
    Ok(args.page(50, items).reply("LayerVersions"))
}

/// Recorded: deleting what does not exist succeeds, and functions keep a version that is deleted under them.
fn delete(args: &mut Arguments<'_>) -> Result<Reply, ApiError> {
    let (name, version) = (layer_name(args)?, layer_version(args)?);
    if find(args, &name, version).is_some()
        && let Some(layer) = args.region.layers.modify(&name)
    {
        layer.versions.remove(&version);
    }
    Ok(Reply::empty())
}

impl LayerVersion {
    /// Returns whether a list with the request's filters shows the version.
    fn is_compatible(&self, args: &Arguments<'_>) -> bool {
        let has = |filter: &str, member: &str| {
            args.text(filter).is_none_or(|wanted| {
                let items = self.members.get(member).and_then(Value::as_array).into_iter().flatten();
                items.filter_map(Value::as_str).any(|item| item == wanted)
            })
        };
        has("CompatibleRuntime", "CompatibleRuntimes") && has("CompatibleArchitecture", "CompatibleArchitectures")
    }

    fn show(&self, context: RequestContext<'_>, name: &str, version: u64) -> Map<String, Value> {
        let mut out = self.show_item(context, name, version);
        out.insert("LayerArn".to_owned(), json!(context.arn(&format!("layer:{name}"))));
        // Only lists leave an empty description out.
        out.insert("Description".to_owned(), json!(self.description));
        out.insert("Content".to_owned(), self.code.content(context));
        out
    }

    fn show_item(&self, context: RequestContext<'_>, name: &str, version: u64) -> Map<String, Value> {
        let mut out = self.members.clone();
        if !self.description.is_empty() {
            out.insert("Description".to_owned(), json!(self.description));
        }
        out.insert("CreatedDate".to_owned(), json!(self.created));
        out.insert("LayerVersionArn".to_owned(), json!(version_arn(context, name, version)));
        out.insert("Version".to_owned(), json!(version));
        out
    }
}
