//! Selects the declared resources that a plan covers, each after its dependencies.

use std::collections::{BTreeMap, BTreeSet};

use super::PlanOptions;
use crate::declaration::Stack;
use crate::graph::Graph;
use crate::model::Address;

/// From each resource to those one edge away.
type Edges<'a> = BTreeMap<&'a Address, Vec<&'a Address>>;

/// The declared addresses that the user has chosen, in the order of their making.
pub fn chosen(stack: &Stack, choice: &PlanOptions) -> Vec<Address> {
    let mut graph = Graph::new();
    let (mut needs, mut needed_by) = (Edges::new(), Edges::new());
    for (address, desired) in &stack.resources {
        graph.node(address.clone());
        for before in &desired.depends_on {
            graph.edge(address.clone(), before.clone());
            needs.entry(address).or_default().push(before);
            needed_by.entry(before).or_default().push(address);
        }
    }
    // What is made needs what it hangs on; what is destroyed takes along what hangs on it.
    let (along, against) = if choice.destroy { (&needed_by, &needs) } else { (&needs, &needed_by) };
    let included = (!choice.targets.is_empty()).then(|| reach(&choice.targets, along));
    let excluded = reach(&choice.excludes, against);
    let mut order = graph.order();
    order.retain(|address| {
        stack.resources.contains_key(address)
            && included.as_ref().is_none_or(|included| included.contains(address))
            && !excluded.contains(address)
    });
    order
}

/// Everything that can be reached from these.
fn reach<'a>(start: &'a [Address], edges: &Edges<'a>) -> BTreeSet<&'a Address> {
    let mut reached: BTreeSet<&Address> = start.iter().collect();
    let mut waiting: Vec<&Address> = start.iter().collect();
    while let Some(address) = waiting.pop() {
        let next = edges.get(address).into_iter().flatten();
        waiting.extend(next.filter(|next| reached.insert(**next)));
    }
    reached
}
