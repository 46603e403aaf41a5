//! When this run last read a resource with the stack's tag, which spares another read of its owner for a while.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::Address;

/// The time for which a resource that this run has created counts as the stack's after it was read.
const CREATED_FOR: Duration = Duration::from_secs(5);

/// The time for which any other resource does, for one write. It is what a look and the write after it may wait for their
/// quotas, so that another look would say no more: the reply that showed the end of the step before is that look.
const READ_FOR: Duration = Duration::from_secs(1);

/// The last read of each resource that showed the stack's tag.
#[derive(Debug, Default)]
pub struct OwnerReads(Mutex<HashMap<Address, OwnerRead>>);

/// A read that showed the stack's tag.
#[derive(Debug)]
struct OwnerRead {
    at: Instant,
    /// True if this run has written the resource, or anything below it, since then.
    written_since: bool,
}

impl OwnerReads {
    /// Records a read of now.
    pub fn record(&self, address: &Address) {
        self.all().insert(address.clone(), OwnerRead { at: Instant::now(), written_since: false });
    }

    /// Records that the resource, or something below it, is written now.
    pub fn record_write(&self, address: &Address) {
        if let Some(read) = self.all().get_mut(address) {
            read.written_since = true;
        }
    }

    /// Returns true if a resource that this run has created was read a short while ago.
    pub fn shows_created(&self, address: &Address) -> bool {
        self.all().get(address).is_some_and(|read| read.at.elapsed() < CREATED_FOR)
    }

    /// Returns true if the resource was read just now, and nothing was written there since.
    pub fn is_current(&self, address: &Address) -> bool {
        self.all().get(address).is_some_and(|read| !read.written_since && read.at.elapsed() < READ_FOR)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Address, OwnerRead>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
