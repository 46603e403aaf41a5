//! Observes scaling configurations, declared or not.

use aws_sdk_lambda::types::FunctionScalingConfig;

use super::spec::{Scaling, qualifier};
use crate::kinds::{function, version};
use crate::resource::{Context, Declare as _, Discovered, Observed, ResourceRef, State};
use crate::wire::{GetFunctionScalingConfigInputBuilder, GetFunctionScalingConfigOutput, Missing, ReadCache};

impl crate::resource::Observe for Scaling {
    fn observe(
        at: &ResourceRef,
        _desired: Option<&Scaling>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<Scaling>>, Missing> {
        if !is_managed(at, cache)? {
            return Ok(None);
        }
        let live = cache.reply(reading(at))?.map(|reply| observed(at, reply));
        Ok(live.filter(|live| live.value != Scaling::default()))
    }

    fn discover(parent: &ResourceRef, _cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        if !is_managed(parent, cache)? {
            return Ok(Vec::new());
        }
        let places = places(parent, cache)?;
        let live = Missing::join_all(places.iter().map(|at| Self::observe(at, None, cache)))?;
        let found = places.into_iter().zip(live);
        Ok(found.filter_map(|(at, live)| live.map(|live| Discovered::new(at, live.identity))).collect())
    }
}

/// Returns the places at which a function on managed instances may have a scaling config: `$LATEST.PUBLISHED`, and every numbered version.
pub(super) fn places(parent: &ResourceRef, cache: &ReadCache) -> Result<Vec<ResourceRef>, Missing> {
    let mut places = vec![parent.sibling(Scaling::KIND)];
    for config in version::listing::numbered(parent.outer(), cache)? {
        let number = config.version().unwrap_or_default();
        places.push(parent.below(Scaling::KIND, number, number));
    }
    Ok(places)
}

pub(super) fn reading(at: &ResourceRef) -> GetFunctionScalingConfigInputBuilder {
    GetFunctionScalingConfigInputBuilder::default().function_name(at.outer()).qualifier(qualifier(at))
}

/// Returns true if the function exists and runs on managed instances; AWS rejects the read for any other.
pub(super) fn is_managed(at: &ResourceRef, cache: &ReadCache) -> Result<bool, Missing> {
    let reply = cache.reply(function::reading(at.outer()))?;
    let config = reply.and_then(|reply| reply.configuration());
    Ok(config.is_some_and(|config| config.capacity_provider_config().is_some()))
}

/// Returns the requested configuration, which is in force once the applied one is the same.
pub(super) fn observed(at: &ResourceRef, reply: &GetFunctionScalingConfigOutput) -> Observed<Scaling> {
    let value = |config: &FunctionScalingConfig| Scaling {
        min_execution_environments: config.min_execution_environments(),
        max_execution_environments: config.max_execution_environments(),
    };
    let applied = reply.applied_function_scaling_config().map(value).unwrap_or_default();
    let asked = reply.requested_function_scaling_config().map(value);
    let is_settled = asked.as_ref().is_none_or(|asked| *asked == applied);
    let mut live = Observed::new(qualifier(at), asked.unwrap_or(applied));
    if !is_settled {
        live.state = State::updating("execution environments start and stop");
    }
    live
}
