//! The traffic weights of an alias, and the difference between AWS's own weights and a user's.

use super::catalog::{V055, V057, V058};
use std::collections::BTreeMap;

use aws_sdk_lambda::types::ProvisionedConcurrencyStatusEnum;

use super::spec::{Alias, arn};
use crate::model::{FieldLocation, FieldPath, Findings};
use crate::resource::ResourceRef;
use crate::wire::{ListProvisionedConcurrencyConfigsInputBuilder, Missing, ReadCache};

/// Finds shares that there cannot be.
pub fn check(spec: &Alias, findings: &mut Findings) {
    let Some(routing) = &spec.routing_config else { return };
    for version in routing.additional_version_weights.keys() {
        let field = FieldPath::from("routing_config.additional_version_weights").then(version);
        let field = FieldLocation::key(field);
        if !version.chars().all(|c| c.is_ascii_digit()) {
            findings
                .error(V055, field, format!("`{version}` is not a version that can receive traffic"))
                .help("use the number of a published version");
        } else if *version == spec.function_version {
            findings
                .error(V058, field, format!("the alias already points to version {version}"))
                .help("use another version, or remove the weight");
        }
    }
    if spec.function_version.starts_with('$') && !routing.additional_version_weights.is_empty() {
        findings
            .error(V057, "function_version", "an alias that splits traffic cannot point to $LATEST")
            .help("point it to a published version");
    }
}

/// Returns true if a live alias has all the declared weights and more, as it has while AWS moves its traffic.
pub fn has_more_weights(live: &Alias, desired: &Alias) -> bool {
    let weights =
        |alias: &Alias| alias.routing_config.clone().map_or_else(BTreeMap::new, |it| it.additional_version_weights);
    let (live, desired) = (weights(live), weights(desired));
    live != desired && desired.iter().all(|(version, weight)| live.get(version).is_some_and(|live| live >= weight))
}

/// Returns true if AWS is reallocating provisioned concurrency of the alias.
pub fn is_moving(at: &ResourceRef, cache: &ReadCache) -> Result<bool, Missing> {
    let configs = ListProvisionedConcurrencyConfigsInputBuilder::default().function_name(at.outer());
    let pages = match cache.pages(configs) {
        Ok(pages) => pages,
        Err(missing @ (Missing::Reads(_) | Missing::Postponed)) => return Err(missing),
        // Without the listing, the weights count as a user's.
        Err(_) => return Ok(false),
    };
    Ok(pages.iter().flat_map(|page| page.provisioned_concurrency_configs()).any(|config| {
        config.function_arn() == Some(arn(at).as_str())
            && config.status() == Some(&ProvisionedConcurrencyStatusEnum::InProgress)
    }))
}
