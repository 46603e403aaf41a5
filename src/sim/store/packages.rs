//! The bytes of deployment packages, by their hash.

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::disk::{DataDir, DiskError};
use crate::sim::context::api_error::ApiError;

/// The path under which packages can be downloaded; GetFunction returns such addresses.
pub(crate) const CODE_PATH: &str = "/_sim/code/";

/// The bytes of packages: on disk when the account is, in memory when it is not.
pub(crate) struct PackageStore {
    store: Option<Arc<DataDir>>,
    memory: HashMap<String, Arc<Vec<u8>>>,
}

impl PackageStore {
    pub(crate) fn new(store: Option<Arc<DataDir>>) -> Self {
        PackageStore { store, memory: HashMap::new() }
    }

    /// Keeps `bytes` under their hash; equal ones are kept once.
    pub(crate) fn put(&mut self, hash: &str, bytes: Vec<u8>) -> Result<(), DiskError> {
        if let Some(store) = &self.store {
            let path = format!("blobs/{hash}");
            // What was damaged where it lies is made whole by this.
            let there = store.read(&path).is_some_and(|there| is_whole(hash, &there));
            return if there { Ok(()) } else { store.write(&path, &bytes) };
        }
        self.memory.entry(hash.to_owned()).or_insert_with(|| Arc::new(bytes));
        Ok(())
    }

    /// The bytes with this hash, if there are any, and if they still have it.
    pub(crate) fn get(&self, hash: &str) -> Result<Option<Arc<Vec<u8>>>, ApiError> {
        // The hash comes from a URL and becomes a file name.
        if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let Some(store) = &self.store else { return Ok(self.memory.get(hash).cloned()) };
        match store.read(&format!("blobs/{hash}")) {
            Some(bytes) if !is_whole(hash, &bytes) => {
                Err(ApiError::internal(format!("The package is damaged: its bytes do not have the hash {hash}.")))
            }
            bytes => Ok(bytes.map(Arc::new)),
        }
    }
}

fn is_whole(hash: &str, bytes: &[u8]) -> bool {
    hex::encode(Sha256::digest(bytes)).eq_ignore_ascii_case(hash)
}
