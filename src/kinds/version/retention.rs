//! Which old versions may go: all but the newest ones and those that something uses.
//!
//! A plan that publishes makes one more version old, and a plan that moves an alias makes one more unused. So that the
//! plan after it has nothing left to delete, the choice falls in two steps: what might have to go is found while
//! observing, and what really has to is decided when everything else is planned.

use std::collections::BTreeSet;

use serde_json::Value;

use super::listing;
use crate::kinds::alias::{self, Alias};
use crate::model::{Address, KindId};
use crate::resource::{Attribute, Context, Discovered, Observed, ResourceRef, State};
use crate::wire::{
    Call, ListEventSourceMappingsInputBuilder, ListProvisionedConcurrencyConfigsInputBuilder, ReadCache, ReadError,
    TypedCall,
};

/// The attribute of an old version that counts the versions which are newer.
pub const NEWER: &str = "newer";

/// What has to be read to know what uses the old versions.
pub fn reads(function: &str, keep: u32, seen: &ReadCache) -> Vec<Call> {
    let old = old(function, keep, seen).unwrap_or_default();
    if old.is_empty() {
        return Vec::new();
    }
    let mut calls = vec![alias::listing(function).call(), provisioned(function).call()];
    calls.extend(old.iter().map(|number| mappings(function, number).call()));
    calls
}

/// The versions that have to go unless the plan says otherwise.
pub fn candidates(
    parent: &ResourceRef,
    keep: u32,
    around: &dyn Context,
    seen: &ReadCache,
) -> Result<Vec<Discovered>, ReadError> {
    let function = parent.outer();
    let old = old(function, keep, seen)?;
    if old.is_empty() {
        return Ok(Vec::new());
    }
    let declared = aliases(&parent.address, around);
    let mut used = BTreeSet::new();
    for page in seen.pages(alias::listing(function))? {
        let foreign = |name: &str| !declared.iter().any(|address| address.keys.last().is_some_and(|key| key == name));
        for alias in page.aliases().iter().filter(|alias| alias.name().is_none_or(foreign)) {
            used.extend(alias.function_version().map(str::to_owned));
            let weights = alias.routing_config().and_then(|routing| routing.additional_version_weights());
            used.extend(weights.into_iter().flatten().map(|(version, _)| version.clone()));
        }
    }
    for page in seen.pages(provisioned(function))? {
        let arns = page.provisioned_concurrency_configs().iter().filter_map(|config| config.function_arn());
        used.extend(arns.filter_map(|arn| arn.rsplit(':').next()).map(str::to_owned));
    }
    let mut found = Vec::new();
    for number in old {
        let pages = seen.pages(mappings(function, &number))?;
        if !used.contains(&number) && pages.iter().all(|page| page.event_source_mappings().is_empty()) {
            let at = parent.below(KindId::Version, &number, &number);
            found.push(Discovered { at, identity: number, surplus: Some(format!("retain_versions is {keep}")) });
        }
    }
    Ok(found)
}

/// Whether the version still has to go, now that it is known what is published and where the aliases will point.
pub fn is_surplus(at: &ResourceRef, live: &Observed<super::Version>, around: &dyn Context) -> bool {
    let function = at.address.outermost(KindId::Function);
    let version = at.address.outermost(KindId::Version);
    let Some(keep) = around.declared(&version).and_then(|version| version.get("retain_versions")?.as_u64()) else {
        return false;
    };
    let next = match around.attribute(&version, "version") {
        Some(Attribute::Predicted(next)) => next.as_str().and_then(|next| next.parse::<u64>().ok()),
        _ => None,
    };
    let own = at.own().parse::<u64>().unwrap_or(u64::MAX);
    if next.is_some_and(|next| next <= own) {
        // Numbers begin anew only with the function, and its versions go with it.
        return false;
    }
    if next.is_none() && around.observed(&version).is_some_and(|live| live.identity == at.own()) {
        // It is what the function is compared with, because the newer ones failed.
        return false;
    }
    let newer = live.attributes.get(NEWER).and_then(Value::as_u64).unwrap_or(0) + u64::from(next.is_some());
    newer >= keep && !aliases(&function, around).into_iter().any(|alias| uses(alias, at.own(), around))
}

/// Whether a declared alias will point to the version, or cannot be told to have left it.
fn uses(address: &Address, version: &str, around: &dyn Context) -> bool {
    let names = |value: &Value| {
        serde_json::from_value::<Alias>(value.clone()).is_ok_and(|alias| {
            let weights = alias.routing_config.map(|routing| routing.additional_version_weights).unwrap_or_default();
            alias.function_version == version || weights.contains_key(version)
        })
    };
    let live = around.observed(address);
    match around.planned(address) {
        Some(planned) if live.is_none_or(|live| live.state == State::Settled) => names(planned),
        planned => planned.is_some_and(names) || live.is_some_and(|live| names(&live.value)),
    }
}

/// The declared aliases of a function.
fn aliases<'a>(function: &Address, around: &'a dyn Context) -> Vec<&'a Address> {
    around.below(KindId::Alias, &function.keys[..1])
}

/// The versions that are not among the newest ones, counting one that the plan may publish; the oldest first.
fn old(function: &str, keep: u32, seen: &ReadCache) -> Result<Vec<String>, ReadError> {
    let numbers = listing::numbered(function, seen).map_err(listing::Lack::unread)?;
    let kept = (keep as usize).saturating_sub(1);
    Ok(numbers.iter().skip(kept).rev().filter_map(|config| config.version()).map(str::to_owned).collect())
}

fn provisioned(function: &str) -> ListProvisionedConcurrencyConfigsInputBuilder {
    ListProvisionedConcurrencyConfigsInputBuilder::default().function_name(function)
}

fn mappings(function: &str, version: &str) -> ListEventSourceMappingsInputBuilder {
    ListEventSourceMappingsInputBuilder::default().function_name(format!("{function}:{version}"))
}
