//! The rules for the layers of a function.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::sim::context::api_error::ApiError;
use crate::sim::context::lookup::find;
use crate::sim::context::request::{Arguments, RequestContext};
use crate::sim::operations::code::UNZIPPED_LIMIT;
use crate::sim::store::function::Code;

const LAYER_LIMIT: usize = 5;

/// A layer version as a function names it.
struct Named<'a> {
    layer: &'a str,
    name: &'a str,
    version: Option<u64>,
    region: &'a str,
}

fn parse(arn: &str) -> Option<Named<'_>> {
    let (layer, version) = arn.rsplit_once(':')?;
    let mut parts = layer.split(':');
    let region = parts.nth(3)?;
    Some(Named { layer, name: parts.nth(2)?, version: version.parse().ok(), region })
}

/// Refuses layers of another region, before anybody looks for the function.
pub(crate) fn check_regions(context: RequestContext<'_>, input: &Map<String, Value>) -> Result<(), ApiError> {
    let given = input.get("Layers").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let is_elsewhere = |named: Named<'_>| !named.region.is_empty() && named.region != context.region;
    if !given.filter_map(parse).any(is_elsewhere) {
        return Ok(());
    }
    Err(ApiError::invalid_parameter(format!(
        "Layers are not in the same region as the function. Layers are expected to be in region {}.",
        context.region
    )))
}

/// Checks the layers that the request names, and writes them into `input` as a configuration shows them, with their sizes.
pub(crate) fn layers(args: &Arguments<'_>, input: &mut Map<String, Value>) -> Result<(), ApiError> {
    let Some(given) = input.get("Layers").and_then(Value::as_array) else { return Ok(()) };
    let arns: Vec<&str> = given.iter().filter_map(Value::as_str).collect();
    if arns.len() > LAYER_LIMIT {
        return Err(ApiError::invalid_parameter(format!("Cannot reference more than {LAYER_LIMIT} layers.")));
    }
    let mut shown = Vec::new();
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for arn in arns {
        let size = size_of(args, arn)?;
        let layer = parse(arn).map_or(arn, |named| named.layer);
        if let Some((_, other)) = seen.iter().find(|(other, _)| *other == layer) {
            return Err(ApiError::invalid_parameter(format!(
                "Two different versions of the same layer are not allowed to be referenced in the same function. {other} and {arn} \
                 are versions of the same layer."
            )));
        }
        seen.push((layer, arn));
        shown.push(json!({"Arn": arn, "CodeSize": size}));
    }
    input.insert("Layers".to_owned(), Value::Array(shown));
    Ok(())
}

/// The size of a layer's package. Layers of other accounts exist like all external resources.
fn size_of(args: &Arguments<'_>, arn: &str) -> Result<i64, ApiError> {
    let context = args.context;
    let missing = || ApiError::invalid_parameter(format!("Layer version {arn} does not exist."));
    let Some(named) = parse(arn) else { return Err(missing()) };
    if named.layer == context.arn(&format!("layer:{}", named.name)) {
        let found = named.version.and_then(|version| find(args, named.name, version));
        return found.map(|version| version.code.size).ok_or_else(missing);
    }
    if !context.exists(arn) {
        return Err(missing());
    }
    Ok(i64::from(Sha256::digest(arn)[0]) + 200)
}

/// Refuses code that is too large together with the layers among `members`.
pub(crate) fn check_size(args: &Arguments<'_>, code: &Code, members: &Map<String, Value>) -> Result<(), ApiError> {
    let layers = members.get("Layers").and_then(Value::as_array).into_iter().flatten();
    let arns = layers.filter_map(|layer| layer.get("Arn").and_then(Value::as_str));
    let sizes = arns.filter_map(|arn| {
        let named = parse(arn)?;
        Some(find(args, named.name, named.version?)?.code.unzipped)
    });
    let layers: u64 = sizes.sum();
    let size = code.unzipped + layers;
    if layers == 0 || size <= UNZIPPED_LIMIT {
        return Ok(());
    }
    Err(ApiError::invalid_parameter(format!(
        "Function code combined with layers exceeds the maximum allowed size of {UNZIPPED_LIMIT} bytes. The actual size is {size} \
         bytes."
    )))
}
