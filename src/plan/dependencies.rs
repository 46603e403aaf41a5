//! Finds out which steps of a plan wait for which.

use std::collections::{BTreeMap, BTreeSet};

use super::Precondition;
use super::unordered_step::UnorderedStep;
use crate::graph::Graph;
use crate::model::{Action, Address};

/// A node of the graph of steps.
///
/// Every step that takes from a shared limit waits for all that free some of it. One node stands between the two, so
/// that the edges are as many as the steps, and not as many as the pairs of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum StepNode<'a> {
    /// The moment at which every step that frees some of a shared limit has succeeded. It comes first in the order of
    /// nodes, so that what waits for it is not put off.
    Freed(&'a str),
    /// A step, by its position.
    Step(usize),
}

/// The positions of the steps of each resource.
type Positions<'a> = BTreeMap<&'a Address, Vec<usize>>;

/// Returns the steps, each with those that come before it.
///
/// The dependencies of a resource come first. Every other order is a preference, and is dropped where it would close a
/// cycle: Lambda then rejects what it must, and the next plan goes on from there.
pub(super) fn dependencies(unordered: &[UnorderedStep]) -> Graph<StepNode<'_>> {
    let mut positions = Positions::new();
    for (at, item) in unordered.iter().enumerate() {
        for address in std::iter::once(&item.step.address).chain(&item.step.also_creates) {
            positions.entry(address).or_default().push(at);
        }
    }
    let required = required(unordered, &positions);
    let limits = SharedLimits::of(unordered);
    let mut all = required.clone();
    limits.connect(&mut all, &BTreeSet::new());
    for (later, earlier) in preferred(unordered, &positions, &limits, &BTreeSet::new()) {
        all.edge(StepNode::Step(later), StepNode::Step(earlier));
    }
    let components = all.components();
    if components.is_empty() {
        return all;
    }
    // Only an edge within a component can be part of a cycle, so only those are looked at one by one.
    let component: BTreeMap<StepNode<'_>, usize> =
        components.iter().enumerate().flat_map(|(at, nodes)| nodes.iter().map(move |node| (*node, at))).collect();
    let entangled = (0..unordered.len()).filter(|at| component.contains_key(&StepNode::Step(*at))).collect();
    let mut graph = required;
    limits.connect(&mut graph, &entangled);
    for (later, earlier) in preferred(unordered, &positions, &limits, &entangled) {
        let (later, earlier) = (StepNode::Step(later), StepNode::Step(earlier));
        let within = component.get(&later).filter(|it| component.get(&earlier) == Some(it));
        if within.is_none_or(|within| !reaches(&graph, earlier, later, &components[*within])) {
            graph.edge(later, earlier);
        }
    }
    graph
}

/// Returns the edges that must hold.
fn required<'a>(unordered: &'a [UnorderedStep], positions: &Positions<'_>) -> Graph<StepNode<'a>> {
    let mut graph = Graph::new();
    for (at, item) in unordered.iter().enumerate() {
        graph.node(StepNode::Step(at));
        let own = positions[&item.step.address].iter().filter(|other| **other < at);
        own.for_each(|other| graph.edge(StepNode::Step(at), StepNode::Step(*other)));
        let depends_on = item.depends_on.iter().filter(|_| item.step.action != Action::Delete);
        for address in
            item.outlasted_by.iter().chain(depends_on).filter(|address| item.ahead_of.as_ref() != Some(*address))
        {
            let others = positions.get(address).into_iter().flatten();
            others.for_each(|other| graph.edge(StepNode::Step(at), StepNode::Step(*other)));
        }
        for later in item.ahead_of.iter().filter_map(|parent| positions.get(parent)).flatten() {
            graph.edge(StepNode::Step(*later), StepNode::Step(at));
        }
    }
    graph
}

/// The shared limits, with the steps that free and take some of each.
struct SharedLimits<'a> {
    unordered: &'a [UnorderedStep],
    freeing: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> SharedLimits<'a> {
    fn of(unordered: &'a [UnorderedStep]) -> SharedLimits<'a> {
        let mut freeing: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, item) in unordered.iter().enumerate() {
            item.frees.iter().for_each(|limit| freeing.entry(limit).or_default().push(at));
        }
        SharedLimits { unordered, freeing }
    }

    /// Returns the steps that free some of a limit, if one of another resource than `taker` is among them.
    fn freed_before(&self, limit: &str, taker: &Address) -> Option<&[usize]> {
        let freeing = self.freeing.get(limit)?;
        freeing.iter().any(|at| self.unordered[*at].step.address != *taker).then_some(freeing)
    }

    /// Adds the edges through the nodes of the limits, for all steps but `apart`.
    fn connect(&self, graph: &mut Graph<StepNode<'a>>, apart: &BTreeSet<usize>) {
        let mut connected: BTreeSet<&str> = BTreeSet::new();
        for (at, item) in self.unordered.iter().enumerate().filter(|(at, _)| !apart.contains(at)) {
            for limit in &item.takes {
                let Some(freeing) = self.freed_before(limit, &item.step.address) else { continue };
                graph.edge(StepNode::Step(at), StepNode::Freed(limit));
                if connected.insert(limit) {
                    freeing.iter().for_each(|earlier| graph.edge(StepNode::Freed(limit), StepNode::Step(*earlier)));
                }
            }
        }
    }
}

/// Returns pairs of steps of which the second should come before the first, the more important ones first. Those of
/// shared limits are among them only for the `entangled` steps.
fn preferred(
    unordered: &[UnorderedStep],
    positions: &Positions<'_>,
    limits: &SharedLimits<'_>,
    entangled: &BTreeSet<usize>,
) -> Vec<(usize, usize)> {
    let mut families: BTreeMap<Option<&String>, Vec<usize>> = BTreeMap::new();
    for (at, item) in unordered.iter().enumerate() {
        families.entry(item.step.address.keys.first()).or_default().push(at);
    }
    let (mut pairs, mut rest) = (Vec::new(), Vec::new());
    for (at, item) in unordered.iter().enumerate() {
        let is_other = |other: &usize| unordered[*other].step.address != item.step.address;
        let takes = item.takes.iter().filter(|_| entangled.contains(&at));
        let freeing = takes.filter_map(|limit| limits.freed_before(limit, &item.step.address)).flatten();
        let referring = item.better_after.iter().filter_map(|address| positions.get(address)).flatten();
        pairs.extend(freeing.chain(referring).copied().filter(is_other).map(|other| (at, other)));
        let family = families[&item.step.address.keys.first()].iter();
        if item.step.action == Action::Delete && item.ahead_of.is_none() {
            // What is deleted may still be in use until the other resources of the function no longer refer to it.
            let staying = family.filter(|other| unordered[**other].step.action != Action::Delete);
            rest.extend(staying.map(|other| (at, *other)));
        } else if let Precondition::Revision { of: revised, .. } = &item.step.precondition
            && *revised != item.step.address
        {
            // Another write on the function may move its revision, so the step that still needs the revision is first.
            let independent = family.filter(|other| is_independent(&unordered[**other], revised, item));
            rest.extend(independent.map(|other| (*other, at)));
        }
    }
    pairs.extend(rest);
    pairs
}

/// Returns true if `other` neither belongs to the revised resource nor is a dependency of `item`.
fn is_independent(other: &UnorderedStep, revised: &Address, item: &UnorderedStep) -> bool {
    let address = &other.step.address;
    address != revised
        && *address != item.step.address
        && other.step.action != Action::Delete
        && !item.depends_on.contains(address)
        && other.ahead_of.is_none()
        && !other.stands_alone
}

/// Returns true if `from` comes after `to` by way of any number of nodes of the component.
fn reaches<'a>(
    graph: &Graph<StepNode<'a>>,
    from: StepNode<'a>,
    to: StepNode<'a>,
    component: &BTreeSet<StepNode<'a>>,
) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut waiting = vec![from];
    while let Some(node) = waiting.pop() {
        if node == to {
            return true;
        }
        waiting.extend(graph.before(&node).filter(|before| component.contains(before) && seen.insert(**before)));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::schedule::tests::{sharing, step};

    fn edges(unordered: &[UnorderedStep]) -> usize {
        let graph = dependencies(unordered);
        graph.nodes().map(|node| graph.before(node).count()).sum()
    }

    #[test]
    fn the_edges_of_a_shared_limit_are_as_many_as_its_steps() {
        let many = |count: usize| -> Vec<UnorderedStep> {
            let lower = (0..count).map(|at| sharing(step(&format!("reserved_concurrency/low{at}")), &["account"], &[]));
            let raise = (0..count).map(|at| sharing(step(&format!("reserved_concurrency/up{at}")), &[], &["account"]));
            lower.chain(raise).collect()
        };
        assert_eq!([edges(&many(10)), edges(&many(1000))], [20, 2000]);
    }

    #[test]
    fn a_limit_that_only_the_resource_itself_frees_orders_nothing() {
        let unordered = [sharing(step("alias/a/x"), &["account"], &[]), sharing(step("alias/b/x"), &[], &["other"])];
        assert_eq!(edges(&unordered), 0);
        let both = [sharing(step("alias/a/x"), &["account"], &["account"])];
        assert_eq!(edges(&both), 0);
    }
}
