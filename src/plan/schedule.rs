//! Orders the steps of a plan and records which wait for which.

use std::collections::{BTreeMap, BTreeSet};

use super::{Operand, Precondition, Step};
use crate::graph::Graph;
use crate::model::{Action, Address};

/// A step that has no number yet, and what orders it.
#[derive(Clone, Debug)]
pub(super) struct UnorderedStep {
    /// The step; its id is its position among the unordered ones, plus one.
    pub step: Step,
    /// The resources whose steps come before: parents and references.
    pub depends_on: BTreeSet<Address>,
    /// For a deletion: the resources that hang on it or point to it, whose steps come before.
    pub outlasted_by: BTreeSet<Address>,
    /// Shared limits in which it makes room.
    pub frees: Vec<String>,
    /// Shared limits from which it takes.
    pub takes: Vec<String>,
    /// For a deletion: the resources whose steps had better come before, though nothing breaks if they cannot.
    pub better_after: BTreeSet<Address>,
    /// The resource that it hangs on, if it comes before that one's steps and not after them.
    pub ahead_of: Option<Address>,
}

/// Numbers the steps so that each comes after all that it waits for, and fills in those dependencies.
pub(super) fn schedule(unordered: Vec<UnorderedStep>) -> Vec<Step> {
    let graph = dependencies(&unordered);
    let order = graph.order();
    debug_assert_eq!(order.len(), unordered.len(), "the steps of a plan wait for each other in a cycle");
    let number: BTreeMap<usize, u32> = order.iter().zip(1..).map(|(at, id)| (*at, id)).collect();
    let renumber = |operand: &Operand| match operand {
        Operand::Output { step, member } => {
            Operand::Output { step: number[&(*step as usize - 1)], member: member.clone() }
        }
        known => known.clone(),
    };
    let mut steps: Vec<Step> = Vec::with_capacity(unordered.len());
    for at in order {
        let mut step = unordered[at].step.clone();
        step.id = number[&at];
        step.after = graph.before(&at).map(|at| number[at]).collect();
        step.after.sort_unstable();
        step.operands = step.operands.iter().map(|(path, operand)| (path.clone(), renumber(operand))).collect();
        if let Precondition::Revision { is, .. } = &mut step.precondition {
            *is = renumber(is);
        }
        steps.push(step);
    }
    steps
}

/// The steps by their positions, each with those that come before it.
///
/// What a resource needs must come first. Every other order is a preference, and is dropped where it would close a
/// cycle: Lambda then rejects what it must, and the next plan goes on from there.
fn dependencies(unordered: &[UnorderedStep]) -> Graph<usize> {
    let mut of: BTreeMap<&Address, Vec<usize>> = BTreeMap::new();
    for (at, item) in unordered.iter().enumerate() {
        of.entry(&item.step.address).or_default().push(at);
    }
    let mut hard = Graph::new();
    for (at, item) in unordered.iter().enumerate() {
        hard.node(at);
        let own = of[&item.step.address].iter().filter(|other| **other < at);
        own.for_each(|other| hard.edge(at, *other));
        let related = if item.step.action == Action::Delete { &item.outlasted_by } else { &item.depends_on };
        for address in related.iter().filter(|address| item.ahead_of.as_ref() != Some(*address)) {
            of.get(address).into_iter().flatten().for_each(|other| hard.edge(at, *other));
        }
        for later in item.ahead_of.iter().filter_map(|parent| of.get(parent)).flatten() {
            hard.edge(*later, at);
        }
    }
    with_preferences(hard, &soft_edges(unordered, &of))
}

/// Adds the preferences, the more important ones first, but for those that would close a cycle.
fn with_preferences(hard: Graph<usize>, soft: &[(usize, usize)]) -> Graph<usize> {
    let mut all = hard.clone();
    soft.iter().for_each(|(later, earlier)| all.edge(*later, *earlier));
    let components = all.components();
    if components.is_empty() {
        return all;
    }
    // Only an edge within a component can be part of a cycle, so only those are looked at one by one.
    let component: BTreeMap<usize, usize> =
        components.iter().enumerate().flat_map(|(at, nodes)| nodes.iter().map(move |node| (*node, at))).collect();
    let mut graph = hard;
    for (later, earlier) in soft {
        let within = component.get(later).filter(|it| component.get(earlier) == Some(it));
        if within.is_none_or(|within| !reaches(&graph, *earlier, *later, &components[*within])) {
            graph.edge(*later, *earlier);
        }
    }
    graph
}

/// Returns true if `from` comes after `to` by way of any number of steps of the component.
fn reaches(graph: &Graph<usize>, from: usize, to: usize, component: &BTreeSet<usize>) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut waiting = vec![from];
    while let Some(at) = waiting.pop() {
        if at == to {
            return true;
        }
        waiting.extend(graph.before(&at).filter(|before| component.contains(before) && seen.insert(**before)));
    }
    false
}

/// Returns pairs of steps of which the second should come before the first, the more important ones first.
fn soft_edges(unordered: &[UnorderedStep], of: &BTreeMap<&Address, Vec<usize>>) -> Vec<(usize, usize)> {
    let mut frees: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut outermost: BTreeMap<Option<&String>, Vec<usize>> = BTreeMap::new();
    for (at, item) in unordered.iter().enumerate() {
        item.frees.iter().for_each(|pool| frees.entry(pool).or_default().push(at));
        outermost.entry(item.step.address.keys.first()).or_default().push(at);
    }
    let (mut room, mut rest) = (Vec::new(), Vec::new());
    for (at, item) in unordered.iter().enumerate() {
        let mine = &of[&item.step.address];
        let freeing = item.takes.iter().flat_map(|pool| frees.get(pool.as_str()).into_iter().flatten());
        room.extend(freeing.filter(|other| !mine.contains(other)).map(|other| (at, *other)));
        let pointing = item.better_after.iter().flat_map(|address| of.get(address).into_iter().flatten());
        room.extend(pointing.filter(|other| !mine.contains(other)).map(|other| (at, *other)));
        let neighbours = outermost[&item.step.address.keys.first()].iter();
        if item.step.action == Action::Delete && item.ahead_of.is_none() {
            // What is deleted may still be in use until everything beside it has moved away.
            let moving = neighbours.filter(|other| unordered[**other].step.action != Action::Delete);
            rest.extend(moving.map(|other| (at, *other)));
        } else if let Precondition::Revision { of: revised, .. } = &item.step.precondition
            && *revised != item.step.address
        {
            // A write beside the function may move its revision, so what still needs the revision comes first.
            let beside = neighbours.filter(|other| is_independent(&unordered[**other], revised, item));
            rest.extend(beside.map(|other| (*other, at)));
        }
    }
    room.extend(rest);
    room
}

/// Returns true if `other` neither belongs to the revised resource nor is a dependency of `item`.
fn is_independent(other: &UnorderedStep, revised: &Address, item: &UnorderedStep) -> bool {
    let address = &other.step.address;
    address != revised
        && *address != item.step.address
        && other.step.action != Action::Delete
        && !item.depends_on.contains(address)
        && other.ahead_of.is_none()
}
