//! Selects the declared resources that a plan covers, each after its dependencies.

use std::collections::{BTreeMap, BTreeSet};

use super::context::PlanInputs;
use super::live_state::unanswered;
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

/// From each resource to those one edge away.
type DependencyLists<'a> = BTreeMap<&'a Address, Vec<&'a Address>>;

/// Selects the declared resources that the user's options ask for.
pub(super) fn select(inputs: PlanInputs<'_>) -> Selection {
    let PlanInputs { stack, options, observed, .. } = inputs;
    let mut graph = Graph::new();
    let (mut needs, mut needed_by) = (DependencyLists::new(), DependencyLists::new());
    for (address, desired) in &stack.resources {
        graph.node(address.clone());
        for before in &desired.depends_on {
            graph.edge(address.clone(), before.clone());
            needs.entry(address).or_default().push(before);
            needed_by.entry(before).or_default().push(address);
        }
    }
    // A resource is created with its dependencies and destroyed with its dependents.
    let (along, against) = if options.destroy { (&needed_by, &needs) } else { (&needs, &needed_by) };
    let included = (!options.targets.is_empty()).then(|| reach(&options.targets, along));
    let excluded = reach(&options.excludes, against);
    let mut addresses = graph.order();
    addresses.retain(|address| {
        stack.resources.contains_key(address)
            && included.as_ref().is_none_or(|included| included.contains(address))
            && !excluded.contains(address)
    });
    let excluded = stack.resources.len() - addresses.len();
    // A region that does not offer a kind has no resource of it to delete.
    let parents: BTreeSet<&Address> = stack.resources.values().filter_map(|desired| desired.parent.as_ref()).collect();
    let is_absent = |address: &Address, failure: &Failure| {
        options.destroy && failure.cause() == Some(Cause::NotOffered) && !parents.contains(address)
    };
    let (absent, failed): (Vec<_>, Vec<_>) =
        observed.unreadable.iter().partition(|(address, failure)| is_absent(address, failure));
    let mut failed: BTreeMap<&Address, &Failure> = failed.into_iter().collect();
    // Before a resource is deleted, it must be known what is deleted with it.
    let searches = observed.unsearched.iter().filter(|search| options.destroy && search.hides_resources());
    failed.extend(searches.filter_map(|search| Some((search.below.as_ref()?, &search.failure))));
    let roots: Vec<Address> = failed.keys().map(|address| (*address).clone()).collect();
    let unknown = reach(&roots, against);
    let unreadable = addresses.iter().filter(|address| unknown.contains(address));
    let mut unreadable: Vec<NotChecked> =
        unreadable.map(|address| not_checked(address, failed.get(address).copied())).collect();
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

/// Returns everything that can be reached from these.
fn reach<'a>(start: &'a [Address], edges: &DependencyLists<'a>) -> BTreeSet<&'a Address> {
    let mut reached: BTreeSet<&Address> = start.iter().collect();
    let mut waiting: Vec<&Address> = start.iter().collect();
    while let Some(address) = waiting.pop() {
        let next = edges.get(address).into_iter().flatten();
        waiting.extend(next.filter(|next| reached.insert(**next)));
    }
    reached
}
