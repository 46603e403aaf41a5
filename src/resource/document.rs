//! A resource's value in both of its forms: as JSON, which every resource type has alike, and as the resource type's own
//! Rust type.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A resource's value. The engine compares it as JSON; a resource type reads it as its spec type, which is made from the JSON
/// once.
#[derive(Clone)]
pub struct Document {
    json: Value,
    /// The value as its spec type; `None` if the JSON does not fit.
    typed: OnceLock<Option<Arc<dyn Any + Send + Sync>>>,
}

impl Document {
    /// Returns a spec as a document.
    pub fn of<S: Serialize + Send + Sync + 'static>(spec: S) -> Document {
        let json = serde_json::to_value(&spec).expect("specs are plain data");
        Document { json, typed: OnceLock::from(Some(Arc::new(spec) as Arc<dyn Any + Send + Sync>)) }
    }

    /// Returns the value as JSON.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// Returns the JSON to be changed. The spec type is made anew when it is next asked for.
    pub fn json_mut(&mut self) -> &mut Value {
        self.typed = OnceLock::new();
        &mut self.json
    }

    /// Returns the value as its spec type, or `None` if it does not fit: it is of another resource type, or broken.
    pub fn get<S: DeserializeOwned + Send + Sync + 'static>(&self) -> Option<&S> {
        let parse = || {
            let spec: S = serde_json::from_value(self.json.clone()).ok()?;
            Some(Arc::new(spec) as Arc<dyn Any + Send + Sync>)
        };
        self.typed.get_or_init(parse).as_ref()?.downcast_ref()
    }
}

impl From<Document> for Value {
    fn from(document: Document) -> Value {
        document.json
    }
}

impl From<Value> for Document {
    fn from(json: Value) -> Document {
        Document { json, typed: OnceLock::new() }
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Document) -> bool {
        self.json == other.json
    }
}

impl PartialEq<Value> for Document {
    fn eq(&self, other: &Value) -> bool {
        self.json == *other
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.json.fmt(f)
    }
}
