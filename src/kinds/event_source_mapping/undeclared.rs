//! Live mappings that no declaration is: below a function or an alias, and those whose function is gone.

use std::collections::BTreeSet;

use aws_sdk_lambda::types::EventSourceMappingConfiguration;

use super::identity::KIND;
use super::listings::{MappingTags, by_function, listing, of_any, of_function, tags, with_filters};
use super::live::{arn_of, function_of};
use crate::kinds::{alias, version};
use crate::model::{Address, KindId};
use crate::resource::{Context, Discovered, ResourceRef, STACK_TAG};
use crate::wire::{ListFunctionsInputBuilder, Missing, ReadCache};

/// All live mappings below this place that nothing declared is.
pub fn discover(parent: &ResourceRef, cx: &dyn Context, cache: &ReadCache) -> Result<Vec<Discovered>, Missing> {
    let undeclared = undeclared(parent, cx, cache)?;
    if cx.is_thorough() {
        // Before something is deleted, it is known whole: whose it is, and its filters where they are encrypted.
        let tags = tags(cache, undeclared.iter().map(|mapping| arn_of(parent, mapping)));
        let filters = Missing::join_all(undeclared.iter().map(|mapping| with_filters(mapping.clone(), cache)));
        Missing::join(tags, filters)?;
    }
    let found = undeclared.into_iter().filter_map(|mapping| {
        let uuid = mapping.uuid()?;
        let mut at = parent.clone();
        if parent.names.is_empty() {
            at.names = function_of(&mapping)?.split(':').map(str::to_owned).collect();
            at.address.keys = at.names.clone().into();
        }
        Some(Discovered::new(at.below(KIND, uuid, uuid), uuid))
    });
    Ok(found.collect())
}

/// Below an alias those that invoke it, below a function all others that invoke it, and at the top of the account those
/// of ours whose function is gone.
fn undeclared(
    parent: &ResourceRef,
    cx: &dyn Context,
    cache: &ReadCache,
) -> Result<Vec<EventSourceMappingConfiguration>, Missing> {
    let mut here = match &*parent.names {
        [] => orphans(parent, cache)?,
        [function] => unaliased(function, parent, cx, cache)?,
        _ => of_function(cache, parent.outer(), &parent.names.join(":"))?,
    };
    if here.is_empty() {
        return Ok(here);
    }
    // A declared mapping may be found under another qualifier, from where it is about to move.
    let declared: BTreeSet<&str> = cx
        .below(KIND, if parent.names.is_empty() { &[] } else { &parent.address.keys[..1] })
        .into_iter()
        .filter_map(|address| Some(cx.observed(address)?.identity.as_str()))
        .collect();
    here.retain(|mapping| mapping.uuid().is_some_and(|uuid| !declared.contains(uuid)));
    Ok(here)
}

/// The mappings that invoke the function unqualified, one of its versions, or an alias that is no longer there.
fn unaliased(
    function: &str,
    parent: &ResourceRef,
    cx: &dyn Context,
    cache: &ReadCache,
) -> Result<Vec<EventSourceMappingConfiguration>, Missing> {
    let mut here = of_any(cache, function)?;
    let alias = |mapping: &EventSourceMappingConfiguration| {
        let (_, qualifier) = function_of(mapping)?.split_once(':')?;
        let is_version = qualifier.starts_with('$') || version::is_number(qualifier);
        (!is_version).then(|| qualifier.to_owned())
    };
    let is_declared = |name: &str| {
        let key = parent.address.keys.first().map_or("", String::as_str);
        cx.observed(&Address::new(KindId::Alias, &[key, name])).is_some()
    };
    here.retain(|mapping| alias(mapping).is_none_or(|name| !is_declared(&name)));
    if here.iter().any(|mapping| alias(mapping).is_some()) {
        let pages = cache.pages(alias::listing(function))?;
        let live: BTreeSet<_> = pages.iter().flat_map(|page| page.aliases()).filter_map(|alias| alias.name()).collect();
        here.retain(|mapping| alias(mapping).is_none_or(|name| !live.contains(name.as_str())));
    }
    Ok(here)
}

/// The mappings that bear our tag and invoke a function that does not exist: Lambda keeps them when it is deleted.
fn orphans(root: &ResourceRef, cache: &ReadCache) -> Result<Vec<EventSourceMappingConfiguration>, Missing> {
    let functions = cache.pages(ListFunctionsInputBuilder::default());
    let mappings = cache.table(listing(), by_function);
    let (pages, mappings) = Missing::join(functions, mappings)?;
    let there: BTreeSet<_> =
        pages.iter().flat_map(|page| page.functions()).filter_map(|config| config.function_name()).collect();
    let lost = mappings.iter().filter(|(function, _)| !there.contains(function.as_str()));
    let mut lost: Vec<_> = lost.flat_map(|(_, mappings)| mappings.iter().cloned()).collect();
    lost.sort_by(|one, other| one.uuid().cmp(&other.uuid()));
    let tags = tags(cache, lost.iter().map(|mapping| arn_of(root, mapping)))?;
    let is_ours =
        |tags: &Option<MappingTags>| tags.as_ref().and_then(|tags| tags.get(STACK_TAG)) == Some(&root.scope.stack);
    Ok(lost.into_iter().zip(&tags).filter(|(_, tags)| is_ours(tags)).map(|(mapping, _)| mapping).collect())
}
