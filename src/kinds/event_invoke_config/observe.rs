//! Observes asynchronous invocation configurations, declared or not.

use aws_sdk_lambda::types::FunctionEventInvokeConfig;

use super::destinations::InvokeDestinations;
use super::spec::{EventInvokeConfig, LATEST, qualifier, six_hours, two};
use crate::kinds::version;
use crate::resource::{Context, Declare as _, Discovered, Observed, ResourceRef};
use crate::wire::{ListFunctionEventInvokeConfigsInputBuilder, Missing, ReadCache};

impl crate::resource::Observe for EventInvokeConfig {
    fn observe(
        at: &ResourceRef,
        _desired: Option<&EventInvokeConfig>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<EventInvokeConfig>>, Missing> {
        let pages = cache.pages(listing(at.outer()))?;
        let mut items = pages.iter().flat_map(|page| page.function_event_invoke_configs());
        Ok(items.find(|item| of(item, at) == Some(qualifier(at))).map(|item| observed(at, item)))
    }

    fn discover(parent: &ResourceRef, _cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        let pages = cache.pages(listing(parent.outer()))?;
        let is_alias = parent.names.len() > 1;
        let qualifiers = pages.iter().flat_map(|page| page.function_event_invoke_configs());
        let found = qualifiers.filter_map(|item| of(item, parent)).filter_map(|name| match name {
            name if is_alias => (name == parent.own()).then(|| Discovered::new(parent.sibling(Self::KIND), name)),
            LATEST => Some(Discovered::new(parent.sibling(Self::KIND), name)),
            name if version::is_number(name) || name == version::LATEST_PUBLISHED => {
                Some(Discovered::new(parent.below(Self::KIND, name, name), name))
            }
            // What belongs to an alias is found below the alias.
            _ => None,
        });
        Ok(found.collect())
    }
}

/// The read that knows every one of a function.
pub(super) fn listing(function: &str) -> ListFunctionEventInvokeConfigsInputBuilder {
    ListFunctionEventInvokeConfigsInputBuilder::default().function_name(function)
}

/// The qualifier of a listed one, if it is of this function.
pub(super) fn of<'i>(item: &'i FunctionEventInvokeConfig, at: &ResourceRef) -> Option<&'i str> {
    let (arn, qualifier) = item.function_arn()?.rsplit_once(':')?;
    arn.ends_with(&format!(":function:{}", at.outer())).then_some(qualifier)
}

pub(super) fn observed(at: &ResourceRef, item: &FunctionEventInvokeConfig) -> Observed<EventInvokeConfig> {
    let value = EventInvokeConfig {
        maximum_retry_attempts: item.maximum_retry_attempts().unwrap_or_else(two),
        maximum_event_age_in_seconds: item.maximum_event_age_in_seconds().unwrap_or_else(six_hours),
        destination_config: item
            .destination_config()
            .map(InvokeDestinations::observed)
            .and_then(InvokeDestinations::given),
    };
    Observed::new(qualifier(at), value)
}
