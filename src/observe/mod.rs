//! Observes the live resources: kinds name the reads that they need, and get the replies. Reads are sent concurrently.
//!
//! Reads are sent in rounds, because a read may depend on the reply to an earlier one. Account-wide listings are used where
//! they are cheaper than single reads, and abandoned when they turn out to be longer.
//!
//! # The fewest reads
//! A plan reads GetFunction, GetPolicy and ListAliases of each function, where its spec declares what they show. Drift reads
//! all that is not in a listing of the account as well; the API lists none of it for more than one function:
//!
//! | of each function | read | quota |
//! |---|---|---|
//! | the function, its tags, its reservation | GetFunction | 100 a second |
//! | policies: of the function, each alias and each version | GetPolicy | 15 a second |
//! | aliases | ListAliases | 15 a second, shared by all that follow |
//! | URLs | ListFunctionUrlConfigs | |
//! | asynchronous invocation | ListFunctionEventInvokeConfigs | |
//! | recursion | GetFunctionRecursionConfig | |
//! | runtime updates: of the function and each version that an alias uses | GetRuntimeManagementConfig | |
//! | provisioned concurrency, if there is a version | ListProvisionedConcurrencyConfigs | |
//! | scaling, on managed instances only: of each version | GetFunctionScalingConfig | |
//!
//! | of the account | read | a call for |
//! |---|---|---|
//! | functions and versions | ListFunctions | 50 |
//! | event source mappings | ListEventSourceMappings | 100 |
//! | functions' code signing | ListCodeSigningConfigs, ListFunctionsByCodeSigningConfig | each configuration |
//! | capacity providers | ListCapacityProviders, ListTags | 50, and each |
//!
//! ListFunctionVersionsByCapacityProvider tells nothing that these do not: a version's configuration names its provider.
//!
//! # Guarantees
//! - Equal reads are sent once, and a plan without changes costs the fewest calls (`tests/it/call_budget`).
//! - A failed read never counts as a missing resource: what it would have shown is unknown, and the rest is observed all the
//!   same (`tests/it/unanswered_reads.rs`).

mod bulk;
mod depth;
mod listed;
mod presumed;
mod reader;
mod unmanaged;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::declaration::{Desired, Stack};
use crate::kinds;
use crate::model::{Address, KindId};
use crate::plan::{Coverage, FailedSearch, LiveState};
use crate::resource::{Document, Observed, ResourceRef};
use crate::wire::{Call, Endpoint, Failure, FailureClass, Missing, ReadCache};

pub use depth::Depth;
pub use listed::{Listed, observe_listed};
use reader::Reader;
pub(crate) use reader::read_listing;

/// From this many functions on, listings of the whole account are tried first.
const ACCOUNT_WIDE_FROM: usize = 2;

/// Nothing could be read, so there is no plan.
#[derive(Debug, thiserror::Error)]
#[error("{} of the reads failed; the first: {}", .0.len(), .0.first().map_or(String::new(), |read| read.missing.to_string()))]
pub struct ReadsFailed(pub Vec<FailedRead>);

/// One resource that could not be read.
#[derive(Clone, Debug)]
pub struct FailedRead {
    /// The resource; for a search the one below which it searches, if there is one.
    pub address: Option<Address>,
    /// The reason.
    pub missing: Missing,
}

/// Observes the resources of the stack that are covered.
pub async fn observe(
    endpoint: &Arc<dyn Endpoint>,
    stack: &Stack,
    coverage: &Coverage<'_>,
    depth: Depth,
    parallelism: usize,
) -> Result<LiveState, ReadsFailed> {
    let read: Vec<&Desired> = stack.resources.values().filter(|desired| coverage.reads(&desired.at.address)).collect();
    let functions = functions(&read);
    let cache = ReadCache::new(functions.len() >= ACCOUNT_WIDE_FROM);
    let mut reader = Reader {
        endpoint: endpoint.clone(),
        cache: if coverage.needs_owners() { cache.reading_owners() } else { cache },
        // The search for undeclared resources needs complete listings.
        page_limit: if depth == Depth::Full || stack.prunes_at_top() { usize::MAX } else { functions.len().max(1) },
        parallelism,
    };
    let mut observed = LiveState::default();
    let declared = read.len();
    observe_declared(&mut reader, stack, read, &mut observed).await?;
    let presumed = presumed::kinds(&observed);
    if !presumed.is_empty() {
        // Another declaration may be the same live resource.
        let others = stack
            .resources
            .values()
            .filter(|desired| presumed.contains(&desired.at.address.kind) && !coverage.reads(&desired.at.address));
        observe_declared(&mut reader, stack, others.collect(), &mut observed).await?;
        presumed::resolve(&mut observed);
    }
    // Without permission for what is declared, what is not may be found all the same.
    let is_searched = depth == Depth::Full || stack.prunes_at_top();
    let is_denied = |failure: &Failure| failure.class == FailureClass::AccessDenied;
    let may_find_more = is_searched && observed.unreadable.values().any(is_denied);
    let nothing_was_read = declared > 0 && observed.unreadable.len() >= declared;
    if (nothing_was_read && !may_find_more) || observed.unreadable.values().any(Failure::rejects_credentials) {
        return Err(ReadsFailed(failed_reads(observed)));
    }
    let renamed = possibly_renamed(stack, coverage, &observed);
    if !renamed.is_empty() {
        reader.read_whole_listings();
    }
    unmanaged::find(&mut reader, stack, coverage, depth, &renamed, &mut observed).await;
    if observed.unsearched.iter().any(|search| search.failure.rejects_credentials()) {
        return Err(ReadsFailed(failed_reads(observed)));
    }
    Ok(observed)
}

/// Returns the reads of the covered resources that are sent whatever the replies to others are.
pub fn certain_reads(stack: &Stack, coverage: &Coverage<'_>) -> Vec<Call> {
    let read: Vec<&Desired> = stack.resources.values().filter(|desired| coverage.reads(&desired.at.address)).collect();
    let cache = ReadCache::new(functions(&read).len() >= ACCOUNT_WIDE_FROM);
    let observed = read
        .iter()
        .map(|desired| kinds::entry(desired.at.address.kind).observe(&desired.at, Some(&desired.value), &cache));
    let mut sent = HashSet::new();
    let reads = observed.filter_map(|live| match live {
        Err(Missing::Reads(calls)) => Some(calls),
        _ => None,
    });
    reads.flatten().filter(|call| sent.insert(call.identity())).collect()
}

/// Returns the keys of the functions, and of other resources at the top of the stack, among these.
fn functions<'a>(read: &[&'a Desired]) -> BTreeSet<&'a String> {
    let outermost = read.iter().map(|desired| &desired.at.address.keys).filter(|keys| keys.len() == 1);
    outermost.map(|keys| &keys[0]).collect()
}

/// Adds declared resources to what was observed.
async fn observe_declared(
    reader: &mut Reader,
    stack: &Stack,
    declared: Vec<&Desired>,
    observed: &mut LiveState,
) -> Result<(), ReadsFailed> {
    let existing = Existing::default();
    let live = reader.ask(declared, |_| true, |desired, cache| observe_below(stack, desired, &existing, cache));
    let mut found = Vec::new();
    for (desired, live) in live.await {
        let address = &desired.at.address;
        match live {
            Ok(Some(live)) => found.push((address.clone(), live)),
            Ok(None) => {}
            Err(Missing::Failed(failure)) => drop(observed.unreadable.insert(address.clone(), failure)),
            Err(missing) => return Err(ReadsFailed(vec![FailedRead { address: Some(address.clone()), missing }])),
        }
    }
    observed.live.extend(found);
    Ok(())
}

/// What was found out of the resources at the top of a stack: whether each exists.
type Existing<'a> = Mutex<HashMap<&'a Address, bool>>;

/// Observes a declared resource, unless what it is a part of does not exist. A function is read before what is below it, which
/// costs no time: its read has the largest quota.
fn observe_below<'a>(
    stack: &'a Stack,
    desired: &Desired,
    existing: &Existing<'a>,
    cache: &ReadCache,
) -> Result<Option<Observed>, Missing> {
    let kind = kinds::entry(desired.at.address.kind);
    let lifecycle = kind.lifecycle();
    let ancestors = std::iter::successors(parent(stack, desired), |around| parent(stack, around));
    if let Some(outermost) = ancestors.last().filter(|_| !lifecycle.outlives_parent && !lifecycle.may_be_orphaned)
        && !exists(outermost, existing, cache)?
    {
        return Ok(None);
    }
    kind.observe(&desired.at, Some(&desired.value), cache)
}

/// Returns true if the resource exists, or if that could not be read.
fn exists<'a>(outermost: &'a Desired, existing: &Existing<'a>, cache: &ReadCache) -> Result<bool, Missing> {
    let address = &outermost.at.address;
    if let Some(known) = existing.lock().unwrap_or_else(PoisonError::into_inner).get(address) {
        return Ok(*known);
    }
    let exists = match kinds::entry(address.kind).observe(&outermost.at, Some(&outermost.value), cache) {
        Err(first @ (Missing::Reads(_) | Missing::Postponed)) => return Err(first),
        Err(Missing::Failed(_) | Missing::GivenUp(_)) => true,
        Ok(live) => live.is_some(),
    };
    existing.lock().unwrap_or_else(PoisonError::into_inner).insert(address, exists);
    Ok(exists)
}

fn parent<'a>(stack: &'a Stack, desired: &Desired) -> Option<&'a Desired> {
    stack.resources.get(desired.parent.as_ref()?)
}

/// Returns the kinds of which a declared resource is absent that may be live under a former name: the tag of the stack shows
/// its owner, and a new name would leave it behind.
fn possibly_renamed(stack: &Stack, coverage: &Coverage<'_>, observed: &LiveState) -> BTreeSet<KindId> {
    let absent = stack.resources.values().filter(|desired| coverage.covers(&desired.at.address)).filter(|desired| {
        let address = &desired.at.address;
        let is_absent = !observed.live.contains_key(address) && !observed.unreadable.contains_key(address);
        is_absent && desired.parent.is_none() && kinds::entry(address.kind).lifecycle().is_tagged
    });
    absent.map(|desired| desired.at.address.kind).collect()
}

/// Returns every read of the observation that failed.
fn failed_reads(observed: LiveState) -> Vec<FailedRead> {
    let declared = observed.unreadable.into_iter().map(|(address, failure)| (Some(address), failure));
    let searches = observed.unsearched.into_iter().map(|FailedSearch { below, failure, .. }| (below, failure));
    let all = declared.chain(searches);
    all.map(|(address, failure)| FailedRead { address, missing: Missing::Failed(failure) }).collect()
}

/// The reads of one moment, such as those right before a write: none is from before, and none is sent twice.
pub struct FreshReads(Reader);

impl FreshReads {
    /// Begins with nothing read.
    pub fn new(endpoint: &Arc<dyn Endpoint>) -> FreshReads {
        FreshReads(Reader {
            endpoint: endpoint.clone(),
            cache: ReadCache::new(false).reading_owners(),
            page_limit: usize::MAX,
            parallelism: 4,
        })
    }

    /// Observes one resource.
    pub async fn observe(&mut self, at: &ResourceRef, desired: Option<&Document>) -> Result<Option<Observed>, Missing> {
        let kind = kinds::entry(at.address.kind);
        let mut live = self.0.ask(vec![at], |_| true, |at, cache| kind.observe(at, desired, cache)).await;
        live.remove(0).1
    }
}

/// Observes one resource, whatever was read before.
pub async fn observe_one(
    endpoint: &Arc<dyn Endpoint>,
    at: &ResourceRef,
    desired: Option<&Document>,
) -> Result<Option<Observed>, Missing> {
    FreshReads::new(endpoint).observe(at, desired).await
}
