//! Resources that wait for each other in a circle.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::report::{self, Report};
use crate::model::{Address, Span};

/// Why one resource waits for another.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The place of the reference, or of the key that stands below the other.
    pub span: Span,
    /// In words.
    pub why: String,
}

/// What every resource waits for, and why.
pub type Edges = BTreeMap<Address, BTreeMap<Address, Edge>>;

/// Reports one circle, the shortest, of every knot of resources.
pub fn check(edges: &Edges, report: &mut Report) {
    let mut graph: DiGraph<&Address, ()> = DiGraph::new();
    let mut index: BTreeMap<&Address, NodeIndex> = BTreeMap::new();
    for address in edges.iter().flat_map(|(from, to)| std::iter::once(from).chain(to.keys())) {
        index.entry(address).or_insert_with(|| graph.add_node(address));
    }
    for (from, to) in edges.iter().flat_map(|(from, to)| to.keys().map(move |to| (from, to))) {
        graph.add_edge(index[from], index[to], ());
    }
    // Kosaraju's algorithm does not recurse, so that a chain of any length is safe.
    let mut knots: Vec<BTreeSet<&Address>> = kosaraju_scc(&graph)
        .into_iter()
        .map(|knot| knot.into_iter().map(|node| graph[node]).collect::<BTreeSet<_>>())
        .filter(|knot| {
            knot.len() > 1 || knot.iter().any(|only| edges.get(*only).is_some_and(|to| to.contains_key(*only)))
        })
        .collect();
    knots.sort();
    for knot in knots {
        let Some(circle) = knot.first().and_then(|start| shortest(start, &knot, edges)) else { continue };
        complain(&circle, edges, report);
    }
}

/// The shortest way from `start` back to itself.
fn shortest<'e>(start: &'e Address, knot: &BTreeSet<&'e Address>, edges: &'e Edges) -> Option<Vec<&'e Address>> {
    let mut came: BTreeMap<&Address, &Address> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(here) = queue.pop_front() {
        for next in edges.get(here).into_iter().flat_map(BTreeMap::keys) {
            if next == start {
                let mut circle = vec![start, here];
                while let Some(before) = circle.last().filter(|last| **last != start).and_then(|last| came.get(*last)) {
                    circle.push(before);
                }
                circle.reverse();
                if circle.len() > 1 && here == start {
                    circle.truncate(2);
                }
                return Some(circle);
            }
            if knot.contains(next) && !came.contains_key(next) {
                came.insert(next, here);
                queue.push_back(next);
            }
        }
    }
    None
}

fn complain(circle: &[&Address], edges: &Edges, report: &mut Report) {
    let edge = |pair: &[&Address]| edges.get(pair[0])?.get(pair[1]).cloned();
    let steps: Vec<Edge> = circle.windows(2).filter_map(edge).collect();
    let Some((first, others)) = steps.split_first() else { return };
    // A spec may hold a circle of thousands; its ends are enough to find it.
    let shown: Vec<String> = match circle.len() {
        0..=12 => circle.iter().map(ToString::to_string).collect(),
        length => {
            let ends = circle[..6].iter().chain(&circle[length - 5..]).map(ToString::to_string);
            let mut ends: Vec<String> = ends.collect();
            ends.insert(6, format!("… {} more …", length - 11));
            ends
        }
    };
    let mut draft = report
        .error(report::CYCLE, &first.span, format!("resources wait for each other: {}", shown.join(" → ")))
        .label(&first.why)
        .help("write one of the names or ARNs as it is, or take the reference away");
    for edge in others.iter().take(11) {
        draft = draft.related(edge.span.clone(), &edge.why);
    }
}
