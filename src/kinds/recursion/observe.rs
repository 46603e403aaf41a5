//! Observes recursion configurations, declared or not.

use aws_sdk_lambda::types::RecursiveLoop;

use super::spec::{Recursion, TERMINATE};
use crate::resource::{Context, Declare as _, Discovered, Observed, ResourceRef};
use crate::wire::{GetFunctionRecursionConfigInputBuilder, Missing, ReadCache};

/// The identity of the only one below a function.
pub(super) const IDENTITY: &str = "recursion";

impl crate::resource::Observe for Recursion {
    fn observe(
        at: &ResourceRef,
        _desired: Option<&Recursion>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<Recursion>>, Missing> {
        let reply = cache.reply(reading(at))?;
        Ok(reply.and_then(|reply| reply.recursive_loop()).map(observed))
    }

    fn discover(parent: &ResourceRef, _cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        // What is at AWS's default says nothing.
        let live = Self::observe(parent, None, cache)?.filter(|live| live.value.recursive_loop != TERMINATE);
        Ok(Discovered::sibling(parent, Self::KIND, live))
    }
}

pub(super) fn reading(at: &ResourceRef) -> GetFunctionRecursionConfigInputBuilder {
    GetFunctionRecursionConfigInputBuilder::default().function_name(at.outer())
}

pub(super) fn observed(set: &RecursiveLoop) -> Observed<Recursion> {
    Observed::new(IDENTITY, Recursion { recursive_loop: set.as_str().to_owned() })
}
