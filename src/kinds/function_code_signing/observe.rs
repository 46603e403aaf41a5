//! Observes functions' code signing configurations, declared or not.

use super::spec::FunctionCodeSigning;
use crate::model::KindId;
use crate::resource::{ApplyWrites as _, Context, Declare as _, Discovered, Observed, ResourceRef};
use crate::wire::{FailureClass, GetFunctionCodeSigningConfigInputBuilder, Missing, ReadCache, Reply};

impl crate::resource::Observe for FunctionCodeSigning {
    fn observe(
        at: &ResourceRef,
        desired: Option<&FunctionCodeSigning>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<FunctionCodeSigning>>, Missing> {
        let reply = cache.reply(reading(at))?.cloned();
        Ok(reply
            .and_then(|reply| Self::read_response(at, desired, &Reply::GetFunctionCodeSigningConfig(Box::new(reply)))))
    }

    fn discover(parent: &ResourceRef, _cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        match Self::observe(parent, None, cache) {
            Ok(live) => Ok(Discovered::sibling(parent, Self::KIND, live)),
            // This is how Lambda answers for a container image.
            Err(Missing::Failed(failure)) if failure.class == FailureClass::Invalid => Ok(Vec::new()),
            Err(missing) => Err(missing),
        }
    }
}

/// Returns true if no resource of this type manages the function's configuration, so that it would be set at creation and never again.
pub fn is_unattended(at: &ResourceRef, cx: &dyn Context) -> bool {
    cx.declared(&at.address.sibling(KindId::FunctionCodeSigning)).is_none()
}

pub(super) fn reading(at: &ResourceRef) -> GetFunctionCodeSigningConfigInputBuilder {
    GetFunctionCodeSigningConfigInputBuilder::default().function_name(at.outer())
}
