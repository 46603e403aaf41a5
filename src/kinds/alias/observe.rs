//! Observes aliases, declared or not.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_lambda::types::AliasConfiguration;
use serde_json::json;

use super::spec::{Alias, RoutingConfig, arn};
use super::weights::{has_more_weights, is_moving};
use crate::model::AttributeName;
use crate::resource::{Context, Declare as _, Discovered, Observed, ResourceRef, State};
use crate::wire::{ListAliasesInputBuilder, Missing, ReadCache};

impl crate::resource::Observe for Alias {
    fn observe(
        at: &ResourceRef,
        desired: Option<&Alias>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<Alias>>, Missing> {
        let pages = cache.pages(listing(at.outer()))?;
        let found = pages.iter().flat_map(|page| page.aliases()).find(|alias| alias.name() == Some(at.own()));
        let Some(mut live) = found.map(|alias| observed(at, alias)) else { return Ok(None) };
        if let Some(desired) = desired.filter(|desired| has_more_weights(&live.value, desired))
            && is_moving(at, cache)?
        {
            // The weights are AWS's own, and go by themselves.
            live.value.routing_config.clone_from(&desired.routing_config);
            live.state = State::updating("AWS is moving the alias's provisioned concurrency");
        }
        Ok(Some(live))
    }

    fn discover(parent: &ResourceRef, _cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        let pages = cache.pages(listing(parent.outer()))?;
        let names = pages.iter().flat_map(|page| page.aliases()).filter_map(|alias| alias.name());
        Ok(names.map(|name| Discovered::new(parent.below(Self::KIND, name, name), name)).collect())
    }
}

/// The read that knows every alias of a function; others who need aliases ask for the same.
pub fn listing(function: &str) -> ListAliasesInputBuilder {
    ListAliasesInputBuilder::default().function_name(function)
}

/// Returns the versions that an alias sends traffic to.
pub fn versions_of(alias: &AliasConfiguration) -> impl Iterator<Item = &String> {
    let weights = alias.routing_config().and_then(|routing| routing.additional_version_weights());
    alias.function_version.iter().chain(weights.into_iter().flat_map(|weights| weights.keys()))
}

/// Returns the numbers of the versions that the aliases of a function send traffic to.
pub fn used_versions(function: &str, cache: &ReadCache) -> Result<BTreeSet<String>, Missing> {
    let pages = cache.pages(listing(function))?;
    let used = pages.iter().flat_map(|page| page.aliases()).flat_map(versions_of);
    Ok(used.filter(|version| version.parse::<u64>().is_ok()).cloned().collect())
}

pub(super) fn observed(at: &ResourceRef, alias: &AliasConfiguration) -> Observed<Alias> {
    let weights = alias.routing_config().and_then(|routing| routing.additional_version_weights());
    let value = Alias {
        function_version: alias.function_version().unwrap_or_default().to_owned(),
        description: alias.description().unwrap_or_default().to_owned(),
        routing_config: weights.filter(|weights| !weights.is_empty()).map(|weights| RoutingConfig {
            additional_version_weights: weights.iter().map(|(version, weight)| (version.clone(), *weight)).collect(),
        }),
    };
    let mut live = Observed::new(at.own(), value);
    live.revision = alias.revision_id().map(str::to_owned);
    live.attributes = BTreeMap::from([
        (AttributeName::ARN, json!(arn(at))),
        (AttributeName::NAME, json!(at.own())),
        (AttributeName::FUNCTION_VERSION, json!(live.value.function_version)),
    ])
    .into();
    live
}
