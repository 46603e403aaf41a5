//! Observes reserved concurrency, declared or not.

use super::spec::ReservedConcurrency;
use crate::kinds::function;
use crate::resource::{Declare as _, Discovered, Observed, ResourceRef};
use crate::wire::{Missing, ReadCache};

impl crate::resource::Observe for ReservedConcurrency {
    fn observe(
        at: &ResourceRef,
        _desired: Option<&ReservedConcurrency>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<ReservedConcurrency>>, Missing> {
        let reply = cache.reply(function::reading(at.outer()))?;
        let reserved = reply.and_then(|reply| reply.concurrency()).and_then(|it| it.reserved_concurrent_executions());
        Ok(reserved.map(|reserved| observed(at, reserved)))
    }

    fn discover(
        parent: &ResourceRef,
        _cx: &dyn crate::resource::Context,
        cache: &ReadCache,
    ) -> Result<Vec<Discovered>, Missing> {
        let live = Self::observe(parent, None, cache)?;
        Ok(Discovered::sibling(parent, Self::KIND, live))
    }
}

pub(super) fn observed(_at: &ResourceRef, reserved: i32) -> Observed<ReservedConcurrency> {
    Observed::new("reserved", ReservedConcurrency { reserved_concurrent_executions: Some(reserved) })
}
