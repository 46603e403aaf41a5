//! The state of a document before a change, whatever its type.

use std::fmt::Debug;
use std::sync::Arc;

use super::documents::{Document, DocumentKey, DocumentVisitor, Region, visit_document_types};

/// A document as it was before a change, or that it did not exist.
pub(crate) trait Before: Debug + Send + Sync {
    /// Returns the identity of the document.
    fn key(&self) -> &DocumentKey;

    /// Returns whether the document in `region` differs from this state.
    fn differs(&self, region: &mut Region) -> bool;

    /// Makes the document in `region` what it was.
    fn revert(&self, region: &mut Region);
}

#[derive(Debug)]
struct State<D> {
    key: DocumentKey,
    document: Option<Arc<D>>,
}

/// Returns the state `document` of the document at `key`; nothing is one that did not exist.
pub(crate) fn state<D: Document>(key: String, document: Option<Arc<D>>) -> Box<dyn Before> {
    Box::new(State { key: DocumentKey::new::<D>(key), document })
}

/// Returns the state that the document at `key` has in `region` now.
pub(crate) fn current_state(region: &mut Region, key: &DocumentKey) -> Option<Box<dyn Before>> {
    struct Find<'a> {
        region: &'a mut Region,
        key: &'a DocumentKey,
        found: Option<Box<dyn Before>>,
    }
    impl DocumentVisitor for Find<'_> {
        fn visit<D: Document>(&mut self) {
            if self.key.is::<D>() {
                let document = D::collection(self.region).get_shared(&self.key.key);
                self.found = Some(state(self.key.key.clone(), document));
            }
        }
    }
    let mut find = Find { region, key, found: None };
    visit_document_types(&mut find);
    find.found
}

impl<D: Document> Before for State<D> {
    fn key(&self) -> &DocumentKey {
        &self.key
    }

    fn differs(&self, region: &mut Region) -> bool {
        D::collection(region).get(&self.key.key) != self.document.as_deref()
    }

    fn revert(&self, region: &mut Region) {
        D::collection(region).revert(&self.key.key, self.document.clone());
    }
}
