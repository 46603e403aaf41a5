//! The lists that mappings are looked for in, and which reads are wanted before there is an answer.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_lambda::types::EventSourceMappingConfiguration;

use super::find::function_at;
use super::observed::{function_of, told};
use super::spec::EventSourceMapping;
use crate::resource::ResourceRef;
use crate::wire::{
    Call, GetEventSourceMappingInputBuilder, ListEventSourceMappingsInputBuilder, ListEventSourceMappingsOutput,
    ListTagsInputBuilder, ReadCache, ReadError, Reply, TypedCall,
};

/// Why a search ended without an answer.
#[derive(Debug)]
pub enum Lack {
    /// These reads are wanted first.
    Wanted(Vec<Call>),
    /// What was asked for could not be read.
    ReadError(ReadError),
}

/// The mapping with its filters, which listings hide when they are encrypted.
pub fn with_filters(
    mapping: EventSourceMappingConfiguration,
    seen: &ReadCache,
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
pub fn of_function(
    seen: &ReadCache,
    function: &str,
    target: &str,
) -> Result<Vec<EventSourceMappingConfiguration>, Lack> {
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
pub fn of_any(seen: &ReadCache, function: &str) -> Result<Vec<EventSourceMappingConfiguration>, Lack> {
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
pub fn elsewhere(
    at: &ResourceRef,
    desired: &EventSourceMapping,
    seen: &ReadCache,
) -> Result<Vec<EventSourceMappingConfiguration>, Lack> {
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

pub type ByFunction = HashMap<String, Vec<EventSourceMappingConfiguration>>;

/// Every mapping of the account by the name of its function, where that is how mappings are read or was read anyway.
pub fn account_wide(seen: &ReadCache) -> Result<Option<Arc<ByFunction>>, Lack> {
    if !seen.account_wide() && !seen.has(&listing().call()) {
        return Ok(None);
    }
    match seen.table(listing(), by_function) {
        Ok(table) => Ok(Some(table)),
        Err(ReadError::GivenUp(_)) => Ok(None),
        Err(ReadError::NotAsked(_)) => Err(Lack::Wanted(vec![listing().call()])),
        Err(unread) => Err(Lack::ReadError(unread)),
    }
}

pub fn by_function(pages: &[&ListEventSourceMappingsOutput]) -> ByFunction {
    let mut all = ByFunction::new();
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

pub type Tags = HashMap<String, String>;

/// The tags of each of the mappings; `None` for those that the server knows no tags of.
pub fn tags(seen: &ReadCache, arns: impl IntoIterator<Item = String>) -> Result<Vec<Option<Tags>>, Lack> {
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

pub fn answer<O: TypedCall + Clone>(seen: &ReadCache, call: O) -> Result<Vec<&O::Output>, Lack> {
    match seen.pages(call.clone()) {
        Ok(pages) => Ok(pages),
        Err(ReadError::NotAsked(_)) => Err(Lack::Wanted(vec![call.call()])),
        Err(unread) => Err(Lack::ReadError(unread)),
    }
}
