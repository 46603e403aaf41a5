//! Which versions of a layer functions use, and which old ones may go: all but the newest and those that are used.

use serde_json::Value;

use super::versions::numbered;
use super::{Layer, NEWER, arn, layer_arn};
use crate::model::{Address, KindId, StepReasonKind};
use crate::resource::Declare as _;
use crate::resource::{Attribute, Context, Discovered, Observed, ResourceRef};
use crate::wire::{Missing, ReadCache};

const KIND: KindId = Layer::KIND;

/// Only the old versions of declared layers: without tags nobody knows whose another layer is.
pub fn found(parent: &ResourceRef, around: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
    let mut found = Vec::new();
    for address in around.all(KIND) {
        let spec: Option<Layer> = around.declared(address).and_then(|it| serde_json::from_value(it.clone()).ok());
        let Some((spec, key)) = spec.zip(address.keys.last()) else { continue };
        let Some(keep) = spec.retain_versions else { continue };
        let name = Layer::name(&spec, key);
        for item in numbered(&name, cache)?.into_iter().skip((keep as usize).saturating_sub(1)).rev() {
            let number = item.version().to_string();
            let at = ResourceRef {
                scope: parent.scope.clone(),
                address: Address::new(KIND, &[key.as_str(), &number]),
                names: vec![name.clone(), number.clone()],
            };
            found.push(Discovered {
                at,
                identity: number,
                surplus: Some(StepReasonKind::NotRetained { retain_versions: keep }.into()),
            });
        }
    }
    Ok(found)
}

/// Whether the version still has to go, now that it is known what is published and what functions will use.
pub fn is_surplus(at: &ResourceRef, live: &Observed<Layer>, around: &dyn Context) -> bool {
    let layer = Address::new(KIND, &at.address.keys[..1]);
    let keep = around.declared(&layer).and_then(|layer| layer.get("retain_versions")?.as_u64());
    let publishes = matches!(around.attribute(&layer, "version"), Some(Attribute::Predicted(_)));
    let newer = live.attributes.get(NEWER).and_then(Value::as_u64).unwrap_or(0) + u64::from(publishes);
    keep.is_some_and(|keep| newer >= keep) && !is_used(&arn(at, at.own()), around)
}

/// The newest version of the layer that functions of the spec, or the versions published of them, use as they are live.
pub fn newest_used(at: &ResourceRef, around: &dyn Context) -> Option<u64> {
    let of = |kind: KindId, place: &str| -> Option<u64> {
        let lives = around.all(kind).into_iter().filter_map(|address| around.observed(address));
        let layers = lives.filter_map(|live| live.value.pointer(place)?.as_array()).flatten();
        let own = layers.filter_map(|arn| arn.as_str()?.rsplit_once(':')).filter(|(layer, _)| *layer == layer_arn(at));
        own.filter_map(|(_, number)| number.parse().ok()).max()
    };
    of(KindId::Function, "/layers").max(of(KindId::Version, "/content/layers"))
}

/// Whether a declared function will use the version.
fn is_used(arn: &str, around: &dyn Context) -> bool {
    around.all(KindId::Function).into_iter().any(|function| {
        let planned = around.planned(function).or_else(|| around.observed(function).map(|live| &live.value));
        let layers = planned.and_then(|function| function.get("layers")?.as_array());
        layers.into_iter().flatten().any(|layer| layer == arn)
    })
}
