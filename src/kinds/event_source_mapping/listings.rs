//! The lists that mappings are looked for in, and which reads are wanted before there is an answer.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_lambda::types::EventSourceMappingConfiguration;

use super::identity::function_at;
use super::live::{function_of, mapping_in};
use super::spec::EventSourceMapping;
use crate::model::has_reference;
use crate::resource::ResourceRef;
use crate::wire::{
    GetEventSourceMappingInputBuilder, ListEventSourceMappingsInputBuilder, ListEventSourceMappingsOutput,
    ListTagsInputBuilder, Missing, ReadCache, Reply, TypedCall,
};

/// The mapping with its filters, which listings hide when they are encrypted.
pub fn with_filters(
    mapping: EventSourceMappingConfiguration,
    cache: &ReadCache,
) -> Result<EventSourceMappingConfiguration, Missing> {
    let encrypted = mapping.kms_key_arn().is_some_and(|arn| !arn.is_empty());
    let Some(uuid) = mapping.uuid().filter(|_| encrypted && mapping.filter_criteria().is_none()) else {
        return Ok(mapping);
    };
    let whole = cache.pages(GetEventSourceMappingInputBuilder::default().uuid(uuid))?;
    Ok(whole
        .first()
        .and_then(|reply| mapping_in(&Reply::GetEventSourceMapping(Box::new((*reply).clone()))))
        .unwrap_or(mapping))
}

/// The mappings that invoke exactly `target`, which is `function` or one of its aliases.
pub fn of_function(
    cache: &ReadCache,
    function: &str,
    target: &str,
) -> Result<Vec<EventSourceMappingConfiguration>, Missing> {
    let exact = |all: &[EventSourceMappingConfiguration]| {
        all.iter().filter(|mapping| function_of(mapping) == Some(target)).cloned().collect::<Vec<_>>()
    };
    if let Some(all) = account_wide(cache)? {
        return Ok(all.get(function).map(|all| exact(all)).unwrap_or_default());
    }
    let pages = cache.pages(listing().function_name(target))?;
    Ok(pages.iter().flat_map(|page| exact(page.event_source_mappings())).collect())
}

/// The mappings that invoke the function under any qualifier: a listing by the bare name returns them all.
pub fn of_any(cache: &ReadCache, function: &str) -> Result<Vec<EventSourceMappingConfiguration>, Missing> {
    if let Some(all) = account_wide(cache)? {
        return Ok(all.get(function).cloned().unwrap_or_default());
    }
    let own = |mapping: &&EventSourceMappingConfiguration| {
        function_of(mapping).is_some_and(|name| name.split(':').next() == Some(function))
    };
    let pages = cache.pages(listing().function_name(function))?;
    Ok(pages.iter().flat_map(|page| page.event_source_mappings()).filter(own).cloned().collect())
}

/// The mappings that invoke the same function under another qualifier or another function, as far as a few reads show.
pub fn elsewhere(
    at: &ResourceRef,
    desired: &EventSourceMapping,
    cache: &ReadCache,
) -> Result<Vec<EventSourceMappingConfiguration>, Missing> {
    let target = function_at(at);
    let other =
        |mapping: &EventSourceMappingConfiguration| function_of(mapping).is_some_and(|function| function != target);
    if let Some(all) = account_wide(cache)? {
        let by_source = cache.table(listing(), by_source)?;
        let same_source = desired.event_source_arn.as_ref().and_then(|arn| by_source.0.get(arn));
        let all = same_source.or_else(|| all.get(at.outer())).map(Vec::as_slice).unwrap_or_default();
        return Ok(all.iter().filter(|mapping| other(mapping)).cloned().collect());
    }
    let call = match &desired.event_source_arn {
        Some(arn) if arn.starts_with("arn:") && !has_reference(arn) => listing().event_source_arn(arn),
        _ => listing().function_name(at.outer()),
    };
    let pages = cache.pages(call)?;
    let all = pages.iter().flat_map(|page| page.event_source_mappings());
    Ok(all.filter(|mapping| other(mapping)).cloned().collect())
}

/// Every mapping of the account that has an event source ARN, by it.
struct MappingsBySource(HashMap<String, Vec<EventSourceMappingConfiguration>>);

pub type MappingsByFunction = HashMap<String, Vec<EventSourceMappingConfiguration>>;

/// Every mapping of the account by the name of its function, where that is how mappings are read or was read anyway.
pub fn account_wide(cache: &ReadCache) -> Result<Option<Arc<MappingsByFunction>>, Missing> {
    if !cache.account_wide() && !cache.has(&listing().call()) {
        return Ok(None);
    }
    match cache.table(listing(), by_function) {
        Ok(table) => Ok(Some(table)),
        Err(Missing::GivenUp(_)) => Ok(None),
        Err(missing) => Err(missing),
    }
}

fn by_source(pages: &[&ListEventSourceMappingsOutput]) -> MappingsBySource {
    let mut all = HashMap::new();
    for mapping in pages.iter().flat_map(|page| page.event_source_mappings()) {
        if let Some(source) = mapping.event_source_arn() {
            all.entry(source.to_owned()).or_insert_with(Vec::new).push(mapping.clone());
        }
    }
    MappingsBySource(all)
}

pub fn by_function(pages: &[&ListEventSourceMappingsOutput]) -> MappingsByFunction {
    let mut all = MappingsByFunction::new();
    for mapping in pages.iter().flat_map(|page| page.event_source_mappings()) {
        if let Some(function) = function_of(mapping).and_then(|function| function.split(':').next()) {
            all.entry(function.to_owned()).or_default().push(mapping.clone());
        }
    }
    all
}

pub fn listing() -> ListEventSourceMappingsInputBuilder {
    ListEventSourceMappingsInputBuilder::default()
}

pub type MappingTags = HashMap<String, String>;

/// The tags of each of the mappings; `None` for those that the server knows no tags of.
pub fn tags(cache: &ReadCache, arns: impl IntoIterator<Item = String>) -> Result<Vec<Option<MappingTags>>, Missing> {
    Missing::join_all(arns.into_iter().map(|arn| {
        let reply = cache.reply(ListTagsInputBuilder::default().resource(arn))?;
        Ok(reply.map(|reply| reply.tags().cloned().unwrap_or_default()))
    }))
}
