//! Selects the declared resources that a plan covers, each after its dependencies.

use std::collections::{BTreeMap, BTreeSet};

use super::PlanOptions;
use crate::declaration::Stack;
use crate::graph::Graph;
use crate::model::{Address, Refusal, RefusalKind};

/// The declared resources that a plan covers.
pub(super) struct Selection {
    /// Their addresses, each after those that it depends on.
    pub addresses: Vec<Address>,
    /// The number of declared resources that are left out.
    pub excluded: usize,
    /// A refusal for each option that names what the spec does not declare, because it would select something else.
    pub refusals: Vec<Refusal>,
}

/// From each resource to those one edge away.
type DependencyLists<'a> = BTreeMap<&'a Address, Vec<&'a Address>>;

/// Selects the declared resources that the user's options ask for.
pub(super) fn select(stack: &Stack, options: &PlanOptions) -> Selection {
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
    let named = options.targets.iter().chain(&options.excludes);
    let undeclared = named.filter(|address| !stack.resources.contains_key(*address));
    Selection {
        excluded: stack.resources.len() - addresses.len(),
        addresses,
        refusals: undeclared.map(|address| Refusal::of(address, RefusalKind::UndeclaredAddress)).collect(),
    }
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
