//! Joins resources: what is mentioned becomes a reference, a reference an edge, and no edge may lead in a circle.

use std::collections::BTreeMap;

use super::interpolate::Part;
use super::resources::Cut;
use super::{Found, nearest};
use crate::graph::Graph;
use crate::kinds::{self, KINDS};
use crate::model::{Action, Address, Path, Piece, Reference, Template};

/// Resolves every mention.
pub fn join(cut: &mut BTreeMap<Address, Cut>, found: &mut Found) {
    let mut joined: BTreeMap<Address, Vec<(Path, Template)>> = BTreeMap::new();
    for (address, piece) in cut.iter() {
        let Some(kind) = kinds::kind(&address.kind) else { continue };
        let mut pending = Vec::new();
        for mention in &piece.mentions {
            let pieces: Option<Vec<Piece>> = mention
                .parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => Some(Piece::Text(text.clone())),
                    Part::Mention(text) => match resolve(text, cut) {
                        Ok(reference) => Some(Piece::Reference(reference)),
                        Err((message, help)) => {
                            found.error("S007", Some(mention.span.clone()), message, &help);
                            None
                        }
                    },
                })
                .collect();
            pending.extend(pieces.map(|pieces| (mention.path.clone(), Template(pieces))));
        }
        if piece.fits {
            pending.extend(kind.implied_references(&piece.desired.value, &piece.desired.at));
        }
        joined.insert(address.clone(), pending);
    }
    let addresses: Vec<Address> = cut.keys().cloned().collect();
    for (address, pending) in joined {
        let Some(piece) = cut.get_mut(&address) else { continue };
        let kind = kinds::kind(&address.kind).filter(|_| piece.fits);
        let before = kind.map(|kind| kind.follows(&piece.desired.value, &piece.desired.at)).unwrap_or_default();
        piece.desired.depends_on.extend(before.into_iter().filter(|before| addresses.contains(before)));
        for (path, template) in pending {
            piece.desired.depends_on.extend(template.references().map(|reference| reference.target.clone()));
            piece.desired.pending.insert(path, template);
        }
    }
    cycles(cut, found);
}

/// The resource and attribute that a mention means.
fn resolve(mention: &str, cut: &BTreeMap<Address, Cut>) -> Result<Reference, (String, String)> {
    let segments: Vec<&str> = mention.split('.').collect();
    let Some((attribute, path)) = segments.split_last() else {
        return Err((format!("`${{{mention}}}` means nothing"), String::new()));
    };
    for kind in KINDS.iter() {
        for place in kind.places() {
            let Some(keys) = keys_at(place, path) else { continue };
            let address = Address { kind: kind.name().to_owned(), keys };
            let Some(piece) = cut.get(&address) else {
                let others =
                    cut.keys().filter(|other| other.kind == address.kind && other.keys.len() == address.keys.len());
                let named: Vec<&str> = others.filter_map(|other| other.keys.last()).map(String::as_str).collect();
                let wanted = address.keys.last().map_or("", String::as_str);
                let help = match nearest(wanted, named.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!(
                        "the spec declares: {}",
                        if named.is_empty() { "none".to_owned() } else { named.join(", ") }
                    ),
                };
                return Err((format!("`${{{mention}}}`: there is no {address}"), help));
            };
            if !piece.fits {
                // What is wrong with the resource has been told; its attributes cannot be worked out.
                return Ok(Reference { target: address, attribute: (*attribute).to_owned() });
            }
            let known = kind.attributes(&piece.desired.at, &piece.desired.value, None, Action::Create);
            if !known.contains_key(attribute) {
                let names: Vec<&str> = known.keys().copied().collect();
                let help = match nearest(attribute, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("it has: {}", names.join(", ")),
                };
                return Err((format!("`${{{mention}}}`: {address} has no `{attribute}`"), help));
            }
            return Ok(Reference { target: address, attribute: (*attribute).to_owned() });
        }
    }
    let help = "a reference leads to a resource and one of its attributes, as in `${functions.orders.arn}`";
    Err((format!("`${{{mention}}}` leads nowhere"), help.to_owned()))
}

/// The keys of a path, if it leads to this place.
fn keys_at(place: &str, path: &[&str]) -> Option<Vec<String>> {
    let place: Vec<&str> = place.split('.').collect();
    if place.len() != path.len() {
        return None;
    }
    let mut keys = Vec::new();
    for (wanted, have) in place.iter().zip(path) {
        match *wanted {
            "*" => keys.push((*have).to_owned()),
            fixed if fixed == *have => {}
            _ => return None,
        }
    }
    Some(keys)
}

fn cycles(cut: &BTreeMap<Address, Cut>, found: &mut Found) {
    let mut graph = Graph::new();
    for (address, piece) in cut {
        graph.node(address.clone());
        piece.desired.depends_on.iter().for_each(|before| graph.edge(address.clone(), before.clone()));
    }
    for cycle in graph.cycles() {
        let names: Vec<String> = cycle.iter().map(ToString::to_string).collect();
        let span = cycle.first().and_then(|first| cut.get(first)).map(|piece| piece.desired.span.clone());
        let help = "one of them has to be made first: take one of the references away";
        let diagnostic = found.error("S008", span, format!("these wait for each other: {}", names.join(" → ")), help);
        let related = cycle.iter().skip(1).zip(&names).take(cycle.len().saturating_sub(2));
        diagnostic.related = related
            .filter_map(|(address, before)| {
                Some((cut.get(address)?.desired.span.clone(), format!("{before} waits for this")))
            })
            .collect();
    }
}
