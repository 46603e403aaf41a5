//! The keys of an address, with their hash.
//!
//! Every look-up of a resource hashes its address. Its texts lie elsewhere in memory, and in a large stack in no cache of the
//! CPU, so they are hashed once, when the keys are made.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// The spec keys that lead to a resource, outermost first. Shared, because a plan names each resource in many places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressKeys {
    hash: u64,
    keys: Arc<[String]>,
}

impl AddressKeys {
    /// Returns the keys, shared.
    pub fn shared(&self) -> &Arc<[String]> {
        &self.keys
    }
}

impl From<Arc<[String]>> for AddressKeys {
    fn from(keys: Arc<[String]>) -> Self {
        AddressKeys { hash: BuildHasherDefault::<DefaultHasher>::new().hash_one(&keys), keys }
    }
}

impl FromIterator<String> for AddressKeys {
    fn from_iter<I: IntoIterator<Item = String>>(keys: I) -> Self {
        AddressKeys::from(keys.into_iter().collect::<Arc<[String]>>())
    }
}

impl Default for AddressKeys {
    fn default() -> Self {
        AddressKeys::from(Arc::<[String]>::default())
    }
}

impl Deref for AddressKeys {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.keys
    }
}

impl Hash for AddressKeys {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl PartialOrd for AddressKeys {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AddressKeys {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.keys.cmp(&other.keys)
    }
}
