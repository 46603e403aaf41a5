//! The versions of a layer: which there are, and how one is read.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::LayerVersionsListItem;
use serde_json::json;

use super::spec::{Layer, arn, layer_arn, name};
use crate::model::AttributeName;
use crate::resource::{Observed, ResourceRef};
use crate::wire::{GetLayerVersionInputBuilder, ListLayerVersionsInputBuilder, Missing, ReadCache};

/// The read that knows every version of a layer but not what is in it.
pub fn listing(layer: &str) -> ListLayerVersionsInputBuilder {
    ListLayerVersionsInputBuilder::default().layer_name(layer)
}

/// The read that knows one version.
pub fn reading(layer: &str, version: i64) -> GetLayerVersionInputBuilder {
    GetLayerVersionInputBuilder::default().layer_name(layer).version_number(version)
}

/// The versions of a layer, the newest first.
pub fn numbered<'s>(layer: &str, cache: &'s ReadCache) -> Result<Vec<&'s LayerVersionsListItem>, Missing> {
    let pages = cache.pages(listing(layer))?;
    let mut all: Vec<_> = pages.into_iter().flat_map(|page| page.layer_versions()).collect();
    all.sort_by_key(|item| std::cmp::Reverse(item.version()));
    Ok(all)
}

/// The number of the newest version; `None` if there is none.
pub fn newest(layer: &str, cache: &ReadCache) -> Result<Option<i64>, Missing> {
    Ok(numbered(layer, cache)?.first().map(|item| item.version()))
}

/// Returns a version as the listing describes it.
pub fn listed(at: &ResourceRef, item: &LayerVersionsListItem) -> Observed<Layer> {
    let version = item.version().to_string();
    let value = Layer {
        description: item.description().unwrap_or_default().to_owned(),
        license_info: item.license_info().unwrap_or_default().to_owned(),
        compatible_runtimes: item.compatible_runtimes().iter().map(|it| it.as_str().to_owned()).collect(),
        compatible_architectures: item.compatible_architectures().iter().map(|it| it.as_str().to_owned()).collect(),
        ..Layer::default()
    };
    let mut live = Observed::new(version.as_str(), value);
    live.attributes = BTreeMap::from([
        (AttributeName::ARN, json!(arn(at, &version))),
        (AttributeName::VERSION, json!(version)),
        (AttributeName::LAYER_ARN, json!(layer_arn(at))),
        (AttributeName::NAME, json!(name(at))),
    ])
    .into();
    live
}
