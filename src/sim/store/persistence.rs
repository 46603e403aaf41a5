//! How a region gets to disk and back.

use std::sync::Arc;

use serde::Serialize;

use super::collection::Shelf;
use super::disk::{Store, file_name};
use super::documents::{CapacityProvider, Layer, Leaving, Mapping, Region, SigningConfig, Thing};
use super::function::Function;
use super::history::Former;

/// Writes what changed in a region, and arranges for it to settle. Tells how that was before. What cannot be written is put back as
/// it was, so that readers see what is on disk and nothing more, and are served although nothing can be written any longer.
pub(crate) fn keep(store: Option<&Store>, name: &str, region: &mut Region) -> (Vec<Former>, anyhow::Result<()>) {
    let mut keeping = Keeping { store, name, formers: Vec::new(), kept: Ok(()) };
    keeping.write("functions", &mut region.functions, Former::Function);
    keeping.write("mappings", &mut region.mappings, Former::Mapping);
    keeping.write("leaving", &mut region.leaving, Former::Leaving);
    keeping.write("layers", &mut region.layers, Former::Layer);
    keeping.write("signing", &mut region.signing_configs, Former::SigningConfig);
    keeping.write("capacity", &mut region.capacity_providers, Former::CapacityProvider);
    let Keeping { formers, kept, .. } = keeping;
    for thing in formers.iter().filter_map(Former::thing) {
        region.wait_for(thing);
    }
    (formers, kept)
}

/// The documents of one region on their way to disk, up to the first that does not get there.
struct Keeping<'a> {
    store: Option<&'a Store>,
    name: &'a str,
    formers: Vec<Former>,
    kept: anyhow::Result<()>,
}

impl Keeping<'_> {
    fn write<T: Clone + Serialize>(
        &mut self,
        folder: &str,
        shelf: &mut Shelf<T>,
        former: impl Fn(String, Option<Arc<T>>) -> Former,
    ) {
        for (key, was) in shelf.take_touched() {
            if let (Ok(()), Some(store)) = (&self.kept, self.store) {
                let path = format!("{}/{folder}/{}", self.name, file_name(&key));
                self.kept = match shelf.get(&key) {
                    Some(document) => store.put(&path, document),
                    None => store.remove(&path),
                };
            }
            match self.kept {
                Ok(()) => self.formers.push(former(key, was)),
                Err(_) => shelf.put_back(&key, was),
            }
        }
    }
}

/// What an earlier run left of a region.
pub(crate) fn restore(store: &Store, name: &str) -> anyhow::Result<Region> {
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
