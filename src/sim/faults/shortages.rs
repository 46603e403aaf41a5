//! Injected shortages: exhausted quotas, and roles that cannot be assumed yet.
//!
//! An operation checks them where the real one would, so that an invalid request is refused for its own fault, and a request
//! that needs nothing more passes.

use std::cell::Cell;
use std::collections::HashMap;

use super::plan::{Capacity, Window};
use crate::sim::context::api_error::ApiError;
use crate::sim::context::clock::millis;

/// The shortages that one call meets.
#[derive(Debug, Default)]
pub(crate) struct Shortages {
    role: Option<Shortage>,
    concurrency: Option<Shortage>,
    storage: Option<Shortage>,
}

/// A shortage, with the number of its rule and whether the call met it.
#[derive(Debug)]
struct Shortage {
    rule: usize,
    noticed: Cell<bool>,
}

impl Shortage {
    fn new(rule: usize) -> Option<Shortage> {
        Some(Shortage { rule, noticed: Cell::new(false) })
    }

    /// Returns whether there is such a shortage, and records that the call met it.
    fn notice(shortage: Option<&Shortage>) -> bool {
        shortage.inspect(|shortage| shortage.noticed.set(true)).is_some()
    }
}

impl Shortages {
    /// Exhausts `capacity` by `rule`.
    pub(crate) fn exhaust(&mut self, rule: usize, capacity: Capacity) {
        let shortage = match capacity {
            Capacity::Concurrency => &mut self.concurrency,
            Capacity::Storage => &mut self.storage,
        };
        *shortage = Shortage::new(rule);
    }

    /// Makes the role of the call impossible to assume, by `rule`.
    pub(crate) fn delay_role(&mut self, rule: usize) {
        self.role = Shortage::new(rule);
    }

    /// Refuses a role that cannot be assumed yet.
    pub(crate) fn check_role(&self) -> Result<(), ApiError> {
        if Shortage::notice(self.role.as_ref()) { Err(no_role()) } else { Ok(()) }
    }

    /// Refuses to store code if the storage is exhausted.
    pub(crate) fn check_storage(&self) -> Result<(), ApiError> {
        if Shortage::notice(self.storage.as_ref()) {
            return Err(ApiError::new("CodeStorageExceededException", "Code storage limit exceeded."));
        }
        Ok(())
    }

    /// Returns the code storage in use: all of it in an exhausted account, `used` otherwise.
    pub(crate) fn used_storage(&self, used: i64, all: i64) -> i64 {
        if Shortage::notice(self.storage.as_ref()) { used.max(all) } else { used }
    }

    /// Returns the unreserved concurrency: at most `minimum` in an exhausted account, `unreserved` otherwise.
    pub(crate) fn unreserved(&self, unreserved: i64, minimum: i64) -> i64 {
        if self.concurrency.is_some() { unreserved.min(minimum) } else { unreserved }
    }

    /// Records that the call met the shortage of concurrency.
    pub(crate) fn notice_concurrency(&self) {
        Shortage::notice(self.concurrency.as_ref());
    }

    /// Returns the rules whose shortages the call met.
    pub(crate) fn noticed(&self) -> impl Iterator<Item = usize> {
        let all = [&self.role, &self.concurrency, &self.storage];
        all.into_iter().flatten().filter(|shortage| shortage.noticed.get()).map(|shortage| shortage.rule)
    }
}

/// Returns the error for a role that does not exist or does not trust Lambda.
pub(crate) fn no_role() -> ApiError {
    ApiError::invalid_parameter("The role defined for the function cannot be assumed by Lambda.")
}

/// The roles that calls have named, by the number of the rule that delays new ones.
#[derive(Debug, Default)]
pub(crate) struct KnownRoles(HashMap<(usize, String), FirstUse>);

#[derive(Debug)]
enum FirstUse {
    /// First named at this moment, and so often since.
    New { since: i64, times: usize },
    /// A function had it before it was named.
    Old,
}

impl KnownRoles {
    /// Returns whether a call that names `role` at `now` is within the window after its first use. A role that a function has is old.
    pub(crate) fn is_delayed(
        &mut self,
        (rule, span): (usize, Window),
        role: &str,
        now: i64,
        in_use: impl FnOnce() -> bool,
    ) -> bool {
        let new = || if in_use() { FirstUse::Old } else { FirstUse::New { since: now, times: 0 } };
        let FirstUse::New { since, times } = self.0.entry((rule, role.to_owned())).or_insert_with(new) else {
            return false;
        };
        *times += 1;
        match span {
            Window::Time(time) => now - *since < millis(time),
            Window::Calls(calls) => *times <= calls,
        }
    }
}
