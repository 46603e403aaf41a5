//! Searches for the live resources that the spec does not declare.

use std::collections::BTreeSet;

use super::depth::Depth;
use super::reader::Reader;
use crate::declaration::Stack;
use crate::kinds::{self, KINDS};
use crate::model::{Address, AddressMap, AttributeName, KindId, NotChecked, NotCheckedKind, StepReason};
use crate::plan::{Coverage, FailedSearch, LiveState, UnmanagedResource};
use crate::resource::{Attribute, Context, Discovered, Document, Gap, KindEntry, Observed, ResourceRef};
use crate::wire::{Failure, Missing};

/// A search for the resources of a kind below a parent.
struct Search<'a> {
    kind: &'static KindEntry,
    below: ResourceRef,
    parent: Option<&'a Address>,
    /// Reads are sent for it; otherwise it uses cached reads only.
    is_thorough: bool,
    /// Nobody asked for it, so it must not cost more reads than [`MOST_READS`].
    is_bounded: bool,
}

/// The most reads for which a resource is looked for under its former name: the owner of each function is a read.
const MOST_READS: usize = 200;

impl Search<'_> {
    /// Gives up a search that nobody asked for if it needs too many reads.
    fn within_bounds(&self, found: Result<Vec<Discovered>, Missing>) -> Result<Vec<Discovered>, Missing> {
        match found {
            Err(Missing::Reads(calls)) if self.is_bounded && calls.len() > MOST_READS => {
                Err(Missing::GivenUp(calls[0].operation()))
            }
            found => found,
        }
    }
}

/// A resource that a search has found, before it is known to be undeclared.
struct SearchResult<'a> {
    kind: &'static KindEntry,
    parent: Option<&'a Address>,
    is_thorough: bool,
    discovered: Discovered,
}

/// A live resource that is not declared, before it was observed.
struct Undeclared {
    kind: &'static KindEntry,
    at: ResourceRef,
    parent: Option<Address>,
    surplus: Option<StepReason>,
    is_thorough: bool,
}

/// Adds the undeclared resources below the stack's resources, and below each other, to what was observed.
///
/// `renamed` has the kinds of which a declared resource is absent: it is looked for under another name.
pub(super) async fn find(
    reader: &mut Reader,
    stack: &Stack,
    coverage: &Coverage<'_>,
    depth: Depth,
    renamed: &BTreeSet<KindId>,
    observed: &mut LiveState,
) {
    let mut gaps = Gaps::default();
    // The stack itself, and every resource that may have children.
    let mut parents: Vec<Option<ResourceRef>> = vec![None];
    let live = stack.resources.values().filter(|desired| observed.live.contains_key(&desired.at.address));
    parents.extend(live.map(|desired| Some(desired.at.clone())));
    while !parents.is_empty() {
        let live = &observed.live;
        let lists = reader.ask(
            searches(stack, coverage, depth, renamed, &parents),
            |search| search.is_thorough,
            |search, cache| {
                let cx = ObservationContext { stack, live, is_thorough: search.is_thorough };
                search.within_bounds(search.kind.discover(&search.below, &cx, cache))
            },
        );
        let mut results = Vec::new();
        for (Search { kind, parent, is_thorough, .. }, list) in lists.await {
            let list = match list {
                Ok(list) => list,
                Err(missing) => {
                    gaps.add(missing, kind, parent, is_thorough);
                    continue;
                }
            };
            // A resource that could not be read may be one of these.
            if let Some(failure) = unreadable_sibling(stack, observed, kind, parent).filter(|_| !list.is_empty()) {
                gaps.add(Missing::Failed(failure.clone()), kind, parent, is_thorough);
                continue;
            }
            let (named, list): (Vec<_>, Vec<_>) = list.into_iter().partition(|discovered| discovered.gap.is_some());
            gaps.add_named(kind, parent, named);
            results.extend(list.into_iter().map(|discovered| SearchResult { kind, parent, is_thorough, discovered }));
        }
        let undeclared = undeclared(stack, live, results);
        let answers =
            reader.ask(undeclared, |it| it.is_thorough, |it, cache| it.kind.observe(&it.at, None, cache)).await;
        let mut next = Vec::new();
        for (Undeclared { kind, at, parent, surplus, is_thorough }, live) in answers {
            match live {
                Ok(Some(live)) => {
                    next.push(Some(at.clone()));
                    observed.unmanaged.push(UnmanagedResource { at, live, parent, surplus });
                }
                Ok(None) => {}
                Err(missing) => gaps.add(missing, kind, parent.as_ref(), is_thorough),
            }
        }
        parents = next;
    }
    observed.not_compared.extend(gaps.history);
    observed.not_compared.extend(gaps.not_searched.into_iter().map(NotChecked::undeclared));
    observed.unsearched = gaps.failed;
}

/// The searches without a result.
#[derive(Default)]
struct Gaps {
    /// The kinds for which nothing asked.
    not_searched: BTreeSet<KindId>,
    /// The versions that are only named.
    history: Vec<NotChecked>,
    /// The searches of which a read failed.
    failed: Vec<FailedSearch>,
}

impl Gaps {
    /// Adds what can only be named of the resources of a kind below a parent.
    fn add_named(&mut self, kind: &KindEntry, parent: Option<&Address>, named: Vec<Discovered>) {
        let (mut versions, mut unused) = (Vec::new(), Vec::new());
        let mut unattributed = None;
        for Discovered { identity, gap, .. } in named {
            match gap {
                Some(Gap::Unattributed(failure)) => unattributed = Some(failure),
                Some(Gap::Unused) => unused.push(identity),
                _ => versions.push(identity),
            }
        }
        self.failed.extend(unattributed.map(|failure| FailedSearch {
            kind: kind.id(),
            below: parent.cloned(),
            failure,
        }));
        let Some(address) = parent.cloned() else { return };
        if !unused.is_empty() {
            let unused = NotCheckedKind::UnusedVersions { kind: kind.id(), address: address.clone(), versions: unused };
            self.history.push(NotChecked(unused));
        }
        if !versions.is_empty() {
            self.history.push(NotChecked(NotCheckedKind::UndeclaredVersions { address, versions }));
        }
    }

    /// Adds a search, or the observation of what it has found. A search that nothing asked for has not failed.
    fn add(&mut self, missing: Missing, kind: &KindEntry, parent: Option<&Address>, is_thorough: bool) {
        match missing {
            Missing::Failed(failure) if is_thorough => {
                self.failed.push(FailedSearch { kind: kind.id(), below: parent.cloned(), failure });
            }
            _ => drop(self.not_searched.insert(kind.id())),
        }
    }
}

/// Returns the failure to read a declared resource that a search of this kind below this parent would find.
fn unreadable_sibling<'a>(
    stack: &Stack,
    observed: &'a LiveState,
    kind: &KindEntry,
    parent: Option<&Address>,
) -> Option<&'a Failure> {
    let is_sibling = |address: &Address| {
        address.kind == kind.id() && stack.resources.get(address).and_then(|it| it.parent.as_ref()) == parent
    };
    observed.unreadable.iter().find(|(address, _)| is_sibling(address)).map(|(_, failure)| failure)
}

/// Returns the kinds to look for below each parent; `None` is the top of the stack.
fn searches<'a>(
    stack: &Stack,
    coverage: &Coverage<'_>,
    depth: Depth,
    renamed: &BTreeSet<KindId>,
    parents: &'a [Option<ResourceRef>],
) -> Vec<Search<'a>> {
    let below = |kind: &'static KindEntry| {
        parents.iter().filter(|parent| is_parent(kind, parent.as_ref())).map(move |place| {
            let parent = place.as_ref().map(|place| &place.address);
            // An undeclared parent is found only where it may be deleted or was renamed, and then with all its children.
            let is_undeclared = parent.is_some_and(|parent| !stack.resources.contains_key(parent));
            let below = place.clone().unwrap_or_else(|| ResourceRef::top(&stack.scope, kind.id()));
            let is_pruned = stack.prunes(parent, kind.id()) && coverage.searches_below(parent, kind.id());
            let is_asked_for =
                (depth == Depth::Full && coverage.is_searched(parent, kind.id())) || is_undeclared || is_pruned;
            let is_thorough = is_asked_for || (parent.is_none() && renamed.contains(&kind.id()));
            Search { kind, below, parent, is_thorough, is_bounded: !is_asked_for }
        })
    };
    KINDS.iter().flat_map(below).collect()
}

/// Returns the discovered resources that are not declared.
fn undeclared(stack: &Stack, live: &AddressMap<Observed>, results: Vec<SearchResult<'_>>) -> Vec<Undeclared> {
    let parent_of = |address: &Address| stack.resources.get(address).and_then(|desired| desired.parent.as_ref());
    let declared: BTreeSet<(KindId, Option<&Address>, &str)> =
        live.iter().map(|(address, live)| identification(address.kind, parent_of(address), &live.identity)).collect();
    let mut undeclared = Vec::new();
    for SearchResult { kind, parent, is_thorough, discovered } in results {
        let Discovered { mut at, identity, surplus, .. } = discovered;
        if declared.contains(&identification(kind.id(), parent, &identity)) && surplus.is_none() {
            continue;
        }
        if let Some(desired) = stack.resources.get(&at.address) {
            if desired.at.names == at.names {
                continue;
            }
            // The spec uses the live name as the key of another resource; the space makes the address unique.
            let mut keys = at.address.keys.to_vec();
            keys.last_mut().into_iter().for_each(|key| key.push_str(" (live)"));
            at.address.keys = keys.into_iter().collect();
        }
        undeclared.push(Undeclared { kind, at, parent: parent.cloned(), surplus, is_thorough });
    }
    undeclared
}

/// Returns true if resources of the kind are children of this parent.
fn is_parent(kind: &KindEntry, parent: Option<&ResourceRef>) -> bool {
    let parent = parent.map(|parent| parent.address.kind);
    let above = |place: &str| kinds::above(place).map(|(above, _)| above.id()) == parent;
    // Resources that may outlive their parent are searched for without one too.
    kind.places().iter().any(|place| above(place)) || (kind.lifecycle().may_be_orphaned && parent.is_none())
}

/// Returns what identifies a resource in the account: its kind, its parent and its identity. A resource that may outlive its
/// parent may move to another one, and its identity is unique in the account.
fn identification<'a>(
    kind: KindId,
    parent: Option<&'a Address>,
    identity: &'a str,
) -> (KindId, Option<&'a Address>, &'a str) {
    (kind, parent.filter(|_| !kinds::entry(kind).lifecycle().may_be_orphaned), identity)
}

/// The declared and the live resources, before planning.
struct ObservationContext<'a> {
    stack: &'a Stack,
    live: &'a AddressMap<Observed>,
    is_thorough: bool,
}

impl Context for ObservationContext<'_> {
    fn declared(&self, address: &Address) -> Option<&Document> {
        self.stack.resources.get(address).map(|desired| &desired.value)
    }

    fn planned(&self, _address: &Address) -> Option<&Document> {
        None
    }

    fn attribute(&self, address: &Address, name: &AttributeName) -> Option<Attribute> {
        self.live.get(address)?.attributes.get(name).cloned().map(Attribute::Known)
    }

    fn below(&self, kind: KindId, keys: &[String]) -> Vec<&Address> {
        self.stack.resources.below(kind, keys)
    }

    fn observed(&self, address: &Address) -> Option<&Observed> {
        self.live.get(address)
    }

    fn is_thorough(&self) -> bool {
        self.is_thorough
    }
}
