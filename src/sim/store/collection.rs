//! A collection of documents that knows which of them must be written to disk, and what they were before.
//!
//! An operation can reach a document to change it only through [`Collection::modify`], which records it, so that no operation can
//! forget to have its change written.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// Documents by key, in order.
#[derive(Clone, Debug)]
pub(crate) struct Collection<D> {
    // Each document is shared with the history until one of the two changes: it is copied when it changes, and nothing else is.
    // A pointer each also keeps the spare capacity of the map small.
    documents: BTreeMap<String, Arc<D>>,
    changes: Changes<D>,
}

/// The documents that changed since the changes were last taken, as they were before; nothing for one that did not exist.
pub(crate) type Changes<D> = BTreeMap<String, Option<Arc<D>>>;

impl<D> Default for Collection<D> {
    fn default() -> Self {
        Collection { documents: BTreeMap::new(), changes: BTreeMap::new() }
    }
}

impl<D: Clone> Collection<D> {
    /// Returns the document at `key`.
    pub(crate) fn get(&self, key: &str) -> Option<&D> {
        self.documents.get(key).map(|document| &**document)
    }

    /// Returns the document at `key` to be changed, and records that it has to be written.
    pub(crate) fn modify(&mut self, key: &str) -> Option<&mut D> {
        self.record(key);
        self.documents.get_mut(key).map(Arc::make_mut)
    }

    fn record(&mut self, key: &str) {
        if !self.changes.contains_key(key) {
            self.changes.insert(key.to_owned(), self.documents.get(key).cloned());
        }
    }

    /// Returns the document at `key` to be changed without a record: a transition follows from what is on disk already.
    pub(crate) fn modify_unrecorded(&mut self, key: &str) -> Option<&mut D> {
        self.documents.get_mut(key).map(Arc::make_mut)
    }

    /// Inserts a new document, or replaces one.
    pub(crate) fn insert(&mut self, key: &str, document: D) {
        self.record(key);
        self.documents.insert(key.to_owned(), Arc::new(document));
    }

    /// Inserts a document that came from disk.
    pub(crate) fn restore(&mut self, key: &str, document: D) {
        self.documents.insert(key.to_owned(), Arc::new(document));
    }

    /// Removes a document.
    pub(crate) fn remove(&mut self, key: &str) -> Option<D> {
        self.documents.get(key)?;
        self.record(key);
        self.documents.remove(key).map(Arc::unwrap_or_clone)
    }

    /// Removes a document whose end follows from what is on disk already.
    pub(crate) fn expire(&mut self, key: &str) {
        self.documents.remove(key);
        // The next operation that creates it finds that it did not exist.
        self.changes.entry(key.to_owned()).or_insert(None);
    }

    /// Returns the document at `key`, shared until it changes.
    pub(crate) fn get_shared(&self, key: &str) -> Option<Arc<D>> {
        self.documents.get(key).cloned()
    }

    /// Makes a document what it was before; nothing if it did not exist.
    pub(crate) fn revert(&mut self, key: &str, before: Option<Arc<D>>) {
        match before {
            Some(document) => self.documents.insert(key.to_owned(), document),
            None => self.documents.remove(key),
        };
    }

    /// Iterates over all documents, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &D)> {
        self.documents.iter().map(|(key, document)| (key, &**document))
    }

    /// Iterates over the documents after the key `after`, in order.
    pub(crate) fn after(&self, after: Option<&str>) -> impl Iterator<Item = (&String, &D)> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.documents.range::<str, _>((from, Bound::Unbounded)).map(|(key, document)| (key, &**document))
    }

    /// Returns the number of documents.
    pub(crate) fn len(&self) -> usize {
        self.documents.len()
    }

    /// Applies `change` to each document that has a recorded change; returns whether it returned true for any.
    pub(crate) fn modify_changed(&mut self, mut change: impl FnMut(&mut D, Option<&D>) -> bool) -> bool {
        let mut any = false;
        for (key, before) in &self.changes {
            if let Some(document) = self.documents.get_mut(key) {
                any |= change(Arc::make_mut(document), before.as_deref());
            }
        }
        any
    }

    /// Returns the recorded changes and forgets them.
    pub(crate) fn take_changes(&mut self) -> Changes<D> {
        std::mem::take(&mut self.changes)
    }
}
