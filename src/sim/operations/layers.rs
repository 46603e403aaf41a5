//! Layers and their versions.

use serde_json::{Map, Value, json};

use super::code;
use crate::sim::context::api_error::Fault;
use crate::sim::context::lookup::find;
use crate::sim::context::request::{Call, Here, Operation};
use crate::sim::http::response::Reply;
use crate::sim::store::documents::LayerVersion;

/// The operations of this file.
pub(crate) fn operation(name: &str) -> Option<Operation> {
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
pub(crate) fn layer_name(call: &Call<'_>) -> Result<String, Fault> {
    let given = call.required("LayerName");
    let Some(name) = given.rsplit(':').next().filter(|_| given.starts_with("arn:")) else { return Ok(given) };
    // A layer of somebody else may be read by whom its policy admits; this world has nobody else.
    if call.here.arn(&format!("layer:{name}")) == given { Ok(name.to_owned()) } else { Err(Fault::denied()) }
}

/// The number that the request names.
pub(crate) fn layer_version(call: &Call<'_>) -> Result<u64, Fault> {
    let given = call.number("VersionNumber").and_then(|number| u64::try_from(number).ok());
    given.filter(|number| *number > 0).ok_or_else(|| Fault::invalid("Layer Version Cannot be less than 1"))
}

/// The ARN of one version.
pub(crate) fn version_arn(here: Here<'_>, name: &str, version: u64) -> String {
    here.arn(&format!("layer:{name}:{version}"))
}

fn publish(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = layer_name(call)?;
    let content = call.input.get("Content").and_then(Value::as_object).cloned().unwrap_or_default();
    let code = code::take(call, &content)?;
    code.check_room(call.here)?;
    let mut members = Map::new();
    for member in ["CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo"] {
        if let Some(value) = call.input.get(member) {
            members.insert(member.to_owned(), sorted(member, value.clone()));
        }
    }
    let created = call.stamp(&call.here.arn(&format!("layer:{name}")));
    let description = call.text("Description").unwrap_or_default().to_owned();
    let made = LayerVersion { code, description, created, members, policy: None };
    let mut layer = call.region.layers.get(&name).cloned().unwrap_or_default();
    layer.last_version += 1;
    let reply = made.show(call.here, &name, layer.last_version);
    layer.versions.insert(layer.last_version, made);
    call.region.layers.insert(&name, layer);
    Ok(Reply::json(Value::Object(reply)))
}

/// Recorded: architectures come back in order, runtimes as they were given.
fn sorted(member: &str, mut value: Value) -> Value {
    if let (Value::Array(items), "CompatibleArchitectures") = (&mut value, member) {
        items.sort_by_key(|item| item.as_str().unwrap_or_default().to_owned());
    }
    value
}

fn missing() -> Fault {
    Fault::missing("The resource you requested does not exist.")
}

fn get(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let (name, version) = (layer_name(call)?, layer_version(call)?);
    let found = find(call, &name, version).ok_or_else(missing)?;
    Ok(Reply::json(Value::Object(found.show(call.here, &name, version))))
}

fn get_by_arn(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let arn = call.required("Arn");
    let (layer, number) = arn.rsplit_once(':').unwrap_or_default();
    let name = layer.rsplit(':').next().unwrap_or_default();
    if call.here.arn(&format!("layer:{name}")) != layer {
        return Err(Fault::denied());
    }
    let version = number.parse().ok().filter(|number| *number > 0);
    let version = version.ok_or_else(|| Fault::invalid("Layer Version Cannot be less than 1"))?;
    let found = find(call, name, version).ok_or_else(missing)?;
    Ok(Reply::json(Value::Object(found.show(call.here, name, version))))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let start = call.page_start()?;
    let here = call.here;
    let layers = call.region.layers.after(start.as_deref());
    let items = layers.filter_map(|(name, layer)| {
        let (number, newest) = layer.versions.iter().rev().find(|(_, version)| version.suits(call))?;
        let item = json!({
            "LayerName": name,
            "LayerArn": here.arn(&format!("layer:{name}")),
            "LatestMatchingVersion": newest.show_item(here, name, *number),
        });
        Some((name.clone(), item))
    });
    Ok(call.page(50, items).reply("Layers"))
}

/// Newest first. Recorded: a layer that never was has an empty list.
fn list_versions(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let name = layer_name(call)?;
    let before = call.page_start()?.and_then(|start| start.parse::<u64>().ok());
    let here = call.here;
    let versions = call.region.layers.get(&name).into_iter().flat_map(|layer| layer.versions.iter().rev());
    let versions =
        versions.filter(|(number, version)| before.is_none_or(|before| **number < before) && version.suits(call));
    let items =
        versions.map(|(number, version)| (number.to_string(), Value::Object(version.show_item(here, &name, *number))));
    Ok(call.page(50, items).reply("LayerVersions"))
}

/// Recorded: deleting what is not there succeeds, and functions keep a version that is deleted under them.
fn delete(call: &mut Call<'_>) -> Result<Reply, Fault> {
    let (name, version) = (layer_name(call)?, layer_version(call)?);
    if find(call, &name, version).is_some()
        && let Some(layer) = call.region.layers.modify(&name)
    {
        layer.versions.remove(&version);
    }
    Ok(Reply::empty())
}

impl LayerVersion {
    /// Whether a list with the request's filters shows it.
    fn suits(&self, call: &Call<'_>) -> bool {
        let has = |filter: &str, member: &str| {
            call.text(filter).is_none_or(|wanted| {
                let items = self.members.get(member).and_then(Value::as_array).into_iter().flatten();
                items.filter_map(Value::as_str).any(|item| item == wanted)
            })
        };
        has("CompatibleRuntime", "CompatibleRuntimes") && has("CompatibleArchitecture", "CompatibleArchitectures")
    }

    fn show(&self, here: Here<'_>, name: &str, version: u64) -> Map<String, Value> {
        let mut out = self.show_item(here, name, version);
        out.insert("LayerArn".to_owned(), json!(here.arn(&format!("layer:{name}"))));
        // Only lists leave an empty description out.
        out.insert("Description".to_owned(), json!(self.description));
        out.insert("Content".to_owned(), self.code.content(here));
        out
    }

    fn show_item(&self, here: Here<'_>, name: &str, version: u64) -> Map<String, Value> {
        let mut out = self.members.clone();
        if !self.description.is_empty() {
            out.insert("Description".to_owned(), json!(self.description));
        }
        out.insert("CreatedDate".to_owned(), json!(self.created));
        out.insert("LayerVersionArn".to_owned(), json!(version_arn(here, name, version)));
        out.insert("Version".to_owned(), json!(version));
        out
    }
}
