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
        let mut live = find::search(at, desired, cache)?;
        if let (None, Some(live)) = (desired, &mut live) {
            live.notes.extend(running(&live.value));
        }
        Ok(live)
    }

    fn discover(parent: &ResourceRef, cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        undeclared::discover(parent, cx, cache)
    }
}

/// Returns a note on an undeclared mapping that goes on to invoke its function.
fn running(live: &EventSourceMapping) -> Option<String> {
    let source = live.event_source_arn.as_deref().unwrap_or("its self-managed cluster");
    live.enabled.then(|| format!("it is enabled and reads from {source}"))
}
