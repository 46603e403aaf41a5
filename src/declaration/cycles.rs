//! Dependency cycles among resources.

use std::collections::BTreeMap;

use super::report::{self, DiagnosticSink};
use crate::graph::Graph;
use crate::model::{Address, Span};

/// The reason why one resource depends on another.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The place of the reference, or of the key that stands below the other.
    pub span: Span,
    /// In words.
    pub why: String,
}

/// The resources on which each resource depends, with the reasons.
pub type Edges = BTreeMap<Address, BTreeMap<Address, Edge>>;

/// Reports the shortest cycle of every set of resources that depend on each other.
pub fn check(edges: &Edges, report: &mut DiagnosticSink) {
    let mut graph = Graph::new();
    for (from, to) in edges {
        to.keys().for_each(|to| graph.edge(from, to));
    }
    for circle in graph.cycles() {
        complain(&circle, edges, report);
    }
}

fn complain(circle: &[&Address], edges: &Edges, report: &mut DiagnosticSink) {
    let edge = |pair: &[&Address]| edges.get(pair[0])?.get(pair[1]).cloned();
    let steps: Vec<Edge> = circle.windows(2).filter_map(edge).collect();
    let Some((first, others)) = steps.split_first() else { return };
    // A cycle may have thousands of resources; its ends are enough to find it.
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
        .error(report::CYCLE, &first.span, format!("dependency cycle: {}", shown.join(" → ")))
        .label(&first.why)
        .help("replace one of the references with a literal name or ARN");
    for edge in others.iter().take(11) {
        draft = draft.related(edge.span.clone(), &edge.why);
    }
}
