//! Observes published versions, declared or not.

use super::content::{empty, frozen, observed, slot};
use super::listing::{Newest, number, reading};
use super::spec::{LATEST_PUBLISHED, Version};
use crate::kinds::alias::Alias;
use crate::kinds::function;
use crate::kinds::function::Function;
use crate::kinds::shared::retention::NewerVersions;
use crate::model::KindId;
use crate::resource::{Context, Discovered, Extra, Gap, Observed, ResourceRef};
use crate::wire::{Missing, ReadCache};

/// The versions of a function other than the one that it is compared with.
pub struct History {
    /// The number of the newest version of all.
    pub newest: u64,
    /// The content of the newest version, if it could not start.
    pub(super) failed: Option<Function>,
}

impl History {
    pub(super) fn of(live: &Observed<Version>) -> Option<&History> {
        live.extra.get()
    }
}

impl crate::resource::Observe for Version {
    fn observe(
        at: &ResourceRef,
        desired: Option<&Version>,
        cache: &ReadCache,
    ) -> Result<Option<Observed<Version>>, Missing> {
        if is_slot(desired) {
            let reply = cache.reply(reading(at.outer(), LATEST_PUBLISHED))?;
            return Ok(reply.and_then(|reply| reply.configuration()).map(|config| slot(at, config)));
        }
        let numbers = super::listing::numbered(at.outer(), cache)?;
        if let [_, own] = &*at.names {
            let Some(place) = numbers.iter().position(|config| config.version() == Some(own)) else { return Ok(None) };
            let mut live = observed(at, numbers[place]);
            live.extra = Extra::of(NewerVersions(place));
            return Ok(Some(live));
        }
        // Discovery will ask what uses the old versions, which takes no round of its own if it is read here.
        let retained = desired.and_then(|desired| desired.retain_versions);
        let uses = retained.map_or(Ok(()), |keep| super::retention::uses(at.outer(), keep, cache).map(drop));
        let (Newest { healthy, failed }, ()) = Missing::join(super::listing::newest(at.outer(), cache), uses)?;
        let Some(newest) = numbers.first().and_then(|config| number(config)) else { return Ok(None) };
        let mut live = match healthy {
            Some(config) => observed(at, config),
            // Nothing healthy was ever published, and still the next number is not 1.
            None => Observed::new("", empty()),
        };
        let failed_content = failed.map(|config| frozen(function::configuration(config)));
        live.extra = Extra::of(History { newest, failed: failed_content });
        if let Some(failed) = failed {
            live.notes.push(format!(
                "version {} could not start, and does not count as published",
                failed.version().unwrap_or("?")
            ));
        }
        Ok(Some(live))
    }

    fn discover(parent: &ResourceRef, cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
        let address = parent.address.sibling(KindId::Version);
        let Some(declared) = cx.get::<Version>(&address) else { return undeclared(parent, cx, cache) };
        match declared.retain_versions {
            Some(keep) => super::retention::candidates(parent, keep, cx, cache),
            // Old versions are history and not unmanaged.
            None => Ok(Vec::new()),
        }
    }

    fn still_surplus(at: &ResourceRef, live: &Observed<Version>, cx: &dyn Context) -> bool {
        super::retention::still_surplus(at, live, cx)
    }
}

/// Returns the versions of a function whose spec publishes none and points no alias to them: somebody else's, unless somebody
/// else deploys the code.
fn undeclared(parent: &ResourceRef, cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
    let function = cx.get::<Function>(&parent.address).filter(|function| !function.code.external);
    if !cx.is_thorough() || function.is_none() {
        return Ok(Vec::new());
    }
    let aliases = cx.below(KindId::Alias, &parent.address.keys);
    let aliases: Vec<&Alias> = aliases.into_iter().filter_map(|address| cx.get(address)).collect();
    let versions = super::listing::numbered(parent.outer(), cache)?.into_iter().rev().filter_map(|it| it.version());
    let others = versions.filter(|version| !aliases.iter().any(|alias| alias.sends_to(version)));
    Ok(others
        .map(|version| Discovered {
            gap: Some(Gap::History),
            ..Discovered::new(parent.below(KindId::Version, version, version), version)
        })
        .collect())
}

/// Returns true if the function publishes to the one version that has no number.
pub(super) fn is_slot(desired: Option<&Version>) -> bool {
    desired.is_some_and(|desired| desired.publish_to.is_some())
}
