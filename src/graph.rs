//! A directed graph: a stable topological order, its cycles, and its rendering.
//!
//! The order depends on names alone, never on the order in which nodes or edges were added. Inside, nodes are numbers: names
//! are looked up once, when an edge is added.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, VecDeque};
use std::fmt::{Display, Write};
use std::hash::Hash;

use indexmap::IndexSet;
use petgraph::algo::kosaraju_scc;
use petgraph::graphmap::DiGraphMap;

/// A directed graph: an edge leads from a node to one that comes before it.
#[derive(Clone, Debug, Default)]
pub struct Graph<N> {
    nodes: IndexSet<N>,
    /// The direct predecessors of each node, by number; one that was added twice is there twice.
    before: Vec<Vec<usize>>,
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

impl<N: Ord + Hash + Clone> Graph<N> {
    /// Returns an empty graph.
    pub fn new() -> Self {
        Graph { nodes: IndexSet::new(), before: Vec::new() }
    }

    /// Adds a node, unless the graph has it.
    pub fn node(&mut self, node: N) {
        self.number(node);
    }

    /// Adds an edge, and both nodes if needed: `node` comes after `before`, which may be the same node.
    pub fn edge(&mut self, node: N, before: N) {
        let [node, before] = [node, before].map(|name| self.number(name));
        self.before[node].push(before);
    }

    fn number(&mut self, node: N) -> usize {
        let (number, is_new) = self.nodes.insert_full(node);
        if is_new {
            self.before.push(Vec::new());
        }
        number
    }

    /// Returns the direct predecessors of a node, in the order of their names.
    pub fn before(&self, node: &N) -> impl Iterator<Item = &N> {
        let numbers = self.nodes.get_index_of(node).map(|number| &self.before[number]);
        let mut before: Vec<&N> = numbers.into_iter().flatten().map(|number| &self.nodes[*number]).collect();
        before.sort_unstable();
        before.dedup();
        before.into_iter()
    }

    /// Returns all nodes, in the order of their names.
    pub fn nodes(&self) -> impl Iterator<Item = &N> {
        self.by_name().into_iter().map(|number| &self.nodes[number])
    }

    /// Returns the numbers of the nodes, in the order of their names.
    fn by_name(&self) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..self.nodes.len()).collect();
        numbers.sort_by(|one, other| self.nodes[*one].cmp(&self.nodes[*other]));
        numbers
    }

    /// Returns the place of each node in the order of their names, by its number.
    fn ranks(&self) -> Vec<usize> {
        let mut ranks = vec![0; self.nodes.len()];
        self.by_name().into_iter().enumerate().for_each(|(rank, number)| ranks[number] = rank);
        ranks
    }

    /// Returns the topological order; nodes that are free at the same time come by name. Nodes on or behind a cycle are left out.
    pub fn order(&self) -> Vec<N> {
        let ranks = self.ranks();
        let mut after: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (number, before) in self.before.iter().enumerate() {
            before.iter().for_each(|before| after[*before].push(number));
        }
        let mut open: Vec<usize> = self.before.iter().map(Vec::len).collect();
        let free = (0..self.nodes.len()).filter(|number| open[*number] == 0);
        let mut free: BinaryHeap<Reverse<(usize, usize)>> =
            free.map(|number| Reverse((ranks[number], number))).collect();
        let mut order = Vec::with_capacity(self.nodes.len());
        while let Some(Reverse((_, number))) = free.pop() {
            order.push(self.nodes[number].clone());
            for later in &after[number] {
                open[*later] -= 1;
                if open[*later] == 0 {
                    free.push(Reverse((ranks[*later], *later)));
                }
            }
        }
        order
    }

    /// Returns one cycle for each strongly connected component, each from its first name back to itself: `a`, `b`, `a`.
    pub fn cycles(&self) -> Vec<Vec<N>> {
        let by_name = self.by_name();
        let graph = self.ranked();
        // Kosaraju's algorithm does not recurse, so that a chain of any length is safe.
        let mut cycles: Vec<Vec<usize>> = kosaraju_scc(&graph)
            .into_iter()
            .filter_map(|component| shortest_cycle(&graph, &component.into_iter().collect()))
            .collect();
        cycles.sort();
        let name = |rank: usize| self.nodes[by_name[rank]].clone();
        cycles.into_iter().map(|cycle| cycle.into_iter().map(name).collect()).collect()
    }

    /// Returns the strongly connected components of two nodes and more: every cycle lies within one of them.
    pub fn components(&self) -> Vec<BTreeSet<N>> {
        let by_name = self.by_name();
        let name = |rank: usize| self.nodes[by_name[rank]].clone();
        let components = kosaraju_scc(&self.ranked()).into_iter().filter(|component| component.len() > 1);
        components.map(|component| component.into_iter().map(name).collect()).collect()
    }

    /// Returns the edges between the ranks of their nodes.
    fn ranked(&self) -> DiGraphMap<usize, ()> {
        let ranks = self.ranks();
        let edges = self.before.iter().enumerate().flat_map(|(node, before)| before.iter().map(move |it| (node, *it)));
        DiGraphMap::from_edges(edges.map(|(node, before)| (ranks[node], ranks[before])))
    }
}

impl<N: Ord + Hash + Clone + Display> Graph<N> {
    /// Renders the graph as text: each node with its predecessors.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for node in self.order() {
            let _ = writeln!(text, "{node}");
            for before in self.before(&node) {
                let _ = writeln!(text, "  after {before}");
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
        for node in self.nodes() {
            for before in self.before(node) {
                let _ = writeln!(text, "  {} -> {};", quoted(node), quoted(before));
            }
        }
        text.push_str("}\n");
        text
    }

    /// Renders the graph in Mermaid's language, which GitHub draws.
    pub fn mermaid(&self) -> String {
        let mut text = String::from("graph LR\n");
        let places: HashMap<&N, usize> = self.nodes().zip(0..).collect();
        for (place, node) in self.nodes().enumerate() {
            let _ = writeln!(text, "  n{place}[{}]", quoted(node));
        }
        for (place, node) in self.nodes().enumerate() {
            for before in self.before(node) {
                let _ = writeln!(text, "  n{place} --> n{}", places[before]);
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
