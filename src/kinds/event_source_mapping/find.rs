//! Finds the live mapping that a declaration means, and names the reads that this takes.
//!
//! A mapping has no name, and its UUID is Lambda's choice. It is recognised by what it is: the function with its qualifier
//! and the source, topic and queue. Where that finds none, a mapping that bears our tag is the declared one with
//! another source. The search runs over what was seen, and ends early with the reads that it lacks.

use aws_sdk_lambda::types::EventSourceMappingConfiguration;

use super::canonical::canonicalize;
use super::identity::{Closeness, MAPPING_TAG, closeness, function_at, group};
use super::listings::{MappingTags, account_wide, elsewhere, listing, of_function, tags, with_filters};
use super::live::{arn_of, function_of, mapping_in, observed, tagged};
use super::source::normalise;
use super::spec::EventSourceMapping;
use crate::kinds::shared;
use crate::model::{Address, Ownership};
use crate::resource::{Observed, ResourceRef, STACK_TAG, State};
use crate::wire::{Effect, GetEventSourceMappingInputBuilder, Missing, ReadCache, Reply};

/// The mapping at a place: the declared one, or for a place that is not declared the one whose UUID is its own name.
pub fn search(
    at: &ResourceRef,
    desired: Option<&EventSourceMapping>,
    cache: &ReadCache,
) -> Result<Option<Observed<EventSourceMapping>>, Missing> {
    let found = match desired {
        Some(desired) => declared(at, desired, &of_function(cache, at.outer(), &function_at(at))?, cache)?,
        None => undeclared(at, cache)?.map(|mapping| (mapping, Vec::new())),
    };
    let Some((mapping, notes)) = found else { return Ok(None) };
    let mapping = with_filters(mapping, cache)?;
    let mut live = observed(at, &mapping, desired);
    live.presumed = desired.is_some() && !invokes(&mapping, at.outer());
    live.notes.extend(notes);
    own(at, &mapping, desired, &mut live, cache)?;
    Ok(Some(live))
}

/// The live mapping whose UUID is the place's own name, else the one that bears our tag.
fn undeclared(at: &ResourceRef, cache: &ReadCache) -> Result<Option<EventSourceMappingConfiguration>, Missing> {
    let (own, target) = (at.own(), function_at(at));
    if !is_uuid(own) {
        let here = of_function(cache, at.outer(), &target)?;
        return tagged_ours(at, &[], &here, cache);
    }
    // Under any qualifier: a mapping of a version is found below the function.
    let by_uuid = |all: &[EventSourceMappingConfiguration]| all.iter().find(|it| it.uuid() == Some(own)).cloned();
    if let Ok(Some(all)) = account_wide(cache) {
        return Ok(all.get(at.outer()).and_then(|all| by_uuid(all)));
    }
    if let Ok(pages) = cache.pages(listing().function_name(target)) {
        return Ok(pages.iter().find_map(|page| by_uuid(page.event_source_mappings())));
    }
    let replies = cache.pages(GetEventSourceMappingInputBuilder::default().uuid(own))?;
    Ok(replies.first().and_then(|reply| mapping_in(&Reply::GetEventSourceMapping(Box::new((*reply).clone())))))
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Tells whose the mapping is. Tags cost a call, so they are read only where they are compared or where something is
/// about to be written; read for another reason, they are used too.
fn own(
    at: &ResourceRef,
    mapping: &EventSourceMappingConfiguration,
    desired: Option<&EventSourceMapping>,
    live: &mut Observed<EventSourceMapping>,
    cache: &ReadCache,
) -> Result<(), Missing> {
    let compared = desired.is_none_or(|desired| desired.tags.is_some());
    let written = desired.is_some_and(|desired| differs(desired, &function_at(at), &live.value));
    match tags(cache, [arn_of(at, mapping)]) {
        Ok(tags) => {
            // No reply for a mapping that exists comes from a server that keeps no tags of mappings.
            let Some(Some(tags)) = tags.first() else {
                live.owner = Ownership::Untaggable;
                return Ok(());
            };
            live.owner = Ownership::of_tag(tags.get(STACK_TAG).map(String::as_str));
            if compared {
                tagged(live, tags);
            }
        }
        Err(Missing::Reads(_)) if !cache.reads_owners() && (desired.is_none() || !(compared || written)) => {}
        Err(Missing::Failed(failure)) if desired.is_none() || !compared => {
            live.owner = Ownership::Unknown;
            live.unreadable.push(shared::tags::unreadable(&failure.message));
        }
        Err(missing) => return Err(missing),
    }
    Ok(())
}

/// Returns true if the declaration would be written. It is true at least whenever the diff, which knows the field traits, finds a change.
fn differs(desired: &EventSourceMapping, function: &str, live: &EventSourceMapping) -> bool {
    let (mut desired, mut live) = (desired.clone(), live.clone());
    normalise(&mut desired);
    canonicalize(&desired, &mut live);
    desired.function = Some(function.to_owned());
    let has_group = group(&desired).is_some();
    for spec in [&mut desired, &mut live] {
        (spec.tags, spec.misplaced_tag) = (None, None);
        spec.same_key_declarations.clear();
        spec.source_access_configurations.sort_by(|one, other| (&one.kind, &one.uri).cmp(&(&other.kind, &other.uri)));
        spec.filter_criteria.iter_mut().for_each(|it| it.filters.sort_by(|one, other| one.pattern.cmp(&other.pattern)));
        spec.metrics_config.iter_mut().for_each(|it| it.metrics.sort());
        if !has_group {
            spec.amazon_managed_kafka_event_source_config.iter_mut().for_each(|it| it.consumer_group_id = None);
            spec.self_managed_kafka_event_source_config.iter_mut().for_each(|it| it.consumer_group_id = None);
        }
        normalise(spec);
    }
    desired != live
}

type Match = (EventSourceMappingConfiguration, Vec<String>);

/// The live mapping that the declaration means, with what the user should know of the choice.
fn declared(
    at: &ResourceRef,
    desired: &EventSourceMapping,
    here: &[EventSourceMappingConfiguration],
    cache: &ReadCache,
) -> Result<Option<Match>, Missing> {
    let mut desired = desired.clone();
    normalise(&mut desired);
    let function = function_at(at);
    let how_close = |mapping: &EventSourceMappingConfiguration| {
        let live = observed(at, mapping, None);
        (closeness(&desired, &function, &live.value), !is_deleted(at, mapping))
    };
    let close: Vec<_> = here.iter().map(|mapping| (how_close(mapping), mapping)).collect();
    let best = close.iter().map(|(close, _)| *close).filter(|(close, _)| *close > Closeness::Other).max();
    let Some(best) = best else {
        return Ok(changed_place(at, &desired, here, cache)?.map(|mapping| (mapping, Vec::new())));
    };
    let mut best: Vec<_> = close.into_iter().filter(|(close, _)| *close == best).map(|(_, it)| it.clone()).collect();
    if best.len() == 1 {
        return Ok(best.pop().map(|mapping| (mapping, Vec::new())));
    }
    best.sort_by(|one, other| one.uuid().cmp(&other.uuid()));
    if let Some(ours) = tagged_ours(at, &desired.same_key_declarations, &best, cache)? {
        return Ok(Some((ours, Vec::new())));
    }
    let uuids: Vec<&str> = best.iter().filter_map(|mapping| mapping.uuid()).collect();
    let note = format!("{} live mappings match; using the first: {}", best.len(), uuids.join(", "));
    Ok(best.into_iter().next().map(|mapping| (mapping, vec![note])))
}

/// A mapping with our tag that has another source, that invokes the function under another qualifier, or that invokes another
/// function and has the same source.
fn changed_place(
    at: &ResourceRef,
    desired: &EventSourceMapping,
    here: &[EventSourceMappingConfiguration],
    cache: &ReadCache,
) -> Result<Option<EventSourceMappingConfiguration>, Missing> {
    let elsewhere = elsewhere(at, desired, cache)?;
    let same = elsewhere.into_iter().filter(|mapping| {
        let mut live = observed(at, mapping, None).value;
        live.function = Some(function_at(at));
        closeness(desired, &function_at(at), &live) > Closeness::Other
    });
    let (mut candidates, mut others): (Vec<_>, Vec<_>) = same.partition(|mapping| invokes(mapping, at.outer()));
    candidates.extend_from_slice(here);
    for mappings in [&mut candidates, &mut others] {
        mappings.retain(|mapping| !is_deleted(at, mapping));
        mappings.sort_by(|one, other| one.uuid().cmp(&other.uuid()));
    }
    if let Some(ours) = tagged_ours(at, &desired.same_key_declarations, &candidates, cache)? {
        return Ok(Some(ours));
    }
    let tags = tags(cache, others.iter().map(|mapping| arn_of(at, mapping)))?;
    let is_ours = |tags: &Option<MappingTags>| {
        tags.as_ref().is_some_and(|tags| tags.get(STACK_TAG) == Some(&at.scope.stack) && tags.contains_key(MAPPING_TAG))
    };
    Ok(others.into_iter().zip(&tags).find(|(_, tags)| is_ours(tags)).map(|(mapping, _)| mapping))
}

/// Returns true if Lambda is deleting the mapping.
fn is_deleted(at: &ResourceRef, mapping: &EventSourceMappingConfiguration) -> bool {
    matches!(observed(at, mapping, None).state, State::Settling { effect: Effect::Delete, .. })
}

/// Returns true if the mapping invokes this function, under any qualifier.
fn invokes(mapping: &EventSourceMappingConfiguration, function: &str) -> bool {
    function_of(mapping).is_some_and(|name| name.split(':').next() == Some(function))
}

/// The first of the mappings whose tags name this stack and this address, or one that it may have had before: none of the
/// `others`.
fn tagged_ours(
    at: &ResourceRef,
    others: &[String],
    mappings: &[EventSourceMappingConfiguration],
    cache: &ReadCache,
) -> Result<Option<EventSourceMappingConfiguration>, Missing> {
    let tags = tags(cache, mappings.iter().map(|mapping| arn_of(at, mapping)))?;
    let ours = mappings.iter().zip(&tags).find(|(_, tags)| {
        tags.as_ref().is_some_and(|tags| {
            tags.get(STACK_TAG) == Some(&at.scope.stack)
                && tags
                    .get(MAPPING_TAG)
                    .is_some_and(|text| !others.contains(text) && is_same_declaration(text, &at.address))
        })
    });
    Ok(ours.map(|(mapping, _)| mapping.clone()))
}

/// Returns true if a tag names this address, or the same function and key above or below an alias.
fn is_same_declaration(text: &str, address: &Address) -> bool {
    Address::try_from(text.to_owned()).is_ok_and(|tag| {
        tag.kind == address.kind && tag.keys.first() == address.keys.first() && tag.keys.last() == address.keys.last()
    })
}
