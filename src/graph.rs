//! A directed graph: a stable topological order, its cycles, and its rendering.
//!
//! The order depends on names alone, never on the order in which nodes or edges were added.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::fmt::{Display, Write};
use std::hash::Hash;

use petgraph::algo::kosaraju_scc;
use petgraph::graphmap::DiGraphMap;

/// A directed graph: an edge leads from a node to one that comes before it.
#[derive(Clone, Debug, Default)]
pub struct Graph<N: Ord> {
    needs: BTreeMap<N, BTreeSet<N>>,
}

/// Returns true if these edges make no cycle. Takes a fraction of the time that it takes to build a [`Graph`] and look for
/// the cycles.
pub fn is_acyclic<'n, N: Hash + Eq + 'n>(edges: impl Iterator<Item = (&'n N, &'n N)>) -> bool {
    let mut numbers: HashMap<&N, usize> = HashMap::new();
    let (mut before, mut after): (Vec<usize>, Vec<Vec<usize>>) = (Vec::new(), Vec::new());
    for (node, need) in edges {
        let [node, need] = [node, need].map(|name| {
            let next = numbers.len();
            let number = *numbers.entry(name).or_insert(next);
            if number == before.len() {
                before.push(0);
                after.push(Vec::new());
            }
            number
        });
        before[node] += 1;
        after[need].push(node);
    }
    let mut free: Vec<usize> = (0..before.len()).filter(|node| before[*node] == 0).collect();
    let mut ordered = 0;
    while let Some(node) = free.pop() {
        ordered += 1;
        for later in &after[node] {
            before[*later] -= 1;
            if before[*later] == 0 {
                free.push(*later);
            }
        }
    }
    ordered == before.len()
}

impl<N: Ord + Clone> Graph<N> {
    /// Returns an empty graph.
    pub fn new() -> Self {
        Graph { needs: BTreeMap::new() }
    }

    /// Adds a node, unless the graph has it.
    pub fn node(&mut self, node: N) {
        self.needs.entry(node).or_default();
    }

    /// Adds an edge, and both nodes if needed: `node` comes after `before`, which may be the same node.
    pub fn edge(&mut self, node: N, before: N) {
        self.node(before.clone());
        self.needs.entry(node).or_default().insert(before);
    }

    /// Returns the direct predecessors of a node.
    pub fn before(&self, node: &N) -> impl Iterator<Item = &N> {
        self.needs.get(node).into_iter().flatten()
    }

    /// Returns all nodes, in the order of their names.
    pub fn nodes(&self) -> impl Iterator<Item = &N> {
        self.needs.keys()
    }

    /// Returns the topological order; nodes that are free at the same time come by name. Nodes on or behind a cycle are left out.
    pub fn order(&self) -> Vec<N> {
        let mut after: BTreeMap<&N, Vec<&N>> = BTreeMap::new();
        let mut open: BTreeMap<&N, usize> = BTreeMap::new();
        for (node, needs) in &self.needs {
            open.insert(node, needs.len());
            for need in needs {
                after.entry(need).or_default().push(node);
            }
        }
        let mut free: BTreeSet<&N> = open.iter().filter(|(_, count)| **count == 0).map(|(node, _)| *node).collect();
        let mut order = Vec::with_capacity(self.needs.len());
        while let Some(node) = free.pop_first() {
            order.push(node.clone());
            for later in after.get(node).into_iter().flatten().copied() {
                if let Some(count) = open.get_mut(later) {
                    *count -= 1;
                    if *count == 0 {
                        free.insert(later);
                    }
                }
            }
        }
        order
    }

    /// Returns one cycle for each strongly connected component, each from its first name back to itself: `a`, `b`, `a`.
    pub fn cycles(&self) -> Vec<Vec<N>> {
        let names: Vec<&N> = self.needs.keys().collect();
        let graph = self.numbered();
        // Kosaraju's algorithm does not recurse, so that a chain of any length is safe.
        let mut cycles: Vec<Vec<usize>> = kosaraju_scc(&graph)
            .into_iter()
            .filter_map(|component| shortest_cycle(&graph, &component.into_iter().collect()))
            .collect();
        cycles.sort();
        cycles.into_iter().map(|cycle| cycle.into_iter().map(|at| names[at].clone()).collect()).collect()
    }

    /// Returns the strongly connected components of two nodes and more: every cycle lies within one of them.
    pub fn components(&self) -> Vec<BTreeSet<N>> {
        let names: Vec<&N> = self.needs.keys().collect();
        let components = kosaraju_scc(&self.numbered()).into_iter().filter(|component| component.len() > 1);
        components.map(|component| component.into_iter().map(|at| names[at].clone()).collect()).collect()
    }

    fn numbered(&self) -> DiGraphMap<usize, ()> {
        let number = self.numbers();
        let edges = self.needs.iter().flat_map(|(node, needs)| needs.iter().map(move |need| (node, need)));
        DiGraphMap::from_edges(edges.map(|(node, need)| (number[node], number[need])))
    }

    fn numbers(&self) -> BTreeMap<&N, usize> {
        self.needs.keys().enumerate().map(|(at, node)| (node, at)).collect()
    }
}

impl<N: Ord + Clone + Display> Graph<N> {
    /// Renders the graph as text: each node with its predecessors.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for node in self.order() {
            let _ = writeln!(text, "{node}");
            for need in self.before(&node) {
                let _ = writeln!(text, "  after {need}");
            }
        }
        text
    }

    /// Renders the graph in Graphviz's language; arrows lead from a node to its predecessors.
    pub fn dot(&self) -> String {
        let mut text = String::from("digraph stack {\n  rankdir = LR;\n  node [shape = box];\n");
        for node in self.nodes() {
            let _ = writeln!(text, "  {};", quoted(node));
        }
        for (node, needs) in &self.needs {
            for need in needs {
                let _ = writeln!(text, "  {} -> {};", quoted(node), quoted(need));
            }
        }
        text.push_str("}\n");
        text
    }

    /// Renders the graph in Mermaid's language, which GitHub draws.
    pub fn mermaid(&self) -> String {
        let mut text = String::from("graph LR\n");
        let number = self.numbers();
        for (node, at) in &number {
            let _ = writeln!(text, "  n{at}[{}]", quoted(node));
        }
        for (node, needs) in &self.needs {
            for need in needs {
                let _ = writeln!(text, "  n{} --> n{}", number[node], number[need]);
            }
        }
        text
    }
}

fn quoted(node: &impl Display) -> String {
    format!("\"{}\"", node.to_string().replace('"', "'"))
}

/// Returns the shortest cycle through the first node of a strongly connected component.
fn shortest_cycle(graph: &DiGraphMap<usize, ()>, knot: &BTreeSet<usize>) -> Option<Vec<usize>> {
    let start = *knot.first()?;
    let mut from: BTreeMap<usize, usize> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(here) = queue.pop_front() {
        let mut next: Vec<usize> = graph.neighbors(here).filter(|node| knot.contains(node)).collect();
        next.sort_unstable();
        for node in next {
            if node == start {
                let mut cycle = vec![start];
                let mut at = here;
                while at != start {
                    cycle.push(at);
                    at = from[&at];
                }
                cycle.push(start);
                cycle.reverse();
                return Some(cycle);
            }
            from.entry(node).or_insert_with(|| {
                queue.push_back(node);
                here
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&'static str, &'static str)]) -> Graph<&'static str> {
        let mut graph = Graph::new();
        for (node, before) in edges {
            graph.edge(*node, *before);
        }
        graph
    }

    #[test]
    fn the_order_depends_on_names_alone() {
        let edges = [("alias", "version"), ("version", "function"), ("mapping", "alias"), ("url", "function")];
        let mut reversed = edges;
        reversed.reverse();
        assert_eq!(graph(&edges).order(), ["function", "url", "version", "alias", "mapping"]);
        assert_eq!(graph(&edges).order(), graph(&reversed).order());
    }

    #[test]
    fn a_cycle_is_named_whole_and_nodes_outside_it_are_not() {
        let graph = graph(&[("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("x", "a"), ("y", "y")]);
        assert_eq!(graph.cycles(), [vec!["a", "b", "c", "a"], vec!["y", "y"]]);
        assert_eq!(graph.order(), ["d"]);
    }

    #[test]
    fn a_graph_is_acyclic_if_it_has_no_cycle() {
        let cases: [&[(&str, &str)]; 4] =
            [&[], &[("a", "b"), ("b", "c"), ("a", "c")], &[("a", "b"), ("b", "a")], &[("a", "b"), ("b", "b")]];
        for edges in cases {
            assert_eq!(is_acyclic(edges.iter().map(|(a, b)| (a, b))), graph(edges).cycles().is_empty(), "{edges:?}");
        }
    }
}
