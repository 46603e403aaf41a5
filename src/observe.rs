//! Observes the live resources: asks the kinds for the reads they want, sends them concurrently, and lets the kinds read the replies.
//!
//! Reading goes in rounds, because what a kind wants to know may depend on what it has seen. Equal reads are sent once.
//! Listings of the whole account are used where they are cheaper, and given up when they turn out longer than the
//! single reads that they were to spare.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinSet;

use crate::declaration::Stack;
use crate::kinds::{self, KINDS};
use crate::model::{Address, KindId, NotChecked};
use crate::plan::{LiveState, PlanOptions, UnmanagedResource};
use crate::resource::{Attribute, Context, KindEntry, Observed, ResourceRef, addresses_below};
use crate::wire::{Call, Endpoint, Failure, ReadCache, ReadError, ReadResult};

/// From this many functions on, listings of the whole account are tried first.
const ACCOUNT_WIDE_FROM: usize = 2;

/// The most rounds of reads that any kind may take; more means that a kind asks for what it has been told.
const ROUNDS: usize = 12;

/// The depth of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The declared resources, and what their reads show anyway.
    Declared,
    /// Everything on the surface of the stack.
    Full,
}

impl Depth {
    /// Pruning needs to know what is there.
    pub fn max_for(self, choice: &PlanOptions) -> Depth {
        if choice.prune || choice.destroy { Depth::Full } else { self }
    }
}

/// Reads could not be done, so nothing may be planned.
#[derive(Debug, thiserror::Error)]
#[error("{} of the reads failed; the first: {}", .0.len(), .0.first().map_or(String::new(), ToString::to_string))]
pub struct ReadsFailed(pub Vec<Failure>);

/// Observes everything that the stack is about.
pub async fn observe(
    endpoint: &Arc<dyn Endpoint>,
    stack: &Stack,
    depth: Depth,
    parallelism: usize,
) -> Result<LiveState, ReadsFailed> {
    let functions = stack.resources.keys().filter(|address| address.keys.len() == 1).map(|a| &a.keys[0]);
    let functions: BTreeSet<&String> = functions.collect();
    let mut reader = Reader {
        endpoint: endpoint.clone(),
        seen: ReadCache::new(functions.len() >= ACCOUNT_WIDE_FROM),
        // Whoever looks for what is not declared needs the listings whole.
        page_limit: if depth == Depth::Full || stack.prunes_at_top() { usize::MAX } else { functions.len().max(1) },
        parallelism,
        failures: Vec::new(),
    };
    let mut observed = LiveState::default();
    let declared: Vec<&crate::declaration::Desired> = stack.resources.values().collect();
    reader
        .rounds(|seen| {
            let wanted = declared.iter().flat_map(|desired| {
                kinds::entry(desired.at.address.kind).reads(&desired.at, Some(&desired.value), seen)
            });
            wanted.collect()
        })
        .await?;
    for desired in &declared {
        let kind = kinds::entry(desired.at.address.kind);
        match kind.live(&desired.at, Some(&desired.value), &reader.seen) {
            Ok(Some(live)) => drop(observed.live.insert(desired.at.address.clone(), live)),
            Ok(None) => {}
            Err(unread) => reader.failures.push(failure(unread)),
        }
    }
    reader.unmanaged(stack, depth, &mut observed).await?;
    if reader.failures.is_empty() { Ok(observed) } else { Err(ReadsFailed(reader.failures)) }
}

/// Observes one resource afresh, as a precondition does just before its write.
pub async fn observe_one(
    endpoint: &Arc<dyn Endpoint>,
    at: &ResourceRef,
    desired: Option<&Value>,
) -> Result<Option<Observed>, Failure> {
    let kind = kinds::entry(at.address.kind);
    let mut reader = Reader {
        endpoint: endpoint.clone(),
        seen: ReadCache::new(false),
        page_limit: usize::MAX,
        parallelism: 4,
        failures: Vec::new(),
    };
    let sent = reader.rounds(|seen| kind.reads(at, desired, seen)).await;
    if let Err(ReadsFailed(mut failures)) = sent {
        return Err(failures.remove(0));
    }
    kind.live(at, desired, &reader.seen).map_err(failure)
}

struct Reader {
    endpoint: Arc<dyn Endpoint>,
    seen: ReadCache,
    page_limit: usize,
    parallelism: usize,
    failures: Vec<Failure>,
}

impl Reader {
    /// Sends what is wanted until nothing more is.
    async fn rounds(&mut self, wanted: impl Fn(&ReadCache) -> Vec<Call>) -> Result<(), ReadsFailed> {
        for _ in 0..ROUNDS {
            let mut known = HashSet::new();
            let calls: Vec<Call> =
                wanted(&self.seen).into_iter().filter(|call| known.insert(call.identity())).collect();
            if calls.is_empty() {
                return Ok(());
            }
            self.send_all(calls).await;
        }
        Err(ReadsFailed(vec![failure(ReadError::NotAsked("a kind that never stops asking"))]))
    }

    async fn send_all(&mut self, calls: Vec<Call>) {
        let mut waiting = calls.into_iter();
        let mut sending = JoinSet::new();
        loop {
            while sending.len() < self.parallelism.max(1) {
                let Some(call) = waiting.next() else { break };
                let (endpoint, limit) = (self.endpoint.clone(), self.page_limit);
                sending.spawn(async move {
                    let answer = read_pages(endpoint.as_ref(), &call, limit).await;
                    (call, answer)
                });
            }
            match sending.join_next().await {
                None => return,
                Some(Ok((call, answer))) => self.seen.note(&call, answer),
                Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
            }
        }
    }

    /// Finds what lives below the stack's resources, and below what was found, without being declared.
    async fn unmanaged(&mut self, stack: &Stack, depth: Depth, observed: &mut LiveState) -> Result<(), ReadsFailed> {
        let mut unseen: BTreeSet<&'static str> = BTreeSet::new();
        // The stack itself, and everything below which there may be something.
        let mut parents: Vec<Option<ResourceRef>> = vec![None];
        let there = stack.resources.values().filter(|desired| observed.live.contains_key(&desired.at.address));
        parents.extend(there.map(|desired| Some(desired.at.clone())));
        while !parents.is_empty() {
            let below = |kind: &'static KindEntry| {
                let parents = parents.iter().filter(|parent| is_parent(kind, parent.as_ref()));
                parents.map(move |parent| {
                    let at = parent.clone().unwrap_or_else(|| ResourceRef::top(&stack.scope, kind.id()));
                    (kind, at, parent.as_ref().map(|parent| &parent.address))
                })
            };
            let pairs: Vec<(&KindEntry, ResourceRef, Option<&Address>)> = KINDS.iter().flat_map(below).collect();
            let around = ObservationContext { stack, live: &observed.live };
            let wanted = |kind: &KindEntry, parent: Option<&Address>| {
                // A stray is looked for only where it may go, and then all that hangs on it goes too.
                let is_stray = parent.is_some_and(|parent| !stack.resources.contains_key(parent));
                depth == Depth::Full || is_stray || stack.prunes(parent, kind.id())
            };
            let wanted = |seen: &ReadCache| {
                let pairs = pairs.iter().filter(|(kind, _, parent)| wanted(kind, *parent));
                pairs.flat_map(|(kind, at, _)| kind.found_reads(at, &around, seen)).collect()
            };
            self.rounds(wanted).await?;
            let mut found = Vec::new();
            for (kind, at, parent) in &pairs {
                match kind.found(at, &around, &self.seen) {
                    Ok(list) => found.extend(list.into_iter().map(|found| (*kind, parent.cloned(), found))),
                    Err(ReadError::Failed(failure)) => self.failures.push(failure),
                    Err(_) => drop(unseen.insert(kind.name())),
                }
            }
            let claimed: BTreeSet<(KindId, Option<&Address>, &str)> =
                observed.live.iter().map(|(address, live)| claim(address, &live.identity, stack)).collect();
            let mut next = Vec::new();
            for (kind, parent, found) in found {
                let key = (kind.id(), parent.as_ref(), found.identity.as_str());
                if claimed.contains(&key) && found.surplus.is_none() {
                    continue;
                }
                let mut at = found.at;
                if let Some(desired) = stack.resources.get(&at.address) {
                    if desired.at.names == at.names {
                        continue;
                    }
                    // The spec uses the live name as the key of something else; no key has a blank in it.
                    at.address.keys.last_mut().into_iter().for_each(|key| key.push_str(" (live)"));
                }
                match kind.live(&at, None, &self.seen) {
                    Ok(Some(live)) => {
                        next.push(Some(at.clone()));
                        observed.unmanaged.push(UnmanagedResource { at, live, parent, surplus: found.surplus });
                    }
                    Ok(None) => {}
                    Err(ReadError::Failed(failure)) => self.failures.push(failure),
                    Err(_) => drop(unseen.insert(kind.name())),
                }
            }
            parents = next;
        }
        observed.not_compared.extend(unseen.into_iter().map(NotChecked::undeclared));
        Ok(())
    }
}

/// All pages of a read; an account-wide listing is given up when it is longer than what it was to spare.
async fn read_pages(endpoint: &dyn Endpoint, call: &Call, page_limit: usize) -> ReadResult {
    let mut pages = Vec::new();
    let mut next = Some(call.clone());
    while let Some(page) = next {
        if call.is_account_wide() && pages.len() >= page_limit {
            return ReadResult::GivenUp;
        }
        match endpoint.send(page.clone()).await {
            Err(failure) => return ReadResult::Failed(failure),
            Ok(reply) => {
                next = page.next_page(&reply);
                pages.push(reply);
            }
        }
    }
    ReadResult::Pages(pages)
}

/// Returns true if resources of the kind are direct children of this place.
fn is_parent(kind: &KindEntry, parent: Option<&ResourceRef>) -> bool {
    let parent = parent.map(|parent| parent.address.kind);
    let above = |place: &str| kinds::above(place).map(|(above, _)| above.id()) == parent;
    // What may be left behind alone is looked for at the top as well.
    kind.places().iter().any(|place| above(place)) || (kind.lifecycle().may_be_orphaned && parent.is_none())
}

/// Returns what identifies a declared resource in the account: its kind, its parent and its identity.
fn claim<'a>(address: &'a Address, identity: &'a str, stack: &'a Stack) -> (KindId, Option<&'a Address>, &'a str) {
    let parent = stack.resources.get(address).and_then(|desired| desired.parent.as_ref());
    (address.kind, parent, identity)
}

fn failure(unread: ReadError) -> Failure {
    match unread {
        ReadError::Failed(failure) => failure,
        other => Failure {
            operation: "observe",
            class: crate::wire::FailureClass::Invalid,
            code: String::new(),
            message: other.to_string(),
            status: None,
            request_id: None,
            retry_after: None,
        },
    }
}

/// The declared resources, before anything was planned.
struct ObservationContext<'a> {
    stack: &'a Stack,
    live: &'a BTreeMap<Address, Observed>,
}

impl Context for ObservationContext<'_> {
    fn declared(&self, address: &Address) -> Option<&Value> {
        self.stack.resources.get(address).map(|desired| &desired.value)
    }

    fn planned(&self, _address: &Address) -> Option<&Value> {
        None
    }

    fn attribute(&self, address: &Address, name: &str) -> Option<Attribute> {
        self.live.get(address)?.attributes.get(name).cloned().map(Attribute::Known)
    }

    fn below(&self, kind: KindId, keys: &[String]) -> Vec<&Address> {
        addresses_below(&self.stack.resources, kind, keys)
    }

    fn observed(&self, address: &Address) -> Option<&Observed> {
        self.live.get(address)
    }
}
