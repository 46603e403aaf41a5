//! The places of all kinds as a tree: where resources stand in a spec.

use std::collections::BTreeMap;

use crate::resource::KindEntry;

/// One point of the spec's tree.
#[derive(Default)]
pub struct Place<'t> {
    /// The named points below.
    pub fields: BTreeMap<&'static str, Place<'t>>,
    /// The place under every key that users choose, if this is a collection.
    pub each: Option<Box<Place<'t>>>,
    /// The kind of the resource that stands here, and the place as the kind writes it.
    pub kind: Option<(&'t KindEntry, &'static str)>,
}

/// The tree of all places of a table.
pub fn tree(table: &[KindEntry]) -> Place<'_> {
    let mut root = Place::default();
    for entry in table {
        for place in entry.places() {
            let mut here = &mut root;
            for step in place.split('.') {
                here = match step {
                    "*" => here.each.get_or_insert_default(),
                    name => here.fields.entry(name).or_default(),
                };
            }
            here.kind = Some((entry, place));
        }
    }
    root
}

/// The resource that the words of a reference lead to.
pub struct PlaceMatch<'t> {
    /// The kind.
    pub entry: &'t KindEntry,
    /// Its place, as the kind writes it.
    pub place: &'static str,
    /// The keys of the resource.
    pub keys: Vec<String>,
    /// The number of words that lead to the resource.
    pub used: usize,
}

impl<'t> Place<'t> {
    /// The resource named by the longest beginning of `words`.
    pub fn follow(&self, words: &[&str]) -> Option<PlaceMatch<'t>> {
        let (mut here, mut keys, mut best) = (self, Vec::new(), None);
        for (used, word) in words.iter().enumerate() {
            here = match (here.fields.get(word), &here.each) {
                (Some(place), _) => place,
                (None, Some(place)) => {
                    keys.push((*word).to_owned());
                    place
                }
                (None, None) => break,
            };
            if let Some((entry, place)) = here.kind {
                best = Some(PlaceMatch { entry, place, keys: keys.clone(), used: used + 1 });
            }
        }
        best
    }

    /// Returns the point one step below: `*` is any key of a collection.
    pub fn step(&self, step: &str) -> Option<&Place<'t>> {
        if step == "*" { self.each.as_deref() } else { self.fields.get(step) }
    }

    /// Returns the kind that stands directly under the keys of this collection.
    pub fn holds(&self) -> Option<&'t KindEntry> {
        self.each.as_ref().and_then(|each| each.kind).map(|(entry, _)| entry)
    }
}

/// A place with its keys filled in, as references write it: `functions.orders.aliases.live`.
pub fn written(place: &str, keys: &[String]) -> String {
    let mut keys = keys.iter();
    let steps = place.split('.').map(|step| match step {
        "*" => keys.next().map_or("*", String::as_str),
        name => name,
    });
    steps.collect::<Vec<_>>().join(".")
}
