//! The key under which a saved plan holds digests of secrets.

use std::fmt;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::diff::canonical;
use crate::model::FieldPath;

/// A random key that is kept apart from plans and specs. Whoever has a plan and not its key can test no guess of a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct PlanKey([u8; 32]);

impl fmt::Debug for PlanKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlanKey")
    }
}

/// A text that is too short to be a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a plan key has at least 32 bytes, this one has {0}")]
pub struct ShortKey(pub usize);

impl PlanKey {
    /// The shortest key, in bytes: a shorter one could be guessed.
    pub const SHORTEST: usize = 32;

    /// Makes a key of random bytes, such as the content of a file. White space around them does not count.
    ///
    /// # Errors
    /// There are fewer than [`PlanKey::SHORTEST`] bytes.
    pub fn of(bytes: &[u8]) -> Result<PlanKey, ShortKey> {
        let bytes = bytes.trim_ascii();
        if bytes.len() < PlanKey::SHORTEST {
            return Err(ShortKey(bytes.len()));
        }
        Ok(PlanKey(Sha256::new().chain_update("trueup plan key\0").chain_update(bytes).finalize().into()))
    }

    /// Returns what a plan holds to recognise its key.
    pub fn fingerprint(&self) -> String {
        hex::encode(&self.digest("fingerprint", "")[..16])
    }

    /// Returns the digest that stands for a secret value at a path.
    pub(super) fn seal(&self, path: &FieldPath, value: &Value) -> Value {
        Value::String(format!("keyed:{}", hex::encode(&self.digest(&path.to_string(), &canonical(value))[..16])))
    }

    /// Returns a digest that only the holder of the key can compute: the nested form resists extension.
    fn digest(&self, purpose: &str, text: &str) -> [u8; 32] {
        let length = (purpose.len() as u64).to_be_bytes();
        let inner = Sha256::new().chain_update(self.0).chain_update(length).chain_update(purpose).chain_update(text);
        Sha256::new().chain_update(self.0).chain_update(inner.finalize()).finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_could_be_guessed_is_refused() {
        assert_eq!(PlanKey::of(b" secret \n"), Err(ShortKey(6)));
        let key = PlanKey::of(&[b'k'; 32]).unwrap();
        assert_eq!(PlanKey::of(format!("{}\n", "k".repeat(32)).as_bytes()), Ok(key.clone()));
        let other = PlanKey::of(&[b'l'; 32]).unwrap();
        let (path, value) = (FieldPath::from("description"), Value::from("hunter2"));
        assert_eq!(key.seal(&path, &value), key.seal(&path, &value));
        assert_ne!(key.seal(&path, &value), other.seal(&path, &value));
        assert_ne!(key.seal(&path, &value), key.seal(&FieldPath::from("handler"), &value));
        assert_ne!(key.fingerprint(), other.fingerprint());
    }
}
