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
#[derive(Clone)]
pub struct ClearValue(Arc<dyn AsJson>);

/// Something that has a JSON form, which it may make when it is first asked for.
pub trait AsJson: Send + Sync {
    /// Returns it as JSON.
    fn json(&self) -> &Value;
}

impl AsJson for Value {
    fn json(&self) -> &Value {
        self
    }
}

impl ClearValue {
    /// Returns the value of something that makes its JSON when that is asked for: of many resources it never is.
    pub fn of(value: Arc<dyn AsJson>) -> ClearValue {
        ClearValue(value)
    }

    /// Takes the value out, to send it to Lambda or to mask it.
    pub fn into_inner(self) -> Value {
        self.0.json().clone()
    }
}

impl From<Value> for ClearValue {
    fn from(value: Value) -> Self {
        ClearValue(Arc::new(value))
    }
}

impl Default for ClearValue {
    fn default() -> Self {
        Value::Null.into()
    }
}

impl PartialEq for ClearValue {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.json() == other.0.json()
    }
}

impl Deref for ClearValue {
    type Target = Value;
    fn deref(&self) -> &Value {
        self.0.json()
    }
}

impl Borrow<Value> for ClearValue {
    fn borrow(&self) -> &Value {
        self.0.json()
    }
}

impl fmt::Debug for ClearValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}
