//! Observes layers, declared or not.

use super::spec::{Layer, name};
use super::versions::{listed, numbered, reading};
use crate::kinds::shared::retention::NewerVersions;
use crate::resource::{ApplyWrites as _, Context, Discovered, Extra, Observed, ResourceRef};
use crate::wire::{Missing, ReadCache, Reply};

/// The numbers of all versions of a layer, the oldest first.
pub(super) struct Numbers(pub(super) Vec<i64>);

impl crate::resource::Observe for Layer {
    fn observe(
        at: &ResourceRef,
        _desired: Option<&Layer>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<Layer>>, Missing> {
        let all = numbered(name(at), cache)?;
        if let [_, own] = &*at.names {
            let Some(place) = all.iter().position(|item| item.version().to_string() == *own) else { return Ok(None) };
            let mut live = listed(at, all[place]);
            live.extra = Extra::of(NewerVersions(place));
            return Ok(Some(live));
        }
        let Some(newest) = all.first() else { return Ok(None) };
        let reply = cache.reply(reading(name(at), newest.version()))?;
        let mut live =
            reply.and_then(|reply| Self::read_response(at, None, &Reply::GetLayerVersion(Box::new(reply.clone()))));
        if let Some(live) = &mut live {
            let numbers: Vec<i64> = all.iter().rev().map(|item| item.version()).collect();
            live.extra = Extra::of(Numbers(numbers));
        }
        Ok(live)
    }

    fn discover(parent: &ResourceRef, cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        super::retention::old_versions(parent, cx, cache)
    }

    fn still_surplus(at: &ResourceRef, live: &Observed<Layer>, cx: &dyn Context) -> bool {
        super::retention::still_surplus(at, live, cx)
    }
}
