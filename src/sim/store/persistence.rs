//! How a region gets to disk and back.

use std::sync::Arc;

use serde::Serialize;

use super::collection::Collection;
use super::disk::{DataDir, file_name};
use super::documents::{CapacityProvider, DocumentKey, Layer, Mapping, Region, SigningConfig, Tombstone};
use super::function::Function;
use super::history::Before;

/// Writes what changed in a region, and arranges for it to settle. Tells how that was before. What cannot be written is put back as
/// it was, so that readers see what is on disk and nothing more, and are served although nothing can be written any longer.
pub(crate) fn persist(store: Option<&DataDir>, name: &str, region: &mut Region) -> (Vec<Before>, anyhow::Result<()>) {
    let mut keeping = Persistence { store, name, previous: Vec::new(), kept: Ok(()) };
    keeping.write("functions", &mut region.functions, Before::Function);
    keeping.write("mappings", &mut region.mappings, Before::Mapping);
    keeping.write("tombstones", &mut region.tombstones, Before::Tombstone);
    keeping.write("layers", &mut region.layers, Before::Layer);
    keeping.write("signing", &mut region.signing_configs, Before::SigningConfig);
    keeping.write("capacity", &mut region.capacity_providers, Before::CapacityProvider);
    let Persistence { previous, kept, .. } = keeping;
    for thing in previous.iter().filter_map(Before::thing) {
        region.schedule(thing);
    }
    (previous, kept)
}

/// The documents of one region on their way to disk, up to the first that does not get there.
struct Persistence<'a> {
    store: Option<&'a DataDir>,
    name: &'a str,
    previous: Vec<Before>,
    kept: anyhow::Result<()>,
}

impl Persistence<'_> {
    fn write<T: Clone + Serialize>(
        &mut self,
        folder: &str,
        collection: &mut Collection<T>,
        before: impl Fn(String, Option<Arc<T>>) -> Before,
    ) {
        for (key, was) in collection.take_changes() {
            if let (Ok(()), Some(store)) = (&self.kept, self.store) {
                let path = format!("{}/{folder}/{}", self.name, file_name(&key));
                self.kept = match collection.get(&key) {
                    Some(document) => store.put(&path, document),
                    None => store.remove(&path),
                };
            }
            match self.kept {
                Ok(()) => self.previous.push(before(key, was)),
                Err(_) => collection.revert(&key, was),
            }
        }
    }
}

/// What an earlier run left of a region.
pub(crate) fn restore(store: &DataDir, name: &str) -> anyhow::Result<Region> {
    let mut region = Region::default();
    store.documents(&format!("{name}/functions"), |key, function: Function| {
        region.functions.restore(&key, function.get_shared());
        region.schedule(DocumentKey::Function(key));
    })?;
    store.documents(&format!("{name}/tombstones"), |key, leaving: Tombstone| {
        region.tombstones.restore(&key, leaving);
        region.schedule(DocumentKey::Tombstone(key));
    })?;
    store.documents(&format!("{name}/layers"), |key, layer: Layer| {
        region.layers.restore(&key, layer);
    })?;
    store.documents(&format!("{name}/signing"), |key, config: SigningConfig| {
        region.signing_configs.restore(&key, config);
    })?;
    store.documents(&format!("{name}/capacity"), |key, provider: CapacityProvider| {
        region.capacity_providers.restore(&key, provider);
        region.schedule(DocumentKey::CapacityProvider(key));
    })?;
    store.documents(&format!("{name}/mappings"), |key, mapping: Mapping| {
        region.mappings.restore(&key, mapping);
        region.schedule(DocumentKey::Mapping(key));
    })?;
    Ok(region)
}
