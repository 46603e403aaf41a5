//! The kinds' own rules, and the places of what they find.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Found;
use super::resources::Cut;
use super::yaml::{Content, Node};
use crate::kinds::{self, Around, Attribute, Live};
use crate::model::{Address, Diagnostic, Findings, Path, Span};

/// Asks every kind about its resources.
pub fn check(cut: &mut BTreeMap<Address, Cut>, found: &mut Found) {
    for (address, piece) in cut.iter().filter(|(_, piece)| piece.fits) {
        let Some(kind) = kinds::kind(&address.kind) else { continue };
        let mut findings = Findings::default();
        kind.check(&piece.desired.value, &piece.desired.at, &Whole(cut), &mut findings);
        for finding in findings.0 {
            let span = place(&piece.node, &finding.path).unwrap_or_else(|| piece.desired.span.clone());
            found.diagnostics.push(Diagnostic {
                severity: finding.severity,
                code: finding.code,
                message: finding.message,
                span: Some(span),
                label: String::new(),
                related: Vec::new(),
                help: finding.help,
            });
        }
    }
}

/// Where a field is written: its key, or the nearest key above it.
fn place(node: &Node, path: &Path) -> Option<Span> {
    let mut here = node;
    let mut span = None;
    for key in &path.0 {
        let Content::Map(_) = &here.content else { break };
        let Some((key, below)) = here.entry(key) else { break };
        let whole = matches!(below.content, Content::Scalar { .. }) && !below.span.range.is_empty();
        span = Some(if whole { below.span.clone() } else { key.span.clone() });
        here = below;
    }
    span
}

/// All declared resources, before anything is known of the account.
struct Whole<'a>(&'a BTreeMap<Address, Cut>);

impl Around for Whole<'_> {
    fn declared(&self, address: &Address) -> Option<&Value> {
        self.0.get(address).filter(|piece| piece.fits).map(|piece| &piece.desired.value)
    }

    fn planned(&self, _address: &Address) -> Option<&Value> {
        None
    }

    fn attribute(&self, _address: &Address, _name: &str) -> Option<Attribute> {
        None
    }

    fn all(&self, kind: &str) -> Vec<&Address> {
        self.0.keys().filter(|address| address.kind == kind).collect()
    }

    fn observed(&self, _address: &Address) -> Option<&Live> {
        None
    }
}
