//! Observes provisioned concurrency, declared or not.

use aws_sdk_lambda::types::{ProvisionedConcurrencyConfigListItem, ProvisionedConcurrencyStatusEnum};

use super::spec::ProvisionedConcurrency;
use crate::kinds::version;
use crate::resource::{Context, Declare as _, Discovered, Observed, ResourceRef, State};
use crate::wire::{
    GetProvisionedConcurrencyConfigInputBuilder, ListProvisionedConcurrencyConfigsInputBuilder,
    ListProvisionedConcurrencyConfigsOutput, Missing, ReadCache,
};

impl crate::resource::Observe for ProvisionedConcurrency {
    fn observe(
        at: &ResourceRef,
        _desired: Option<&ProvisionedConcurrency>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<ProvisionedConcurrency>>, Missing> {
        let pages = cache.pages(listing(at.outer()))?;
        if is_unmodelled(&pages) {
            let reply = cache.reply(reading(at))?;
            return Ok(reply.and_then(|reply| {
                observed(
                    at,
                    reply.requested_provisioned_concurrent_executions(),
                    reply.status(),
                    reply.status_reason().unwrap_or_default(),
                )
            }));
        }
        let mut items = pages.iter().flat_map(|page| page.provisioned_concurrency_configs());
        Ok(items.find(|item| qualifier_of(item, at) == Some(at.own())).and_then(|item| {
            observed(
                at,
                item.requested_provisioned_concurrent_executions(),
                item.status(),
                item.status_reason().unwrap_or_default(),
            )
        }))
    }

    fn discover(parent: &ResourceRef, _cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        if parent.names.len() > 1 {
            let live = Self::observe(parent, None, cache)?;
            return Ok(Discovered::sibling(parent, Self::KIND, live));
        }
        // Without a version there is no alias either, so nothing to keep warm and nothing to list.
        if version::listing::numbered(parent.outer(), cache)?.is_empty() {
            return Ok(Vec::new());
        }
        let pages = cache.pages(listing(parent.outer()))?;
        let items = pages.iter().flat_map(|page| page.provisioned_concurrency_configs());
        // What belongs to an alias is found below the alias.
        let numbers = items.filter_map(|item| qualifier_of(item, parent)).filter(|name| version::is_number(name));
        Ok(numbers.map(|name| Discovered::new(parent.below(Self::KIND, name, name), name)).collect())
    }
}

pub(super) fn listing(function: &str) -> ListProvisionedConcurrencyConfigsInputBuilder {
    ListProvisionedConcurrencyConfigsInputBuilder::default().function_name(function)
}

pub(super) fn reading(at: &ResourceRef) -> GetProvisionedConcurrencyConfigInputBuilder {
    GetProvisionedConcurrencyConfigInputBuilder::default().function_name(at.outer()).qualifier(at.own())
}

/// Returns true if the server answered without knowing the listing: AWS always sends the list, if only an empty one.
pub(super) fn is_unmodelled(pages: &[&ListProvisionedConcurrencyConfigsOutput]) -> bool {
    // An empty listing stands for a 404 too, which some servers return for a function that exists.
    pages.is_empty() || pages.iter().any(|page| page.provisioned_concurrency_configs.is_none())
}

/// The alias or version that an item is for, if it is one of this function.
pub(super) fn qualifier_of<'i>(item: &'i ProvisionedConcurrencyConfigListItem, at: &ResourceRef) -> Option<&'i str> {
    let (arn, qualifier) = item.function_arn()?.rsplit_once(':')?;
    arn.ends_with(&format!(":function:{}", at.outer())).then_some(qualifier)
}

pub(super) fn observed(
    at: &ResourceRef,
    requested: Option<i32>,
    status: Option<&ProvisionedConcurrencyStatusEnum>,
    reason: &str,
) -> Option<Observed<ProvisionedConcurrency>> {
    let failed = status == Some(&ProvisionedConcurrencyStatusEnum::Failed);
    let value = ProvisionedConcurrency { provisioned_concurrent_executions: Some(requested?), failed: Some(failed) };
    let mut live = Observed::new(at.own(), value);
    live.state = match status {
        Some(ProvisionedConcurrencyStatusEnum::Failed) => {
            State::Failed { code: "FAILED".to_owned(), reason: reason.to_owned() }
        }
        Some(ProvisionedConcurrencyStatusEnum::InProgress) => {
            State::updating("the allocation of provisioned concurrency")
        }
        _ => State::Settled,
    };
    Some(live)
}
