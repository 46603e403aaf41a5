//! Observes runtime management configurations, declared or not.

use aws_sdk_lambda::types::{PackageType, UpdateRuntimeOn};

use super::spec::{AUTO, RuntimeManagement, qualifier};
use crate::kinds::function;
use crate::resource::{Context, Declare as _, Discovered, Observed, ResourceRef};
use crate::wire::{GetRuntimeManagementConfigInputBuilder, Missing, ReadCache};

impl crate::resource::Observe for RuntimeManagement {
    fn observe(
        at: &ResourceRef,
        _desired: Option<&RuntimeManagement>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<RuntimeManagement>>, Missing> {
        if !has_runtime(at, cache)? {
            return Ok(None);
        }
        let set = cache.reply(reading(at))?.and_then(|reply| reply.update_runtime_on().map(|on| (on, reply)));
        Ok(set.map(|(on, reply)| observed(at, on, reply.runtime_version_arn().map(str::to_owned))))
    }

    fn discover(parent: &ResourceRef, _cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        // What a published version took along is its history, and costs a read each; AWS's default says nothing.
        let live = Self::observe(parent, None, cache)?.filter(|live| live.value.update_runtime_on != AUTO);
        Ok(Discovered::sibling(parent, Self::KIND, live))
    }
}

pub(super) fn reading(at: &ResourceRef) -> GetRuntimeManagementConfigInputBuilder {
    GetRuntimeManagementConfigInputBuilder::default().function_name(at.outer()).qualifier(qualifier(at))
}

/// Returns true if the function exists and has a runtime of AWS's; AWS rejects the read for a container image.
pub(super) fn has_runtime(at: &ResourceRef, cache: &ReadCache) -> Result<bool, Missing> {
    let reply = cache.reply(function::reading(at.outer()))?;
    let config = reply.and_then(|reply| reply.configuration());
    Ok(config.is_some_and(|config| config.package_type() != Some(&PackageType::Image)))
}

pub(super) fn observed(at: &ResourceRef, on: &UpdateRuntimeOn, build: Option<String>) -> Observed<RuntimeManagement> {
    let value = RuntimeManagement { update_runtime_on: on.as_str().to_owned(), runtime_version_arn: build };
    Observed::new(qualifier(at), value)
}
