//! Values that must not be shown, and the mask in their place.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde_json::Value;

/// The text shown in place of a secret value.
pub const MASK: &str = "(sensitive)";

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
