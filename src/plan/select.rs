//! Selects the declared resources that a plan covers, each after its dependencies.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use super::context::PlanInputs;
use super::coverage::{Coverage, against, ancestors, leads_on, reach};
use super::live_state::unanswered;
use crate::declaration::Desired;
use crate::graph::Graph;
use crate::model::{Address, NotChecked, NotCheckedKind, Refusal, RefusalKind};
use crate::wire::{Cause, Failure};

/// The declared resources that a plan covers.
pub(super) struct Selection {
    /// Their addresses, each after those that it depends on.
    pub addresses: Vec<Address>,
    /// The number of declared resources that the options leave out.
    pub excluded: usize,
    /// The selected resources that are left out because they, or what they depend on, could not be read.
    pub unreadable: Vec<NotChecked>,
    /// A refusal for each option that names what the spec does not declare, because it would select something else.
    pub refusals: Vec<Refusal>,
}

/// Selects the declared resources that the user's options ask for.
pub(super) fn select(inputs: PlanInputs<'_>) -> Selection {
    let PlanInputs { stack, options, observed, .. } = inputs;
    let mut graph: Graph<&Address> = Graph::new();
    for (address, desired) in &stack.resources {
        graph.node(address);
        desired.depends_on.iter().for_each(|before| graph.edge(address, before));
    }
    let coverage = Coverage::of(stack, options);
    let mut addresses: Vec<Address> = graph.order().into_iter().cloned().collect();
    addresses.retain(|address| stack.resources.contains_key(address) && coverage.covers(address));
    let excluded = stack.resources.len() - addresses.len();
    // A region that does not offer a kind has no resource of it to delete.
    let parents = LazyCell::new(|| -> BTreeSet<&Address> {
        stack.resources.values().filter_map(|desired| desired.parent.as_ref()).collect()
    });
    let is_absent = |address: &Address, failure: &Failure| {
        options.destroy && failure.cause() == Some(Cause::NotOffered) && !parents.contains(address)
    };
    let (absent, failed): (Vec<_>, Vec<_>) =
        observed.unreadable.iter().partition(|(address, failure)| is_absent(address, failure));
    let mut failed: BTreeMap<&Address, &Failure> = failed.into_iter().collect();
    // Before a resource is deleted, it must be known what is deleted with it.
    let searches = observed.unsearched.iter().filter(|search| options.destroy && search.hides_resources());
    failed.extend(searches.filter_map(|search| Some((search.below.as_ref()?, &search.failure))));
    let unknown = unknown(inputs, &failed);
    let unreadable = addresses.iter().filter(|address| unknown.contains(address));
    let mut unreadable: Vec<NotChecked> =
        unreadable.map(|address| not_checked(address, failed.get(address).copied())).collect();
    // What could not be read is named also where it is not covered itself.
    let is_needed = |failed: &&Address| {
        let blocked = addresses.iter().filter(|address| unknown.contains(address));
        !coverage.covers(failed) && blocked.into_iter().any(|address| ancestors(stack, address).any(|it| it == *failed))
    };
    let needed: Vec<&Address> = failed.keys().copied().filter(is_needed).collect();
    unreadable.extend(needed.into_iter().map(|address| not_checked(address, failed.get(address).copied())));
    unreadable.extend(absent.into_iter().map(|(address, failure)| not_offered(address, failure)));
    addresses.retain(|address| !unknown.contains(address));
    let named = options.targets.iter().chain(&options.excludes);
    let undeclared = named.filter(|address| !stack.resources.contains_key(*address));
    Selection {
        excluded,
        unreadable,
        addresses,
        refusals: undeclared.map(|address| Refusal::of(address, RefusalKind::UndeclaredAddress)).collect(),
    }
}

/// Returns the reason why a resource is left out: its own read failed, or that of a resource it depends on.
fn not_checked(address: &Address, failure: Option<&Failure>) -> NotChecked {
    let address = address.clone();
    NotChecked(match failure {
        Some(failure) => NotCheckedKind::Unreadable { address, read: unanswered(failure) },
        None => NotCheckedKind::DependsOnUnreadable { address },
    })
}

/// Returns what is said of a resource that cannot exist, because the region does not offer its kind.
fn not_offered(address: &Address, failure: &Failure) -> NotChecked {
    NotChecked(NotCheckedKind::UndeclaredUnreadable { kind: address.kind, below: None, read: unanswered(failure) })
}

/// Returns the resources that could not be read, and those that cannot be decided without them. What stands alone is decided
/// if its owner is known.
fn unknown<'a>(inputs: PlanInputs<'a>, failed: &BTreeMap<&'a Address, &Failure>) -> BTreeSet<Address> {
    let PlanInputs { stack, options, .. } = inputs;
    if failed.is_empty() {
        return BTreeSet::new();
    }
    // A deletion spreads to what a resource depends on, and its owner stands above it all the same.
    let has_unknown_owner = |desired: &&Desired| {
        (options.destroy || desired.stands_alone)
            && ancestors(stack, &desired.at.address).any(|address| failed.contains_key(address))
    };
    let owned = stack.resources.values().filter(has_unknown_owner).map(|desired| &desired.at.address);
    let roots: Vec<Address> = failed.keys().copied().chain(owned).cloned().collect();
    reach(stack, &roots, against(options), |desired| leads_on(options, desired)).into_iter().cloned().collect()
}
