//! Live mappings that no declaration is: below a function or an alias, and those whose function is gone.

use std::collections::BTreeSet;

use aws_sdk_lambda::types::EventSourceMappingConfiguration;

use super::KIND;
use super::listings::{Lack, Tags, answer, by_function, listing, of_any, of_function, tags, with_filters};
use super::observed::{arn_of, function_of};
use crate::kinds::{alias, version};
use crate::model::{Address, KindId};
use crate::resource::{Context, Discovered, ResourceRef, STACK_TAG};
use crate::wire::{ListFunctionsInputBuilder, ReadCache, ReadError, TypedCall};

/// All live mappings below this place that nothing declared is.
pub fn found(parent: &ResourceRef, around: &dyn Context, seen: &ReadCache) -> Result<Vec<Discovered>, Lack> {
    let found = strays(parent, around, seen)?.into_iter().filter_map(|mapping| {
        let uuid = mapping.uuid()?;
        let mut at = parent.clone();
        if parent.names.is_empty() {
            at.names = function_of(&mapping)?.split(':').map(str::to_owned).collect();
            at.address.keys.clone_from(&at.names);
        }
        Some(Discovered::new(at.below(KIND, uuid, uuid), uuid))
    });
    Ok(found.collect())
}

/// Below an alias those that invoke it, below a function all others that invoke it, and at the top of the account those
/// of ours whose function is gone.
fn strays(
    parent: &ResourceRef,
    around: &dyn Context,
    seen: &ReadCache,
) -> Result<Vec<EventSourceMappingConfiguration>, Lack> {
    let mut here = match parent.names.as_slice() {
        [] => orphans(parent, seen)?,
        [function] => unaliased(function, parent, around, seen)?,
        _ => of_function(seen, parent.outer(), &parent.names.join(":"))?,
    };
    if here.is_empty() {
        return Ok(here);
    }
    // A declared mapping may be found under another qualifier, from where it is about to move.
    let declared: BTreeSet<&str> = around
        .below(KIND, if parent.names.is_empty() { &[] } else { &parent.address.keys[..1] })
        .into_iter()
        .filter_map(|address| Some(around.observed(address)?.identity.as_str()))
        .collect();
    here.retain(|mapping| mapping.uuid().is_some_and(|uuid| !declared.contains(uuid)));
    Ok(here)
}

/// The mappings that invoke the function unqualified, one of its versions, or an alias that is no longer there.
fn unaliased(
    function: &str,
    parent: &ResourceRef,
    around: &dyn Context,
    seen: &ReadCache,
) -> Result<Vec<EventSourceMappingConfiguration>, Lack> {
    let mut here = of_any(seen, function)?;
    let alias = |mapping: &EventSourceMappingConfiguration| {
        let (_, qualifier) = function_of(mapping)?.split_once(':')?;
        let is_version = qualifier.starts_with('$') || version::is_number(qualifier);
        (!is_version).then(|| qualifier.to_owned())
    };
    let is_declared = |name: &str| {
        let key = parent.address.keys.first().map_or("", String::as_str);
        around.observed(&Address::new(KindId::Alias, &[key, name])).is_some()
    };
    here.retain(|mapping| alias(mapping).is_none_or(|name| !is_declared(&name)));
    if here.iter().any(|mapping| alias(mapping).is_some()) {
        let pages = answer(seen, alias::listing(function))?;
        let live: BTreeSet<_> = pages.iter().flat_map(|page| page.aliases()).filter_map(|alias| alias.name()).collect();
        here.retain(|mapping| alias(mapping).is_none_or(|name| !live.contains(name.as_str())));
    }
    Ok(here)
}

/// The mappings that bear our tag and invoke a function that is not there: Lambda leaves them behind.
fn orphans(root: &ResourceRef, seen: &ReadCache) -> Result<Vec<EventSourceMappingConfiguration>, Lack> {
    let functions = answer(seen, ListFunctionsInputBuilder::default());
    let mappings = seen.table(listing(), by_function);
    let mut wanted = Vec::new();
    if let Err(Lack::Wanted(calls)) = &functions {
        wanted.extend(calls.clone());
    }
    if let Err(ReadError::NotAsked(_)) = &mappings {
        wanted.push(listing().call());
    }
    if !wanted.is_empty() {
        return Err(Lack::Wanted(wanted));
    }
    let (pages, mappings) = (functions?, mappings.map_err(Lack::ReadError)?);
    let there: BTreeSet<_> =
        pages.iter().flat_map(|page| page.functions()).filter_map(|config| config.function_name()).collect();
    let lost = mappings.iter().filter(|(function, _)| !there.contains(function.as_str()));
    let mut lost: Vec<_> = lost.flat_map(|(_, mappings)| mappings.iter().cloned()).collect();
    lost.sort_by(|one, other| one.uuid().cmp(&other.uuid()));
    let tags = tags(seen, lost.iter().map(|mapping| arn_of(root, mapping)))?;
    let is_ours = |tags: &Option<Tags>| tags.as_ref().and_then(|tags| tags.get(STACK_TAG)) == Some(&root.scope.stack);
    Ok(lost.into_iter().zip(&tags).filter(|(_, tags)| is_ours(tags)).map(|(mapping, _)| mapping).collect())
}

/// The reads that make what is found known in full: its filters where they are encrypted, and its tags.
pub fn found_whole(parent: &ResourceRef, around: &dyn Context, seen: &ReadCache) -> Result<(), Lack> {
    let strays = strays(parent, around, seen)?;
    tags(seen, strays.iter().map(|mapping| arn_of(parent, mapping)))?;
    for mapping in strays {
        with_filters(mapping, seen)?;
    }
    Ok(())
}
