//! Observes layers' policies, declared or not.

use super::spec::LayerPermissions;
use crate::kinds::layer;
use crate::resource::{ApplyWrites as _, Context, Declare as _, Discovered, Observed, ResourceRef};
use crate::wire::{GetLayerVersionPolicyInputBuilder, Missing, ReadCache, Reply};

impl crate::resource::Observe for LayerPermissions {
    fn observe(
        at: &ResourceRef,
        desired: Option<&LayerPermissions>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<LayerPermissions>>, Missing> {
        let Some(newest) = layer::newest(layer::name(at), cache)? else { return Ok(None) };
        let reply = cache.reply(reading(at, newest))?.cloned();
        Ok(reply.and_then(|reply| Self::read_response(at, desired, &Reply::GetLayerVersionPolicy(Box::new(reply)))))
    }

    fn discover(parent: &ResourceRef, _cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        if parent.names.len() > 1 {
            // The policy of an old version goes with it.
            return Ok(Vec::new());
        }
        let live = Self::observe(parent, None, cache)?;
        Ok(Discovered::sibling(parent, Self::KIND, live))
    }
}

pub(super) fn reading(at: &ResourceRef, version: i64) -> GetLayerVersionPolicyInputBuilder {
    GetLayerVersionPolicyInputBuilder::default().layer_name(layer::name(at)).version_number(version)
}
