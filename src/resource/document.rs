//! A resource's value in both of its forms: as JSON, which every resource type has alike, and as the resource type's own
//! Rust type.
//!
//! # Guarantees
//! Each form is made from the other once, when it is first asked for. Clones share both until one is changed, so a plan of
//! many unchanged resources holds their values once.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::model::{AsJson, ClearValue};

/// A resource's value. The engine compares it as JSON; a resource type reads it as its spec type.
#[derive(Clone)]
pub struct Document(Arc<Forms>);

/// The forms of a value, of which at least one exists.
#[derive(Default)]
struct Forms {
    json: OnceLock<Value>,
    /// The value as its spec type. A type that the JSON does not fit is not remembered: the next one asked for may fit.
    typed: OnceLock<Arc<dyn AnySpec>>,
}

impl AsJson for Forms {
    fn json(&self) -> &Value {
        self.json.get_or_init(|| {
            let spec = self.typed.get().expect("a document has one of its forms");
            spec.to_json()
        })
    }
}

/// A type whose values can be documents.
pub trait DocumentValue: Serialize + DeserializeOwned + PartialEq + Send + Sync + 'static {}

impl<S: Serialize + DeserializeOwned + PartialEq + Send + Sync + 'static> DocumentValue for S {}

/// A value of some spec type.
trait AnySpec: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn to_json(&self) -> Value;
    /// Returns true if the other is of the same type and equal.
    fn equals(&self, other: &dyn Any) -> bool;
}

impl<S: DocumentValue> AnySpec for S {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn to_json(&self) -> Value {
        serde_json::to_value(self).expect("specs are plain data")
    }

    fn equals(&self, other: &dyn Any) -> bool {
        other.downcast_ref() == Some(self)
    }
}

impl Document {
    /// Returns a spec as a document.
    pub fn of<S: DocumentValue>(spec: S) -> Document {
        let typed = OnceLock::from(Arc::new(spec) as Arc<dyn AnySpec>);
        Document(Arc::new(Forms { typed, ..Forms::default() }))
    }

    /// Returns the value as JSON.
    pub fn json(&self) -> &Value {
        self.0.json()
    }

    /// Returns the value as one of a plan, which shares the forms of this document.
    pub fn to_clear(&self) -> ClearValue {
        ClearValue::of(self.0.clone())
    }

    /// Returns the same value without its JSON, which takes several times the memory of the spec type, unless it has no other
    /// form. The JSON is made again when it is next asked for.
    pub fn without_json(&self) -> Document {
        match self.0.typed.get() {
            Some(spec) => Document(Arc::new(Forms { typed: OnceLock::from(spec.clone()), ..Forms::default() })),
            None => self.clone(),
        }
    }

    /// Changes the JSON. The spec type is made again when it is next asked for.
    pub fn change_json(&mut self, change: impl FnOnce(&mut Value)) {
        let mut json = self.json().clone();
        change(&mut json);
        *self = Document::from(json);
    }

    /// Returns the value as its spec type, or `None` if it does not fit: it is of another resource type, or broken.
    pub fn get<S: DocumentValue>(&self) -> Option<&S> {
        let typed = match self.0.typed.get() {
            Some(typed) => typed,
            None => {
                let spec = S::deserialize(self.0.json.get()?).ok()?;
                self.0.typed.get_or_init(|| Arc::new(spec))
            }
        };
        typed.as_any().downcast_ref()
    }

    /// Replaces the value by `spec`, unless it is the same.
    pub fn set<S: DocumentValue>(&mut self, spec: S) {
        if self.get() != Some(&spec) {
            *self = Document::of(spec);
        }
    }
}

impl From<Document> for Value {
    fn from(document: Document) -> Value {
        document.json().clone()
    }
}

impl From<Value> for Document {
    fn from(json: Value) -> Document {
        Document(Arc::new(Forms { json: OnceLock::from(json), ..Forms::default() }))
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Document) -> bool {
        let typed = self.0.typed.get().zip(other.0.typed.get());
        // Most values that are compared are equal, and that takes no JSON.
        Arc::ptr_eq(&self.0, &other.0)
            || typed.is_some_and(|(typed, other)| typed.equals(other.as_any()))
            || self.json() == other.json()
    }
}

impl PartialEq<Value> for Document {
    fn eq(&self, other: &Value) -> bool {
        self.json() == other
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.json().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Named {
        name: String,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Numbered {
        number: u32,
    }

    #[test]
    fn a_type_that_does_not_fit_hides_no_other() {
        let document = Document::from(json!({"name": "a"}));
        assert_eq!(document.get::<Numbered>(), None);
        assert_eq!(document.get::<Named>(), Some(&Named { name: "a".to_owned() }));
        assert_eq!(document.get::<Numbered>(), None);
        assert_eq!(document.without_json(), document);
    }
}
