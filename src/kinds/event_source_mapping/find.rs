//! Which live mapping is the declared one, and which reads are wanted to tell.
//!
//! A mapping has no name, and its UUID is Lambda's choice. It is told by what it is: the function with its qualifier
//! and the source, topic and queue. Where that finds none, a mapping that bears our tag is the declared one with
//! another source. The search runs over what was seen, and ends early with the reads that it lacks.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use aws_sdk_lambda::types::EventSourceMappingConfiguration;

use super::observed::{arn_of, function_of, observed, tagged, told};
use super::source::normalise;
use super::spec::EventSourceMapping;
use super::{KIND, MAPPING_TAG, agree};
use crate::kinds::{Around, At, Found, Live, STACK_TAG, State, alias, version};
use crate::model::Address;
use crate::wire::{
    Call, GetEventSourceMappingInputBuilder, ListEventSourceMappingsInputBuilder, ListEventSourceMappingsOutput,
    ListFunctionsInputBuilder, ListTagsInputBuilder, Operation, Reply, Seen, Unread,
};

/// Why a search ended without an answer.
#[derive(Debug)]
pub enum Lack {
    /// These reads are wanted first.
    Wanted(Vec<Call>),
    /// What was asked for could not be read.
    Unread(Unread),
}

/// The function that a mapping at this place invokes: `orders`, or `orders:live` below an alias.
pub fn function_at(at: &At) -> String {
    match at.names.as_slice() {
        [function, alias, _] => format!("{function}:{alias}"),
        _ => at.outer().to_owned(),
    }
}

/// How well a declared mapping describes a live one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closeness {
    /// Another function or another source.
    Other,
    /// The function and the source, topic and queue.
    Source,
    /// The consumer group, the database and the collection too, as far as they are declared.
    Whole,
}

/// How well `spec`, declared for `function`, describes the live mapping. Both are in normal form.
pub fn closeness(spec: &EventSourceMapping, function: &str, live: &EventSourceMapping) -> Closeness {
    if live.function.as_deref() != Some(function) || !same_source(spec, live) {
        return Closeness::Other;
    }
    let group = group(spec).is_none_or(|own| group(live) == Some(own));
    let part = |spec: &EventSourceMapping| {
        let config = spec.document_db_event_source_config.as_ref();
        config.map(|config| (config.database_name.clone(), config.collection_name.clone()))
    };
    if group && part(spec) == part(live) { Closeness::Whole } else { Closeness::Source }
}

fn same_source(one: &EventSourceMapping, other: &EventSourceMapping) -> bool {
    one.event_source_arn == other.event_source_arn
        && one.self_managed_event_source == other.self_managed_event_source
        && one.topics == other.topics
        && one.queues == other.queues
}

/// The consumer group of a Kafka mapping.
pub fn group(spec: &EventSourceMapping) -> Option<&str> {
    let managed = spec.amazon_managed_kafka_event_source_config.as_ref();
    let own = spec.self_managed_kafka_event_source_config.as_ref();
    let managed = managed.and_then(|config| config.consumer_group_id.as_deref());
    managed.or(own.and_then(|config| config.consumer_group_id.as_deref()))
}

/// The mapping at a place: the declared one, or for a place that is not declared the one whose UUID is its own name.
pub fn search(
    at: &At,
    desired: Option<&EventSourceMapping>,
    seen: &Seen,
) -> Result<Option<Live<EventSourceMapping>>, Lack> {
    let found = match desired {
        Some(desired) => declared(at, desired, &of_function(seen, at.outer(), &function_at(at))?, seen)?,
        None => undeclared(at, seen)?.map(|mapping| (mapping, Vec::new())),
    };
    let Some((mapping, notes)) = found else { return Ok(None) };
    let mapping = with_filters(mapping, seen)?;
    let mut live = observed(at, &mapping, desired);
    live.notes.extend(notes);
    own(at, &mapping, desired, &mut live, seen)?;
    Ok(Some(live))
}

/// The live mapping whose UUID is the place's own name, else the one that bears our tag.
fn undeclared(at: &At, seen: &Seen) -> Result<Option<EventSourceMappingConfiguration>, Lack> {
    let (own, target) = (at.own(), function_at(at));
    if !is_uuid(own) {
        let here = of_function(seen, at.outer(), &target)?;
        return tagged_ours(at, &here, seen);
    }
    // Whatever qualifier it invokes: what hangs on a version is found below the function.
    let by_uuid = |all: &[EventSourceMappingConfiguration]| all.iter().find(|it| it.uuid() == Some(own)).cloned();
    if let Ok(Some(all)) = account_wide(seen) {
        return Ok(all.get(at.outer()).and_then(|all| by_uuid(all)));
    }
    if let Ok(pages) = seen.pages(listing().function_name(target)) {
        return Ok(pages.iter().find_map(|page| by_uuid(page.event_source_mappings())));
    }
    let replies = answer(seen, GetEventSourceMappingInputBuilder::default().uuid(own))?;
    Ok(replies.first().and_then(|reply| told(&Reply::GetEventSourceMapping(Box::new((*reply).clone())))))
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Tells whose the mapping is. Tags cost a call, so they are read only where they are compared or where something is
/// about to be written; read for another reason, they are used too.
fn own(
    at: &At,
    mapping: &EventSourceMappingConfiguration,
    desired: Option<&EventSourceMapping>,
    live: &mut Live<EventSourceMapping>,
    seen: &Seen,
) -> Result<(), Lack> {
    let compared = desired.is_none_or(|desired| desired.tags.is_some());
    let written = desired.is_some_and(|desired| differs(desired, &function_at(at), &live.value));
    match tags(seen, [arn_of(at, mapping)]) {
        Ok(tags) => {
            // No answer for a mapping that is there comes from a server that keeps no tags of mappings.
            let Some(Some(tags)) = tags.first() else { return Ok(()) };
            live.owner = Some(tags.get(STACK_TAG).cloned());
            if compared {
                tagged(live, tags);
            }
        }
        Err(Lack::Wanted(_)) if desired.is_none() || !(compared || written) => {}
        Err(Lack::Unread(unread)) if desired.is_none() || !compared => {
            live.notes.push(format!("whose it is was not read: {unread}"));
        }
        Err(lack) => return Err(lack),
    }
    Ok(())
}

/// Whether the declaration would be written: at least whenever the diff, which knows the policies, finds something.
fn differs(desired: &EventSourceMapping, function: &str, live: &EventSourceMapping) -> bool {
    let (mut desired, mut live) = (desired.clone(), live.clone());
    normalise(&mut desired);
    agree(&desired, &mut live);
    desired.function = Some(function.to_owned());
    let has_group = group(&desired).is_some();
    for spec in [&mut desired, &mut live] {
        (spec.tags, spec.mistaken) = (None, None);
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
    at: &At,
    desired: &EventSourceMapping,
    here: &[EventSourceMappingConfiguration],
    seen: &Seen,
) -> Result<Option<Match>, Lack> {
    let mut desired = desired.clone();
    normalise(&mut desired);
    let function = function_at(at);
    let how_close = |mapping: &EventSourceMappingConfiguration| {
        let live = observed(at, mapping, None);
        let leaving = matches!(&live.state, State::Settling(what) if what.ends_with("Deleting"));
        (closeness(&desired, &function, &live.value), !leaving)
    };
    let close: Vec<_> = here.iter().map(|mapping| (how_close(mapping), mapping)).collect();
    let best = close.iter().map(|(close, _)| *close).filter(|(close, _)| *close > Closeness::Other).max();
    let Some(best) = best else {
        return Ok(moved(at, &desired, here, seen)?.map(|mapping| (mapping, Vec::new())));
    };
    let mut best: Vec<_> = close.into_iter().filter(|(close, _)| *close == best).map(|(_, it)| it.clone()).collect();
    if best.len() == 1 {
        return Ok(best.pop().map(|mapping| (mapping, Vec::new())));
    }
    best.sort_by(|one, other| one.uuid().cmp(&other.uuid()));
    if let Some(ours) = tagged_ours(at, &best, seen)? {
        return Ok(Some((ours, Vec::new())));
    }
    let uuids: Vec<&str> = best.iter().filter_map(|mapping| mapping.uuid()).collect();
    let note = format!("{} live mappings are alike, and the first was taken: {}", best.len(), uuids.join(", "));
    Ok(best.into_iter().next().map(|mapping| (mapping, vec![note])))
}

/// A mapping with our tag that has another source, or that invokes the function under another qualifier.
fn moved(
    at: &At,
    desired: &EventSourceMapping,
    here: &[EventSourceMappingConfiguration],
    seen: &Seen,
) -> Result<Option<EventSourceMappingConfiguration>, Lack> {
    let mut candidates = here.to_vec();
    let elsewhere = elsewhere(at, desired, seen)?;
    let same = elsewhere.into_iter().filter(|mapping| {
        let mut live = observed(at, mapping, None).value;
        live.function = Some(function_at(at));
        closeness(desired, &function_at(at), &live) > Closeness::Other
    });
    candidates.extend(same);
    candidates.retain(|mapping| mapping.state() != Some("Deleting"));
    candidates.sort_by(|one, other| one.uuid().cmp(&other.uuid()));
    tagged_ours(at, &candidates, seen)
}

/// The first of the mappings whose tags name this stack and this address.
fn tagged_ours(
    at: &At,
    mappings: &[EventSourceMappingConfiguration],
    seen: &Seen,
) -> Result<Option<EventSourceMappingConfiguration>, Lack> {
    let tags = tags(seen, mappings.iter().map(|mapping| arn_of(at, mapping)))?;
    let ours = mappings.iter().zip(&tags).find(|(_, tags)| {
        tags.as_ref().is_some_and(|tags| {
            tags.get(STACK_TAG) == Some(&at.scope.stack)
                && tags.get(MAPPING_TAG).is_some_and(|text| is_same_declaration(text, &at.address))
        })
    });
    Ok(ours.map(|(mapping, _)| mapping.clone()))
}

/// Whether a tag names this address, or the same function and key above or below an alias.
fn is_same_declaration(text: &str, address: &Address) -> bool {
    Address::try_from(text.to_owned()).is_ok_and(|tag| {
        tag.kind == address.kind && tag.keys.first() == address.keys.first() && tag.keys.last() == address.keys.last()
    })
}

/// All live mappings below this place that nothing declared is.
pub fn found(parent: &At, around: &dyn Around, seen: &Seen) -> Result<Vec<Found>, Lack> {
    let found = strays(parent, around, seen)?.into_iter().filter_map(|mapping| {
        let uuid = mapping.uuid()?;
        let mut at = parent.clone();
        if parent.names.is_empty() {
            at.names = function_of(&mapping)?.split(':').map(str::to_owned).collect();
            at.address.keys.clone_from(&at.names);
        }
        Some(Found::new(at.below(KIND, uuid, uuid), uuid))
    });
    Ok(found.collect())
}

/// Below an alias those that invoke it, below a function all others that invoke it, and at the top of the account those
/// of ours whose function is gone.
fn strays(parent: &At, around: &dyn Around, seen: &Seen) -> Result<Vec<EventSourceMappingConfiguration>, Lack> {
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
        .all(KIND)
        .into_iter()
        .filter(|address| parent.names.is_empty() || address.keys.first() == parent.address.keys.first())
        .filter_map(|address| Some(around.observed(address)?.identity.as_str()))
        .collect();
    here.retain(|mapping| mapping.uuid().is_some_and(|uuid| !declared.contains(uuid)));
    Ok(here)
}

/// The mappings that invoke the function unqualified, one of its versions, or an alias that is no longer there.
fn unaliased(
    function: &str,
    parent: &At,
    around: &dyn Around,
    seen: &Seen,
) -> Result<Vec<EventSourceMappingConfiguration>, Lack> {
    let mut here = of_any(seen, function)?;
    let alias = |mapping: &EventSourceMappingConfiguration| {
        let (_, qualifier) = function_of(mapping)?.split_once(':')?;
        let is_version = qualifier.starts_with('$') || version::is_number(qualifier);
        (!is_version).then(|| qualifier.to_owned())
    };
    let is_declared = |name: &str| {
        let key = parent.address.keys.first().map_or("", String::as_str);
        around.observed(&Address::new("alias", &[key, name])).is_some()
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
fn orphans(root: &At, seen: &Seen) -> Result<Vec<EventSourceMappingConfiguration>, Lack> {
    let functions = answer(seen, ListFunctionsInputBuilder::default());
    let mappings = seen.table(listing(), by_function);
    let mut wanted = Vec::new();
    if let Err(Lack::Wanted(calls)) = &functions {
        wanted.extend(calls.clone());
    }
    if let Err(Unread::NotAsked(_)) = &mappings {
        wanted.push(listing().call());
    }
    if !wanted.is_empty() {
        return Err(Lack::Wanted(wanted));
    }
    let (pages, mappings) = (functions?, mappings.map_err(Lack::Unread)?);
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
pub fn found_whole(parent: &At, around: &dyn Around, seen: &Seen) -> Result<(), Lack> {
    let strays = strays(parent, around, seen)?;
    tags(seen, strays.iter().map(|mapping| arn_of(parent, mapping)))?;
    for mapping in strays {
        with_filters(mapping, seen)?;
    }
    Ok(())
}

/// The mapping with its filters, which listings hide when they are encrypted.
fn with_filters(
    mapping: EventSourceMappingConfiguration,
    seen: &Seen,
) -> Result<EventSourceMappingConfiguration, Lack> {
    let encrypted = mapping.kms_key_arn().is_some_and(|arn| !arn.is_empty());
    let Some(uuid) = mapping.uuid().filter(|_| encrypted && mapping.filter_criteria().is_none()) else {
        return Ok(mapping);
    };
    let whole = answer(seen, GetEventSourceMappingInputBuilder::default().uuid(uuid))?;
    Ok(whole
        .first()
        .and_then(|reply| told(&Reply::GetEventSourceMapping(Box::new((*reply).clone()))))
        .unwrap_or(mapping))
}

/// The mappings that invoke exactly `target`, which is `function` or one of its aliases.
fn of_function(seen: &Seen, function: &str, target: &str) -> Result<Vec<EventSourceMappingConfiguration>, Lack> {
    let exact = |all: &[EventSourceMappingConfiguration]| {
        all.iter().filter(|mapping| function_of(mapping) == Some(target)).cloned().collect::<Vec<_>>()
    };
    if let Some(all) = account_wide(seen)? {
        return Ok(all.get(function).map(|all| exact(all)).unwrap_or_default());
    }
    let pages = answer(seen, listing().function_name(target))?;
    Ok(pages.iter().flat_map(|page| exact(page.event_source_mappings())).collect())
}

/// The mappings that invoke the function under whichever qualifier: a listing by the bare name tells them all.
fn of_any(seen: &Seen, function: &str) -> Result<Vec<EventSourceMappingConfiguration>, Lack> {
    if let Some(all) = account_wide(seen)? {
        return Ok(all.get(function).cloned().unwrap_or_default());
    }
    let own = |mapping: &&EventSourceMappingConfiguration| {
        function_of(mapping).is_some_and(|name| name.split(':').next() == Some(function))
    };
    let pages = answer(seen, listing().function_name(function))?;
    Ok(pages.iter().flat_map(|page| page.event_source_mappings()).filter(own).cloned().collect())
}

/// The mappings that invoke the same function under another qualifier, as far as a few reads tell.
fn elsewhere(at: &At, desired: &EventSourceMapping, seen: &Seen) -> Result<Vec<EventSourceMappingConfiguration>, Lack> {
    let target = function_at(at);
    let other = |mapping: &EventSourceMappingConfiguration| {
        function_of(mapping)
            .is_some_and(|function| function != target && function.split(':').next() == Some(at.outer()))
    };
    if let Some(all) = account_wide(seen)? {
        let all = all.get(at.outer()).map(Vec::as_slice).unwrap_or_default();
        return Ok(all.iter().filter(|mapping| other(mapping)).cloned().collect());
    }
    let call = match &desired.event_source_arn {
        Some(arn) if arn.starts_with("arn:") && !arn.contains("${") => listing().event_source_arn(arn),
        _ => listing().function_name(at.outer()),
    };
    let pages = answer(seen, call)?;
    let all = pages.iter().flat_map(|page| page.event_source_mappings());
    Ok(all.filter(|mapping| other(mapping)).cloned().collect())
}

type ByFunction = HashMap<String, Vec<EventSourceMappingConfiguration>>;

/// Every mapping of the account by the name of its function, where that is how mappings are read or was read anyway.
fn account_wide(seen: &Seen) -> Result<Option<Arc<ByFunction>>, Lack> {
    if !seen.account_wide() && !seen.has(&listing().call()) {
        return Ok(None);
    }
    match seen.table(listing(), by_function) {
        Ok(table) => Ok(Some(table)),
        Err(Unread::GivenUp(_)) => Ok(None),
        Err(Unread::NotAsked(_)) => Err(Lack::Wanted(vec![listing().call()])),
        Err(unread) => Err(Lack::Unread(unread)),
    }
}

fn by_function(pages: &[&ListEventSourceMappingsOutput]) -> ByFunction {
    let mut all = ByFunction::new();
    for mapping in pages.iter().flat_map(|page| page.event_source_mappings()) {
        if let Some(function) = function_of(mapping).and_then(|function| function.split(':').next()) {
            all.entry(function.to_owned()).or_default().push(mapping.clone());
        }
    }
    all
}

fn listing() -> ListEventSourceMappingsInputBuilder {
    ListEventSourceMappingsInputBuilder::default()
}

type Tags = HashMap<String, String>;

/// The tags of each of the mappings; `None` for those that the server knows no tags of.
fn tags(seen: &Seen, arns: impl IntoIterator<Item = String>) -> Result<Vec<Option<Tags>>, Lack> {
    let (mut tags, mut wanted) = (Vec::new(), Vec::new());
    for arn in arns {
        match answer(seen, ListTagsInputBuilder::default().resource(arn)) {
            Ok(replies) => tags.push(replies.first().map(|reply| reply.tags().cloned().unwrap_or_default())),
            Err(Lack::Wanted(calls)) => wanted.extend(calls),
            Err(lack) => return Err(lack),
        }
    }
    if wanted.is_empty() { Ok(tags) } else { Err(Lack::Wanted(wanted)) }
}

fn answer<O: Operation + Clone>(seen: &Seen, call: O) -> Result<Vec<&O::Output>, Lack> {
    match seen.pages(call.clone()) {
        Ok(pages) => Ok(pages),
        Err(Unread::NotAsked(_)) => Err(Lack::Wanted(vec![call.call()])),
        Err(unread) => Err(Lack::Unread(unread)),
    }
}
