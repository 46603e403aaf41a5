//! The kinds' own rules, and the places of what they find.

use std::collections::BTreeMap;

use super::Desired;
use super::node::Node;
use super::report::DiagnosticSink;
use crate::model::{Action, Address, FieldPath, Findings, KindId, Span, Template};
use crate::resource::{Attribute, Context, KindEntry, Observed};
use serde_json::Value;

/// The declared resources, before anything was observed or planned.
pub struct SpecContext<'d> {
    /// The table of kinds.
    pub table: &'d [KindEntry],
    /// The resources.
    pub resources: &'d BTreeMap<Address, Desired>,
}

impl Context for SpecContext<'_> {
    fn declared(&self, address: &Address) -> Option<&Value> {
        self.resources.get(address).map(|it| &it.value)
    }

    fn planned(&self, _address: &Address) -> Option<&Value> {
        None
    }

    fn attribute(&self, address: &Address, name: &str) -> Option<Attribute> {
        let it = self.resources.get(address)?;
        let entry = self.table.iter().find(|entry| entry.id() == address.kind)?;
        entry.attributes(&it.at, &it.value, None, Action::Create).remove(name)
    }

    fn all(&self, kind: KindId) -> Vec<&Address> {
        let first = Address { kind, keys: Vec::new() };
        self.resources.range(first..).map(|(address, _)| address).take_while(|address| address.kind == kind).collect()
    }

    fn observed(&self, _address: &Address) -> Option<&Observed> {
        None
    }

    fn pending(&self, address: &Address) -> Option<&BTreeMap<FieldPath, Template>> {
        self.resources.get(address).map(|it| &it.pending)
    }
}

/// Lets every kind check its resources.
pub fn check(around: &SpecContext<'_>, trees: &BTreeMap<Address, (Node, Span)>, report: &mut DiagnosticSink) {
    let by_kind: BTreeMap<KindId, &KindEntry> = around.table.iter().map(|entry| (entry.id(), entry)).collect();
    for (address, it) in around.resources {
        let Some(entry) = by_kind.get(&address.kind) else { continue };
        let mut findings = Findings::default();
        entry.check(&it.value, &it.at, around, &mut findings);
        for finding in findings.0 {
            let span = match trees.get(address) {
                Some((tree, key)) => tree.locate(&finding.location, key).clone(),
                None => it.span.clone(),
            };
            report.push(finding.severity, finding.code, Some(span), finding.message).maybe_help(finding.help);
        }
    }
}
