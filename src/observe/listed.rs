//! Observes what the listings of the account show of a stack: the configuration and the code of its functions, its mappings
//! and its code signing, in a few calls for thousands of functions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_lambda::types::{FunctionConfiguration, FunctionVersion, TagsError};

use super::ReadsFailed;
use super::reader::Reader;
use crate::declaration::{Desired, Stack};
use crate::kinds;
use crate::model::Address;
use crate::plan::LiveState;
use crate::wire::{
    Call, Endpoint, Failure, FailureClass, GetFunctionOutput, ListEventSourceMappingsInputBuilder,
    ListFunctionsInputBuilder, Missing, ReadCache, ReadResult, Reply, Request, TypedCall as _,
};

/// The part of a stack that the listings of the account show.
pub struct Listed {
    /// What is live of it. Tags and reservations are not part of it.
    pub live: LiveState,
    /// The declared resources that the listings tell of, live or not.
    pub known: BTreeSet<Address>,
    /// The declared resources that they should tell of and do not: a listing failed, or more has to be read.
    pub open: BTreeSet<Address>,
}

/// The times that a question is asked: a function, and then what its read decides on.
const TURNS: usize = 3;

/// Observes by listings alone.
pub async fn observe_listed(
    endpoint: &Arc<dyn Endpoint>,
    stack: &Stack,
    parallelism: usize,
) -> Result<Listed, ReadsFailed> {
    let cache = ReadCache::new(true);
    let mut reader = Reader { endpoint: endpoint.clone(), cache, page_limit: usize::MAX, parallelism };
    let functions = ListFunctionsInputBuilder::default().function_version(FunctionVersion::All);
    let mappings = ListEventSourceMappingsInputBuilder::default();
    reader.send_all(vec![functions.clone().call(), mappings.call()]).await;
    let listed = reader
        .cache
        .pages(functions)
        .map_err(|missing| ReadsFailed(vec![super::FailedRead { address: None, missing }]))?;
    let items = listed.iter().flat_map(|page| page.functions());
    let items = items.map(|config| {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        ((text(config.function_name()), text(config.version())), as_read(config))
    });
    let items: BTreeMap<(String, String), GetFunctionOutput> = items.collect();
    let mut listed = Listed { live: LiveState::default(), known: BTreeSet::new(), open: BTreeSet::new() };
    let mut open: Vec<&Desired> = stack.resources.values().collect();
    for _ in 0..TURNS {
        let mut missing = Vec::new();
        let mut unanswered = Vec::new();
        for desired in open {
            let (address, kind) = (&desired.at.address, kinds::entry(desired.at.address.kind));
            match kind.observe(&desired.at, Some(&desired.value), &reader.cache) {
                Ok(Some(live)) => {
                    listed.known.insert(address.clone());
                    listed.live.live.extend([(address.clone(), live)]);
                }
                // A listing has what Lambda keeps for itself, but not what is a part of a function and shown with it alone.
                // Versions are listed too.
                Ok(None) if is_listed(desired) || kind.lifecycle().implied => {
                    listed.known.insert(address.clone());
                }
                Ok(None) => {}
                Err(Missing::Reads(calls)) => {
                    missing.extend(calls);
                    unanswered.push(desired);
                }
                Err(Missing::Postponed) => unanswered.push(desired),
                Err(Missing::Failed(_) | Missing::GivenUp(_)) => {
                    listed.open.insert(address.clone());
                }
            }
        }
        open = unanswered;
        reader.answer_from(missing, &items).await;
    }
    // A mapping whose tags would have to be read, for example, differs.
    listed.open.extend(open.into_iter().filter(|desired| is_listed(desired)).map(|desired| desired.at.address.clone()));
    Ok(listed)
}

/// Returns true if a listing of the account shows such a resource, and not only the read of the function that it is a part of.
fn is_listed(desired: &Desired) -> bool {
    let lifecycle = kinds::entry(desired.at.address.kind).lifecycle();
    desired.parent.is_none() || lifecycle.outlives_parent
}

/// Returns what the read of a function would answer, as far as the listing shows it.
fn as_read(config: &FunctionConfiguration) -> GetFunctionOutput {
    let unread = TagsError::builder().error_code("NotListed").message("listings have no tags").build();
    GetFunctionOutput::builder().configuration(config.clone()).set_tags_error(unread.ok()).build()
}

impl Reader {
    /// Answers the reads of functions from a listing, and those of code signing from theirs. Sends nothing else.
    async fn answer_from(&mut self, reads: Vec<Call>, listed: &BTreeMap<(String, String), GetFunctionOutput>) {
        let mut groupable = Vec::new();
        for call in reads.into_iter().filter(|call| !self.cache.has(call)).collect::<Vec<_>>() {
            match &call {
                Call::GetFunction(input) => {
                    let version = input.get_qualifier().clone().unwrap_or_else(|| "$LATEST".to_owned());
                    let name = input.get_function_name().clone().unwrap_or_default();
                    let found = listed.get(&(name, version));
                    let result = found.map_or_else(
                        || ReadResult::Failed(absent(&call)),
                        |found| ReadResult::Pages(vec![Reply::GetFunction(Box::new(found.clone()))]),
                    );
                    self.cache.insert(&call, result);
                }
                _ if super::bulk::may_answer(&call) => groupable.push(call),
                _ => {}
            }
        }
        self.answer_together(&groupable).await;
    }
}

/// Returns the failure of the read of what the listing does not have.
fn absent(call: &Call) -> Failure {
    Failure {
        request: Request::Lambda(call.operation()),
        class: FailureClass::NotFound,
        code: "ResourceNotFoundException".to_owned(),
        message: "the listing does not have it".to_owned(),
        status: None,
        request_id: None,
        retry_after: None,
    }
}
