//! Dependency cycles among resources.

use std::collections::BTreeMap;

use super::report::{self, DiagnosticSink};
use crate::graph::{Graph, is_acyclic};
use crate::model::{Address, Span};

/// One resource's dependency on another.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The place of the reference, or of the key that stands below the other.
    pub span: Span,
    /// The reason.
    pub reason: EdgeReason,
}

/// The reasons why one resource depends on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeReason {
    /// The other is its parent.
    BelongsTo,
    /// It refers to the other.
    RefersTo,
    /// Its kind asks for that order.
    RunsAfter,
}

impl EdgeReason {
    /// Returns the reason as a sentence without a full stop.
    fn of(self, from: &Address, to: &Address) -> String {
        let verb = match self {
            EdgeReason::BelongsTo => "belongs to",
            EdgeReason::RefersTo => "refers to",
            EdgeReason::RunsAfter => "runs after",
        };
        format!("{from} {verb} {to}")
    }
}

/// The dependencies of resources, each from a resource to one that comes before it. A list is enough to see that there is
/// no cycle, and takes a fraction of the time of a map.
pub type Edges = Vec<(Address, Address, Edge)>;

/// Reports the shortest cycle of every set of resources that depend on each other.
pub fn check(edges: &Edges, report: &mut DiagnosticSink) {
    if is_acyclic(edges.iter().map(|(from, to, _)| (from, to))) {
        return;
    }
    let mut graph = Graph::new();
    let mut reasons: BTreeMap<(&Address, &Address), &Edge> = BTreeMap::new();
    for (from, to, edge) in edges {
        graph.edge(from, to);
        reasons.entry((from, to)).or_insert(edge);
    }
    for circle in graph.cycles() {
        complain(&circle, &reasons, report);
    }
}

fn complain(circle: &[&Address], reasons: &BTreeMap<(&Address, &Address), &Edge>, report: &mut DiagnosticSink) {
    let edge = |pair: &[&Address]| {
        let Edge { span, reason } = reasons.get(&(pair[0], pair[1]))?;
        Some((span, reason.of(pair[0], pair[1])))
    };
    let steps: Vec<(&Span, String)> = circle.windows(2).filter_map(edge).collect();
    let Some(((span, reason), others)) = steps.split_first() else { return };
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
        .error(report::CYCLE, *span, format!("dependency cycle: {}", shown.join(" → ")))
        .label(reason)
        .help("replace one of the references with a literal name or ARN");
    for (span, reason) in others.iter().take(11) {
        draft = draft.related((*span).clone(), reason);
    }
}
