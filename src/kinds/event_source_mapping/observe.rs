//! Observes event source mappings, declared or not.

use super::spec::EventSourceMapping;
use super::{find, undeclared};
use crate::resource::{Context, Discovered, Observed, ResourceRef};
use crate::wire::{Missing, ReadCache};

impl crate::resource::Observe for EventSourceMapping {
    fn observe(
        at: &ResourceRef,
        desired: Option<&EventSourceMapping>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<EventSourceMapping>>, Missing> {
        find::search(at, desired, cache)
    }

    fn discover(parent: &ResourceRef, cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        undeclared::discover(parent, cx, cache)
    }
}
