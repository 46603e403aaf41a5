//! The retention of a function's versions: all but the newest and those that something uses are deleted.
//!
//! A plan that publishes makes one more version old, and a plan that moves an alias makes one more unused. So that the
//! plan after it has nothing left to delete, the choice falls in two steps: what might have to go is found while
//! observing, and what really has to is decided when everything else is planned.

use std::collections::BTreeSet;

use super::listing;
use super::spec::Version;
use crate::kinds::alias::{self, Alias};
use crate::kinds::shared::retention::NewerVersions;
use crate::model::{Address, AttributeName, KindId, StepReasonKind};
use crate::resource::{Attribute, Context, Discovered, Observed, ResourceRef, State};
use crate::wire::{
    ListAliasesOutput, ListEventSourceMappingsInputBuilder, ListProvisionedConcurrencyConfigsInputBuilder,
    ListProvisionedConcurrencyConfigsOutput, Missing, ReadCache,
};

/// The old versions of a function, and what was read to know who uses them.
pub struct Uses<'c> {
    old: Vec<String>,
    aliases: Vec<&'c ListAliasesOutput>,
    provisioned: Vec<&'c ListProvisionedConcurrencyConfigsOutput>,
    /// The old versions that event source mappings invoke.
    mapped: BTreeSet<String>,
}

/// Returns the old versions with everything that may use them.
pub fn uses<'c>(function: &str, keep: u32, cache: &'c ReadCache) -> Result<Uses<'c>, Missing> {
    let old = old(function, keep, cache)?;
    if old.is_empty() {
        return Ok(Uses { old, aliases: Vec::new(), provisioned: Vec::new(), mapped: BTreeSet::new() });
    }
    let mapped = Missing::join_all(old.iter().map(|number| {
        let pages = cache.pages(mappings(function, number))?;
        Ok(pages.iter().any(|page| !page.event_source_mappings().is_empty()).then(|| number.clone()))
    }));
    let listings = Missing::join(cache.pages(alias::listing(function)), cache.pages(provisioned(function)));
    let ((aliases, provisioned), mapped) = Missing::join(listings, mapped)?;
    Ok(Uses { old, aliases, provisioned, mapped: mapped.into_iter().flatten().collect() })
}

/// The versions that have to go unless the plan says otherwise.
pub fn candidates(
    parent: &ResourceRef,
    keep: u32,
    cx: &dyn Context,
    cache: &ReadCache,
) -> Result<Vec<Discovered>, Missing> {
    let Uses { old, aliases, provisioned, mapped: mut used } = uses(parent.outer(), keep, cache)?;
    let declared = declared_aliases(&parent.address, cx);
    let foreign = |name: &str| !declared.iter().any(|address| address.keys.last().is_some_and(|key| key == name));
    let aliases = aliases.iter().flat_map(|page| page.aliases());
    for alias in aliases.filter(|alias| alias.name().is_none_or(foreign)) {
        used.extend(alias::versions_of(alias).cloned());
    }
    let provisioned = provisioned.iter().flat_map(|page| page.provisioned_concurrency_configs());
    let arns = provisioned.filter_map(|config| config.function_arn());
    used.extend(arns.filter_map(|arn| arn.rsplit(':').next()).map(str::to_owned));
    let unused = old.into_iter().filter(|number| !used.contains(number));
    let found = unused.map(|number| {
        let at = parent.below(KindId::Version, &number, &number);
        Discovered {
            surplus: Some(StepReasonKind::NotRetained { retain_versions: keep }.into()),
            ..Discovered::new(at, number)
        }
    });
    Ok(found.collect())
}

/// Returns true if the version is still to be deleted, now that publications and aliases are planned.
pub fn still_surplus(at: &ResourceRef, live: &Observed<Version>, cx: &dyn Context) -> bool {
    let function = at.address.outermost(KindId::Function);
    let version = at.address.outermost(KindId::Version);
    let Some(keep) = cx.get::<Version>(&version).and_then(|version| version.retain_versions) else {
        return false;
    };
    let next = match cx.attribute(&version, &AttributeName::VERSION) {
        Some(Attribute::Predicted(next)) => next.as_str().and_then(|next| next.parse::<u64>().ok()),
        _ => None,
    };
    let own = at.own().parse::<u64>().unwrap_or(u64::MAX);
    if next.is_some_and(|next| next <= own) {
        // Numbers start from 1 again only with a new function, and its old versions are deleted with the old one.
        return false;
    }
    if next.is_none() && cx.observed(&version).is_some_and(|live| live.identity == at.own()) {
        // It is what the function is compared with, because the newer ones failed.
        return false;
    }
    let newer = live.extra.get::<NewerVersions>().map_or(0, |newer| newer.0 as u64) + u64::from(next.is_some());
    newer >= u64::from(keep) && !declared_aliases(&function, cx).into_iter().any(|alias| points_to(alias, at.own(), cx))
}

/// Returns true if a declared alias will point to the version, or is not sure to have left it.
fn points_to(address: &Address, version: &str, cx: &dyn Context) -> bool {
    let names = |alias: &Alias| alias.sends_to(version);
    let is_settled = cx.observed(address).is_none_or(|live| live.state == State::Settled);
    match cx.get_planned(address) {
        Some(planned) if is_settled => names(planned),
        planned => planned.is_some_and(names) || cx.get_live(address).is_some_and(names),
    }
}

/// The declared aliases of a function.
fn declared_aliases<'a>(function: &Address, cx: &'a dyn Context) -> Vec<&'a Address> {
    cx.below(KindId::Alias, &function.keys[..1])
}

/// The versions that are not among the newest ones, counting one that the plan may publish; the oldest first.
fn old(function: &str, keep: u32, cache: &ReadCache) -> Result<Vec<String>, Missing> {
    let numbers = listing::numbered(function, cache)?;
    let kept = (keep as usize).saturating_sub(1);
    Ok(numbers.iter().skip(kept).rev().filter_map(|config| config.version()).map(str::to_owned).collect())
}

fn provisioned(function: &str) -> ListProvisionedConcurrencyConfigsInputBuilder {
    ListProvisionedConcurrencyConfigsInputBuilder::default().function_name(function)
}

fn mappings(function: &str, version: &str) -> ListEventSourceMappingsInputBuilder {
    ListEventSourceMappingsInputBuilder::default().function_name(format!("{function}:{version}"))
}
