//! Facts about a live resource that only its own resource type reads.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A value of a type that only one resource type knows, such as the numbers of all versions of a layer. The engine carries
/// it from the observation to the writes and never looks at it, so that it is no part of what is compared.
#[derive(Clone, Default)]
pub struct Extra(Option<Arc<dyn Any + Send + Sync>>);

impl Extra {
    /// Returns an extra that holds `value`.
    pub fn of<T: Send + Sync + 'static>(value: T) -> Extra {
        Extra(Some(Arc::new(value)))
    }

    /// Returns the value if it is of this type.
    pub fn get<T: 'static>(&self) -> Option<&T> {
        self.0.as_ref()?.downcast_ref()
    }
}

impl PartialEq for Extra {
    fn eq(&self, _other: &Extra) -> bool {
        true
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Extra")
    }
}
