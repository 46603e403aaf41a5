//! A collection of documents that knows which of them must be written to disk, and how those were before.
//!
//! An operation can reach a document to change it only through [`Collection::modify`], which marks it, so that no operation can
//! forget to have its change written.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// Documents by key, in order.
#[derive(Clone, Debug)]
pub(crate) struct Collection<T> {
    // Each on its own, so that the room that a map has in reserve is small, and shared with whoever remembers it as it was: a
    // document is copied when it changes, and nothing else is.
    documents: BTreeMap<String, Arc<T>>,
    /// What changed since it was last asked for, as it was before; none if it was not there.
    touched: Changes<T>,
}

/// Documents that changed, as they were before.
pub(crate) type Changes<T> = BTreeMap<String, Option<Arc<T>>>;

impl<T> Default for Collection<T> {
    fn default() -> Self {
        Collection { documents: BTreeMap::new(), touched: BTreeMap::new() }
    }
}

impl<T: Clone> Collection<T> {
    /// The document at `key`.
    pub(crate) fn get(&self, key: &str) -> Option<&T> {
        self.documents.get(key).map(|document| &**document)
    }

    /// The document at `key`, to be changed and written.
    pub(crate) fn modify(&mut self, key: &str) -> Option<&mut T> {
        self.touch(key);
        self.documents.get_mut(key).map(Arc::make_mut)
    }

    fn touch(&mut self, key: &str) {
        if !self.touched.contains_key(key) {
            self.touched.insert(key.to_owned(), self.documents.get(key).cloned());
        }
    }

    /// The document at `key`, to be settled: what time does to a document is known from what is on disk already.
    pub(crate) fn modify_unrecorded(&mut self, key: &str) -> Option<&mut T> {
        self.documents.get_mut(key).map(Arc::make_mut)
    }

    /// Puts a new document, or replaces one.
    pub(crate) fn insert(&mut self, key: &str, document: T) {
        self.touch(key);
        self.documents.insert(key.to_owned(), Arc::new(document));
    }

    /// Puts a document that came from disk.
    pub(crate) fn restore(&mut self, key: &str, document: T) {
        self.documents.insert(key.to_owned(), Arc::new(document));
    }

    /// Takes a document away.
    pub(crate) fn remove(&mut self, key: &str) -> Option<T> {
        self.documents.get(key)?;
        self.touch(key);
        self.documents.remove(key).map(Arc::unwrap_or_clone)
    }

    /// Takes away a document whose end was known from what is on disk already.
    pub(crate) fn expire(&mut self, key: &str) {
        self.documents.remove(key);
        // For whoever comes next it was not there already.
        self.touched.entry(key.to_owned()).or_insert(None);
    }

    /// The document at `key`, to be remembered as it is.
    pub(crate) fn get_shared(&self, key: &str) -> Option<Arc<T>> {
        self.documents.get(key).cloned()
    }

    /// Makes a document what it was; none if it was not there.
    pub(crate) fn revert(&mut self, key: &str, before: Option<Arc<T>>) {
        match before {
            Some(document) => self.documents.insert(key.to_owned(), document),
            None => self.documents.remove(key),
        };
    }

    /// All documents, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &T)> {
        self.documents.iter().map(|(key, document)| (key, &**document))
    }

    /// The documents after the key `after`, in order.
    pub(crate) fn after(&self, after: Option<&str>) -> impl Iterator<Item = (&String, &T)> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.documents.range::<str, _>((from, Bound::Unbounded)).map(|(key, document)| (key, &**document))
    }

    /// How many documents there are.
    pub(crate) fn len(&self) -> usize {
        self.documents.len()
    }

    /// Changes once more each document that changed since it was last asked for; says whether `change` did so to any.
    pub(crate) fn modify_changed(&mut self, mut change: impl FnMut(&mut T, Option<&T>) -> bool) -> bool {
        let mut any = false;
        for (key, before) in &self.touched {
            if let Some(document) = self.documents.get_mut(key) {
                any |= change(Arc::make_mut(document), before.as_deref());
            }
        }
        any
    }

    /// What changed since it was last asked for.
    pub(crate) fn take_changes(&mut self) -> Changes<T> {
        std::mem::take(&mut self.touched)
    }
}
