//! Words to edges: `${functions.orders.arn}` to a resource and one of its attributes.

use std::collections::BTreeMap;

use super::broken::BrokenPlace;
use super::node::Part;
use super::places::{self, Place};
use super::report::{self, DiagnosticSink};
use super::shape::Pending;
use crate::model::suggest::listed;
use crate::model::{Address, AttributeName, Piece, Reference, Span, Template};
use crate::resource::KindEntry;

/// A reference whose attribute is still to be checked, when all values are known.
pub struct Mention {
    /// The resource and attribute that are referred to.
    pub reference: Reference,
    /// The reference as the user writes it.
    pub words: String,
    /// Its place.
    pub span: Span,
}

/// The resources that references can lead to.
pub struct Names<'t, 'n> {
    /// All places.
    pub root: &'n Place<'t>,
    /// All resources that are written, with the places of their keys, also those in which something is wrong.
    pub written: &'n BTreeMap<Address, (&'static str, Span)>,
    /// The parts of the spec whose resources are unknown.
    pub broken: &'n [BrokenPlace],
}

impl<'t> Names<'t, '_> {
    /// The template that a text with references stands for; `None` if one of them leads nowhere and was reported.
    pub fn template(
        &self,
        pending: &Pending,
        mentions: &mut Vec<Mention>,
        report: &mut DiagnosticSink,
    ) -> Option<Template> {
        let mut pieces = Some(Vec::new());
        for part in &pending.parts {
            let piece = match part {
                Part::Text { text, .. } if text.is_empty() => continue,
                Part::Text { text, .. } => Some(Piece::Text(text.clone())),
                Part::Unknown(part) => Some(Piece::Text(part.expression().to_owned())),
                Part::Reference(words) => self.resolve(words, &pending.span, report).map(|reference| {
                    let mention =
                        Mention { reference: reference.clone(), words: words.clone(), span: pending.span.clone() };
                    mentions.push(mention);
                    Piece::Reference(reference)
                }),
            };
            match (&mut pieces, piece) {
                (Some(pieces), Some(piece)) => pieces.push(piece),
                _ => pieces = None,
            }
        }
        pieces.map(Template)
    }

    fn resolve(&self, words: &str, span: &Span, report: &mut DiagnosticSink) -> Option<Reference> {
        let steps: Vec<&str> = words.split('.').collect();
        let Some(found) = self.root.follow(&steps) else {
            report
                .error(report::DANGLING, span, format!("`${{{words}}}` does not name a resource"))
                .label("undefined reference")
                .help("a reference names a resource and one of its attributes, such as `${functions.orders.arn}`");
            return None;
        };
        let target = Address::new(found.entry.id(), &found.keys);
        let place = places::written(found.place, &found.keys);
        if !self.is_there(found.entry, &target, found.place) {
            // That its part of the spec cannot be read was reported.
            if self.broken.iter().any(|place| place.has(words)) {
                return None;
            }
            let is_crowded = report.is_crowded();
            let known = self.written.iter().filter(|(address, _)| !is_crowded && address.kind == target.kind);
            let known: Vec<(String, &Span)> =
                known.map(|(address, (place, key))| (places::written(place, &address.keys), key)).collect();
            let near = report.nearest(&place, known.iter().map(|(place, _)| place.as_str()));
            let draft =
                report.error(report::DANGLING, span, format!("`{place}` is not declared")).label("undefined reference");
            match near.and_then(|near| known.iter().find(|(place, _)| place == near)) {
                Some((near, key)) => {
                    let label = "similar name";
                    draft.related((*key).clone(), label).help(format!("did you mean `{near}`?"));
                }
                None => drop(draft.help("declare it, or write its ARN or name instead")),
            }
            return None;
        }
        match &steps[found.used..] {
            [attribute] => Some(Reference { target, attribute: AttributeName::written(attribute) }),
            [] => {
                report
                    .error(report::ATTRIBUTE, span, format!("`${{{words}}}` does not name an attribute"))
                    .label("missing attribute")
                    .help(format!("add an attribute, such as `${{{words}.arn}}`"));
                None
            }
            more => {
                let more = more.join(".");
                report
                    .error(report::ATTRIBUTE, span, format!("`{place}` has no attribute `{more}`"))
                    .label("unknown attribute");
                None
            }
        }
    }

    /// Tests whether the resource is declared, or created because it is referred to.
    fn is_there(&self, entry: &KindEntry, target: &Address, place: &str) -> bool {
        if self.written.contains_key(target) {
            return true;
        }
        let outer = place.rsplit_once('.').map_or("", |(outer, _)| outer);
        let steps: Vec<&str> = outer.split('.').collect();
        let parent = self.root.follow(&steps).map(|found| (found.entry.id(), found.keys.len()));
        entry.lifecycle().implied
            && parent.is_some_and(|(kind, count)| {
                let keys = target.keys.get(..count).unwrap_or_default();
                self.written.contains_key(&Address::new(kind, keys))
            })
    }
}

/// Checks that a resource has the attribute that is asked of it.
pub fn check_attribute(mention: &Mention, known: &[AttributeName], report: &mut DiagnosticSink) {
    if known.contains(&mention.reference.attribute) {
        return;
    }
    let attribute = mention.reference.attribute.as_str();
    let names = || known.iter().map(AttributeName::as_str);
    let place = mention.words.strip_suffix(attribute).unwrap_or(&mention.words).trim_end_matches('.');
    let help = report.did_you_mean(attribute, names()).unwrap_or_else(|| match known {
        [] => "it has no attributes".to_owned(),
        _ => format!("its attributes are {}", listed(names())),
    });
    report
        .error(report::ATTRIBUTE, &mention.span, format!("`{place}` has no attribute `{attribute}`"))
        .label("unknown attribute")
        .help(help);
}
