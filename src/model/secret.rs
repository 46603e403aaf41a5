//! Values that must not be shown: masked in every output, and scrubbed from texts that AWS writes.

use std::borrow::Borrow;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde_json::Value;

use super::visible;

/// The text shown in place of a secret value.
pub const MASK: &str = "(sensitive)";

/// Values shorter than this are too common to scrub: replacing every `1` would ruin a text and hide nothing.
const SHORTEST: usize = 4;

/// A value in the clear, which may be secret: it cannot be serialised, and `Debug` hides it.
///
/// Whatever leaves the process holds plain [`Value`]s that were masked or sealed first, so a sink that forgets to do so
/// does not compile:
///
/// ```compile_fail,E0277
/// let change = trueup::model::Change::<trueup::model::ClearValue>::default();
/// serde_json::to_string(&change).unwrap();
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct ClearValue(Arc<Value>);

impl ClearValue {
    /// Takes the value out, to send it to Lambda or to mask it.
    pub fn into_inner(self) -> Value {
        Arc::unwrap_or_clone(self.0)
    }
}

impl From<Value> for ClearValue {
    fn from(value: Value) -> Self {
        ClearValue(Arc::new(value))
    }
}

impl From<Arc<Value>> for ClearValue {
    fn from(value: Arc<Value>) -> Self {
        ClearValue(value)
    }
}

impl Deref for ClearValue {
    type Target = Value;
    fn deref(&self) -> &Value {
        &self.0
    }
}

impl Borrow<Value> for ClearValue {
    fn borrow(&self) -> &Value {
        &self.0
    }
}

impl fmt::Debug for ClearValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// The secret values of a run, longest first, so that a secret that contains another is masked whole.
#[derive(Clone, Default)]
pub struct Secrets(BTreeSet<(Reverse<usize>, String)>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} values)", self.0.len())
    }
}

impl Secrets {
    /// Adds a value that must not be shown.
    pub fn insert(&mut self, value: &str) {
        if value.len() >= SHORTEST {
            self.0.insert((Reverse(value.len()), value.to_owned()));
        }
    }

    /// Returns the text as it may be shown: on one line, without secrets and without characters that a terminal obeys.
    pub fn shown(&self, text: &str) -> String {
        visible(&self.scrub(text)).into_owned()
    }

    /// The text with every secret value masked, also where JSON has escaped it.
    pub fn scrub(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (_, value)| {
            let escaped = Value::from(value.as_str()).to_string();
            text.replace(value.as_str(), MASK).replace(escaped.trim_matches('"'), MASK)
        })
    }
}
