//! The retention of a layer's versions: all but the newest and those that functions use are deleted.

use super::spec::{Layer, arn, layer_arn};
use super::versions::numbered;
use crate::kinds::function::Function;
use crate::kinds::shared::retention::NewerVersions;
use crate::kinds::version::Version;
use crate::model::{Address, AttributeName, KindId, StepReasonKind};
use crate::resource::Declare as _;
use crate::resource::{Attribute, Context, Discovered, Observed, ResourceRef};
use crate::wire::{Missing, ReadCache};

const KIND: KindId = Layer::KIND;

/// Only the old versions of declared layers: without tags the owner of another layer is unknown.
pub fn old_versions(parent: &ResourceRef, cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
    let mut found = Vec::new();
    for address in cx.all(KIND) {
        let Some((spec, key)) = cx.get::<Layer>(address).zip(address.keys.last()) else { continue };
        let Some(keep) = spec.retain_versions else { continue };
        let name = Layer::name(spec, key);
        for item in numbered(&name, cache)?.into_iter().skip((keep as usize).saturating_sub(1)).rev() {
            let number = item.version().to_string();
            let at = ResourceRef {
                scope: parent.scope.clone(),
                address: Address::new(KIND, &[key.as_str(), &number]),
                names: [name.clone(), number.clone()].into(),
            };
            let surplus = Some(StepReasonKind::NotRetained { retain_versions: keep }.into());
            found.push(Discovered { surplus, ..Discovered::new(at, number) });
        }
    }
    Ok(found)
}

/// Returns true if the version is still to be deleted, now that publications and the functions' layers are planned.
pub fn still_surplus(at: &ResourceRef, live: &Observed<Layer>, cx: &dyn Context) -> bool {
    let layer = Address::new(KIND, &at.address.keys[..1]);
    let keep = cx.get::<Layer>(&layer).and_then(|layer| layer.retain_versions);
    let publishes = matches!(cx.attribute(&layer, &AttributeName::VERSION), Some(Attribute::Predicted(_)));
    let newer = live.extra.get::<NewerVersions>().map_or(0, |newer| newer.0 as u64) + u64::from(publishes);
    keep.is_some_and(|keep| newer >= u64::from(keep)) && !is_used(&arn(at, at.own()), cx)
}

/// The newest version of the layer that functions of the spec, or the versions published of them, use as they are live.
pub fn newest_used(at: &ResourceRef, cx: &dyn Context) -> Option<u64> {
    let layer = layer_arn(at);
    let functions = cx.all(KindId::Function).into_iter().filter_map(|at| cx.get_live::<Function>(at));
    let versions = cx.all(KindId::Version).into_iter().filter_map(|at| cx.get_live::<Version>(at));
    let used = functions.chain(versions.filter_map(|version| version.content.as_deref()));
    let own = used.flat_map(|function| &function.layers).filter_map(|arn| arn.rsplit_once(':'));
    own.filter(|(name, _)| *name == layer).filter_map(|(_, number)| number.parse().ok()).max()
}

/// Returns true if a declared function will use the version.
fn is_used(arn: &str, cx: &dyn Context) -> bool {
    cx.all(KindId::Function).into_iter().any(|function| {
        let function = cx.get_planned::<Function>(function).or_else(|| cx.get_live(function));
        function.is_some_and(|function| function.layers.iter().any(|layer| layer == arn))
    })
}
