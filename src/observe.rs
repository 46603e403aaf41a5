//! Observes the live resources: kinds name the reads that they need, and get the replies. Reads are sent concurrently.
//!
//! Reads are sent in rounds, because a read may depend on the reply to an earlier one. Account-wide listings are used where
//! they are cheaper than single reads, and abandoned when they turn out to be longer.
//!
//! # Guarantees
//! - Equal reads are sent once, and a plan without changes costs the fewest calls (`tests/it/call_budget.rs`).
//! - A failed read fails the observation; it never counts as a missing resource (`tests/it/lost_replies.rs`).

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::declaration::{Desired, Stack};
use crate::kinds::{self, KINDS};
use crate::model::{Address, KindId, NotChecked, StepReason};
use crate::plan::{LiveState, PlanOptions, UnmanagedResource};
use crate::resource::{Attribute, Context, Discovered, Document, KindEntry, Observed, ResourceRef, addresses_below};
use crate::wire::{Call, Endpoint, Failure, Missing, ReadCache, ReadResult};

/// From this many functions on, listings of the whole account are tried first.
const ACCOUNT_WIDE_FROM: usize = 2;

/// The limit of rounds; a kind that needs more asks for the same reads again.
const ROUNDS: usize = 12;

/// The depth of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The declared resources, and whatever their reads show besides.
    Declared,
    /// All resources, declared or not.
    Full,
}

impl Depth {
    /// Returns the depth that the options need: pruning needs undeclared resources.
    pub fn max_for(self, options: &PlanOptions) -> Depth {
        if options.prune || options.destroy { Depth::Full } else { self }
    }
}

/// Reads failed, so there is no plan.
#[derive(Debug, thiserror::Error)]
#[error("{} of the reads failed; the first: {}", .0.len(), .0.first().map_or(String::new(), ToString::to_string))]
pub struct ReadsFailed(pub Vec<Failure>);

/// Observes the resources of the stack.
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
        cache: ReadCache::new(functions.len() >= ACCOUNT_WIDE_FROM),
        // The search for undeclared resources needs complete listings.
        page_limit: if depth == Depth::Full || stack.prunes_at_top() { usize::MAX } else { functions.len().max(1) },
        parallelism,
        failures: Vec::new(),
    };
    let mut observed = LiveState::default();
    let declared: Vec<&Desired> = stack.resources.values().collect();
    let live = reader.ask(
        declared,
        |_| true,
        |desired, cache| kinds::entry(desired.at.address.kind).observe(&desired.at, Some(&desired.value), cache),
    );
    for (desired, live) in live.await {
        match live {
            Ok(Some(live)) => drop(observed.live.insert(desired.at.address.clone(), live)),
            Ok(None) => {}
            Err(missing) => reader.failures.push(failure(missing)),
        }
    }
    reader.unmanaged(stack, depth, &mut observed).await;
    if reader.failures.is_empty() { Ok(observed) } else { Err(ReadsFailed(reader.failures)) }
}

/// Observes one resource without cached reads, for a precondition right before its write.
pub async fn observe_one(
    endpoint: &Arc<dyn Endpoint>,
    at: &ResourceRef,
    desired: Option<&Document>,
) -> Result<Option<Observed>, Failure> {
    let kind = kinds::entry(at.address.kind);
    let mut reader = Reader {
        endpoint: endpoint.clone(),
        cache: ReadCache::new(false),
        page_limit: usize::MAX,
        parallelism: 4,
        failures: Vec::new(),
    };
    let mut live = reader.ask(vec![at], |_| true, |at, cache| kind.observe(at, desired, cache)).await;
    live.remove(0).1.map_err(failure)
}

struct Reader {
    endpoint: Arc<dyn Endpoint>,
    cache: ReadCache,
    page_limit: usize,
    parallelism: usize,
    failures: Vec<Failure>,
}

/// A search for the resources of a kind below a parent.
struct Search<'a> {
    kind: &'static KindEntry,
    below: ResourceRef,
    parent: Option<&'a Address>,
    /// Reads are sent for it; otherwise it uses cached reads only.
    is_thorough: bool,
}

/// A live resource that is not declared, before it was observed.
struct Unclaimed {
    kind: &'static KindEntry,
    at: ResourceRef,
    parent: Option<Address>,
    surplus: Option<StepReason>,
    is_thorough: bool,
}

impl Reader {
    /// Answers a question about each item, in order. Sends the reads that an answer needs if `may_send` allows it.
    async fn ask<I, T>(
        &mut self,
        items: Vec<I>,
        may_send: impl Fn(&I) -> bool,
        question: impl Fn(&I, &ReadCache) -> Result<T, Missing>,
    ) -> Vec<(I, Result<T, Missing>)> {
        let mut answers: Vec<Result<T, Missing>> = items.iter().map(|item| question(item, &self.cache)).collect();
        for _ in 0..ROUNDS {
            let mut wanted = HashSet::new();
            let missing = items.iter().zip(&answers).filter_map(|(item, answer)| match answer {
                Err(Missing::Reads(calls)) if may_send(item) => Some(calls),
                _ => None,
            });
            let new = missing.flatten().filter(|call| !self.cache.has(call) && wanted.insert(call.identity()));
            let calls: Vec<Call> = new.cloned().collect();
            if calls.is_empty() {
                break;
            }
            self.send_all(calls).await;
            for (item, answer) in items.iter().zip(&mut answers) {
                if matches!(answer, Err(Missing::Reads(_))) {
                    *answer = question(item, &self.cache);
                }
            }
        }
        items.into_iter().zip(answers).collect()
    }

    async fn send_all(&mut self, calls: Vec<Call>) {
        let mut waiting = calls.into_iter();
        let mut sending = JoinSet::new();
        loop {
            while sending.len() < self.parallelism.max(1) {
                let Some(call) = waiting.next() else { break };
                let (endpoint, limit) = (self.endpoint.clone(), self.page_limit);
                sending.spawn(async move {
                    let result = read_pages(endpoint.as_ref(), &call, limit).await;
                    (call, result)
                });
            }
            match sending.join_next().await {
                None => return,
                Some(Ok((call, result))) => self.cache.insert(&call, result),
                Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
            }
        }
    }

    /// Finds undeclared resources below the stack's resources, and below each other.
    async fn unmanaged(&mut self, stack: &Stack, depth: Depth, observed: &mut LiveState) {
        let mut unseen: BTreeSet<&'static str> = BTreeSet::new();
        // The stack itself, and every resource that may have children.
        let mut parents: Vec<Option<ResourceRef>> = vec![None];
        let there = stack.resources.values().filter(|desired| observed.live.contains_key(&desired.at.address));
        parents.extend(there.map(|desired| Some(desired.at.clone())));
        while !parents.is_empty() {
            let searches = searches(stack, depth, &parents);
            let live = &observed.live;
            let lists = self.ask(
                searches,
                |search| search.is_thorough,
                |search, cache| {
                    let around = ObservationContext { stack, live, is_thorough: search.is_thorough };
                    search.kind.discover(&search.below, &around, cache)
                },
            );
            let mut found = Vec::new();
            for (search, list) in lists.await {
                let list = self.known(list, search.kind, &mut unseen).unwrap_or_default();
                found.extend(
                    list.into_iter().map(|discovered| (search.kind, search.parent, search.is_thorough, discovered)),
                );
            }
            let unclaimed = unclaimed(stack, live, found);
            let answers =
                self.ask(unclaimed, |it| it.is_thorough, |it, cache| it.kind.observe(&it.at, None, cache)).await;
            let mut next = Vec::new();
            for (Unclaimed { kind, at, parent, surplus, .. }, live) in answers {
                if let Some(live) = self.known(live, kind, &mut unseen).flatten() {
                    next.push(Some(at.clone()));
                    observed.unmanaged.push(UnmanagedResource { at, live, parent, surplus });
                }
            }
            parents = next;
        }
        observed.not_compared.extend(unseen.into_iter().map(NotChecked::undeclared));
    }

    /// Returns the answer. A failed read fails the observation; a read that was not sent adds the kind to `unseen`.
    fn known<T>(
        &mut self,
        answer: Result<T, Missing>,
        kind: &KindEntry,
        unseen: &mut BTreeSet<&'static str>,
    ) -> Option<T> {
        match answer {
            Ok(answer) => return Some(answer),
            Err(Missing::Failed(failure)) => self.failures.push(failure),
            Err(Missing::Reads(_) | Missing::GivenUp(_)) => drop(unseen.insert(kind.name())),
        }
        None
    }
}

/// Returns the kinds to look for below each parent; `None` is the top of the stack.
fn searches<'a>(stack: &Stack, depth: Depth, parents: &'a [Option<ResourceRef>]) -> Vec<Search<'a>> {
    let below = |kind: &'static KindEntry| {
        parents.iter().filter(|parent| is_parent(kind, parent.as_ref())).map(move |place| {
            let parent = place.as_ref().map(|place| &place.address);
            // An undeclared parent is found only where it may be deleted, and then with all its children.
            let is_undeclared = parent.is_some_and(|parent| !stack.resources.contains_key(parent));
            let below = place.clone().unwrap_or_else(|| ResourceRef::top(&stack.scope, kind.id()));
            let is_thorough = depth == Depth::Full || is_undeclared || stack.prunes(parent, kind.id());
            Search { kind, below, parent, is_thorough }
        })
    };
    KINDS.iter().flat_map(below).collect()
}

/// Returns the discovered resources that are not declared.
fn unclaimed(
    stack: &Stack,
    live: &BTreeMap<Address, Observed>,
    found: Vec<(&'static KindEntry, Option<&Address>, bool, Discovered)>,
) -> Vec<Unclaimed> {
    let claimed: BTreeSet<(KindId, Option<&Address>, &str)> =
        live.iter().map(|(address, live)| claim(address, &live.identity, stack)).collect();
    let mut unclaimed = Vec::new();
    for (kind, parent, is_thorough, Discovered { mut at, identity, surplus }) in found {
        if claimed.contains(&(kind.id(), parent, identity.as_str())) && surplus.is_none() {
            continue;
        }
        if let Some(desired) = stack.resources.get(&at.address) {
            if desired.at.names == at.names {
                continue;
            }
            // The spec uses the live name as the key of another resource; the space makes the address unique.
            at.address.keys.last_mut().into_iter().for_each(|key| key.push_str(" (live)"));
        }
        unclaimed.push(Unclaimed { kind, at, parent: parent.cloned(), surplus, is_thorough });
    }
    unclaimed
}

/// Sends a read, with all its pages; an account-wide listing is abandoned after `page_limit` pages.
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

/// Returns true if resources of the kind are children of this parent.
fn is_parent(kind: &KindEntry, parent: Option<&ResourceRef>) -> bool {
    let parent = parent.map(|parent| parent.address.kind);
    let above = |place: &str| kinds::above(place).map(|(above, _)| above.id()) == parent;
    // Resources that may outlive their parent are searched for without one too.
    kind.places().iter().any(|place| above(place)) || (kind.lifecycle().may_be_orphaned && parent.is_none())
}

/// Returns what identifies a declared resource in the account: its kind, its parent and its identity.
fn claim<'a>(address: &'a Address, identity: &'a str, stack: &'a Stack) -> (KindId, Option<&'a Address>, &'a str) {
    let parent = stack.resources.get(address).and_then(|desired| desired.parent.as_ref());
    (address.kind, parent, identity)
}

fn failure(missing: Missing) -> Failure {
    match missing {
        Missing::Failed(failure) => failure,
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

/// The declared and the live resources, before planning.
struct ObservationContext<'a> {
    stack: &'a Stack,
    live: &'a BTreeMap<Address, Observed>,
    is_thorough: bool,
}

impl Context for ObservationContext<'_> {
    fn declared(&self, address: &Address) -> Option<&Document> {
        self.stack.resources.get(address).map(|desired| &desired.value)
    }

    fn planned(&self, _address: &Address) -> Option<&Document> {
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

    fn is_thorough(&self) -> bool {
        self.is_thorough
    }
}
