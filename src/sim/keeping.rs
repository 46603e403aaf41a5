//! How a region gets to disk and back.

use std::sync::Arc;

use serde::Serialize;

use super::capacity::CapacityProvider;
use super::layers::Layer;
use super::past::Former;
use super::shelf::Shelf;
use super::signing::SigningConfig;
use super::state::{Function, Leaving, Mapping, Region, Thing};
use super::store::{Store, file_name};

/// Writes what changed in a region, and arranges for it to settle. Tells how that was before, even if not all could be written:
/// it changed all the same.
pub(super) fn keep(store: Option<&Store>, name: &str, region: &mut Region) -> (Vec<Former>, anyhow::Result<()>) {
    let mut formers = Vec::new();
    let kept = write_all(store, name, region, &mut formers);
    for thing in formers.iter().filter_map(Former::thing) {
        region.wait_for(thing);
    }
    (formers, kept)
}

fn write_all(store: Option<&Store>, name: &str, region: &mut Region, out: &mut Vec<Former>) -> anyhow::Result<()> {
    write(store, &format!("{name}/functions"), &mut region.functions, Former::Function, out)?;
    write(store, &format!("{name}/mappings"), &mut region.mappings, Former::Mapping, out)?;
    write(store, &format!("{name}/leaving"), &mut region.leaving, Former::Leaving, out)?;
    write(store, &format!("{name}/layers"), &mut region.layers, Former::Layer, out)?;
    write(store, &format!("{name}/signing"), &mut region.signing_configs, Former::SigningConfig, out)?;
    write(store, &format!("{name}/capacity"), &mut region.capacity_providers, Former::CapacityProvider, out)
}

fn write<T: Clone + Serialize>(
    store: Option<&Store>,
    folder: &str,
    shelf: &mut Shelf<T>,
    former: impl Fn(String, Option<Arc<T>>) -> Former,
    out: &mut Vec<Former>,
) -> anyhow::Result<()> {
    let touched = shelf.take_touched();
    if let Some(store) = store {
        for key in touched.keys() {
            let path = format!("{folder}/{}", file_name(key));
            let written = match shelf.get(key) {
                Some(document) => store.put(&path, document),
                None => store.remove(&path),
            };
            if let Err(error) = written {
                shelf.touch_again(touched);
                return Err(error);
            }
        }
    }
    out.extend(touched.into_iter().map(|(key, was)| former(key, was)));
    Ok(())
}

/// What an earlier run left of a region.
pub(super) fn restore(store: &Store, name: &str) -> anyhow::Result<Region> {
    let mut region = Region::default();
    store.documents(&format!("{name}/functions"), |key, function: Function| {
        region.functions.restore(&key, function.share());
        region.wait_for(Thing::Function(key));
    })?;
    store.documents(&format!("{name}/leaving"), |key, leaving: Leaving| {
        region.leaving.restore(&key, leaving);
        region.wait_for(Thing::Leaving(key));
    })?;
    store.documents(&format!("{name}/layers"), |key, layer: Layer| {
        region.layers.restore(&key, layer);
    })?;
    store.documents(&format!("{name}/signing"), |key, config: SigningConfig| {
        region.signing_configs.restore(&key, config);
    })?;
    store.documents(&format!("{name}/capacity"), |key, provider: CapacityProvider| {
        region.capacity_providers.restore(&key, provider);
        region.wait_for(Thing::CapacityProvider(key));
    })?;
    store.documents(&format!("{name}/mappings"), |key, mapping: Mapping| {
        region.mappings.restore(&key, mapping);
        region.wait_for(Thing::Mapping(key));
    })?;
    Ok(region)
}
