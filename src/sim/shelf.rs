//! A collection of documents that knows which of them must be written to disk.
//!
//! An operation can reach a document to change it only through [`Shelf::change`], which marks it, so that no operation can
//! forget to have its change written.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// Documents by key, in order.
#[derive(Clone, Debug)]
pub(super) struct Shelf<T> {
    // In boxes, so that the room that a map has in reserve is small.
    documents: BTreeMap<String, Box<T>>,
    touched: BTreeSet<String>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Shelf { documents: BTreeMap::new(), touched: BTreeSet::new() }
    }
}

impl<T> Shelf<T> {
    /// The document at `key`.
    pub(super) fn get(&self, key: &str) -> Option<&T> {
        self.documents.get(key).map(|document| &**document)
    }

    /// The document at `key`, to be changed and written.
    pub(super) fn change(&mut self, key: &str) -> Option<&mut T> {
        let document = self.documents.get_mut(key)?;
        if !self.touched.contains(key) {
            self.touched.insert(key.to_owned());
        }
        Some(document)
    }

    /// The document at `key`, to be settled: what time does to a document is known from what is on disk already.
    pub(super) fn settle(&mut self, key: &str) -> Option<&mut T> {
        self.documents.get_mut(key).map(|document| &mut **document)
    }

    /// Puts a new document, or replaces one.
    pub(super) fn insert(&mut self, key: &str, document: T) {
        self.documents.insert(key.to_owned(), Box::new(document));
        self.touched.insert(key.to_owned());
    }

    /// Puts a document that came from disk.
    pub(super) fn restore(&mut self, key: &str, document: T) {
        self.documents.insert(key.to_owned(), Box::new(document));
    }

    /// Takes a document away.
    pub(super) fn remove(&mut self, key: &str) -> Option<T> {
        let document = self.documents.remove(key)?;
        self.touched.insert(key.to_owned());
        Some(*document)
    }

    /// Takes away a document whose end was known from what is on disk already.
    pub(super) fn expire(&mut self, key: &str) {
        self.documents.remove(key);
        self.touched.insert(key.to_owned());
    }

    /// All documents, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &T)> {
        self.documents.iter().map(|(key, document)| (key, &**document))
    }

    /// The documents after the key `after`, in order.
    pub(super) fn after(&self, after: Option<&str>) -> impl Iterator<Item = (&String, &T)> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.documents.range::<str, _>((from, Bound::Unbounded)).map(|(key, document)| (key, &**document))
    }

    /// How many documents there are.
    pub(super) fn len(&self) -> usize {
        self.documents.len()
    }

    /// The documents that changed since they were last asked for, to be changed once more.
    pub(super) fn touched(&mut self) -> impl Iterator<Item = &mut T> {
        let touched = &self.touched;
        self.documents.iter_mut().filter(|(key, _)| touched.contains(*key)).map(|(_, document)| &mut **document)
    }

    /// The keys that changed since they were last asked for.
    pub(super) fn take_touched(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.touched)
    }

    /// Marks keys again whose writing failed, so that the next write takes them along.
    pub(super) fn touch_again(&mut self, keys: BTreeSet<String>) {
        self.touched.extend(keys);
    }
}
