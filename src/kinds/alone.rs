//! A run in which nothing else is declared, for tests.

use serde_json::Value;

use super::{Around, Attribute, Live};
use crate::model::Address;

/// Nothing around.
pub struct Alone;

impl Around for Alone {
    fn declared(&self, _address: &Address) -> Option<&Value> {
        None
    }

    fn planned(&self, _address: &Address) -> Option<&Value> {
        None
    }

    fn attribute(&self, _address: &Address, _name: &str) -> Option<Attribute> {
        None
    }

    fn all(&self, _kind: &str) -> Vec<&Address> {
        Vec::new()
    }

    fn observed(&self, _address: &Address) -> Option<&Live> {
        None
    }
}
