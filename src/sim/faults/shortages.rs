//! What an account lacks because it was told to: room, or a role that the service can assume already.
//!
//! An operation asks here at the point where the real one would notice, so that a request which is wrong in itself is refused for
//! that, and what takes nothing from anybody is let through.

use std::cell::Cell;
use std::collections::HashMap;

use super::plan::{Capacity, Window};
use crate::sim::context::api_error::ApiError;
use crate::sim::context::clock::millis;

/// What the call finds lacking.
#[derive(Debug, Default)]
pub(crate) struct Shortages {
    role: Option<Shortage>,
    concurrency: Option<Shortage>,
    storage: Option<Shortage>,
}

/// Why, by the number of a rule, and whether the call has noticed.
#[derive(Debug)]
struct Shortage {
    rule: usize,
    noticed: Cell<bool>,
}

impl Shortage {
    fn new(rule: usize) -> Option<Shortage> {
        Some(Shortage { rule, noticed: Cell::new(false) })
    }

    /// Says whether there is such a lack, which the caller notices by that.
    fn notice(shortage: Option<&Shortage>) -> bool {
        shortage.inspect(|shortage| shortage.noticed.set(true)).is_some()
    }
}

impl Shortages {
    /// By `rule`, the account has none left of `capacity`.
    pub(crate) fn exhaust(&mut self, rule: usize, capacity: Capacity) {
        let shortage = match capacity {
            Capacity::Concurrency => &mut self.concurrency,
            Capacity::Storage => &mut self.storage,
        };
        *shortage = Shortage::new(rule);
    }

    /// By `rule`, the role that the call names cannot be assumed yet.
    pub(crate) fn delay_role(&mut self, rule: usize) {
        self.role = Shortage::new(rule);
    }

    /// Refuses a role that cannot be assumed yet.
    pub(crate) fn check_role(&self) -> Result<(), ApiError> {
        if Shortage::notice(self.role.as_ref()) { Err(no_role()) } else { Ok(()) }
    }

    /// Refuses to store code where there is no room left.
    pub(crate) fn check_storage(&self) -> Result<(), ApiError> {
        if Shortage::notice(self.storage.as_ref()) {
            return Err(ApiError::new("CodeStorageExceededException", "Code storage limit exceeded."));
        }
        Ok(())
    }

    /// What is used of `all` the room there is for code, if that much is: an exhausted account has used it all. The caller sees so.
    pub(crate) fn used_storage(&self, used: i64, all: i64) -> i64 {
        if Shortage::notice(self.storage.as_ref()) { used.max(all) } else { used }
    }

    /// What is free of the account's concurrency, if that much is: an exhausted account has what it must leave to everybody.
    pub(crate) fn unreserved(&self, unreserved: i64, minimum: i64) -> i64 {
        if self.concurrency.is_some() { unreserved.min(minimum) } else { unreserved }
    }

    /// Says that the caller has seen how little concurrency there is.
    pub(crate) fn notice_concurrency(&self) {
        Shortage::notice(self.concurrency.as_ref());
    }

    /// The rules that made a difference.
    pub(crate) fn noticed(&self) -> impl Iterator<Item = usize> {
        let all = [&self.role, &self.concurrency, &self.storage];
        all.into_iter().flatten().filter(|shortage| shortage.noticed.get()).map(|shortage| shortage.rule)
    }
}

/// The answer to a role that is not there, or not for Lambda.
pub(crate) fn no_role() -> ApiError {
    ApiError::invalid_parameter("The role defined for the function cannot be assumed by Lambda.")
}

/// The roles that were named so far, by the number of the rule that holds new ones back.
#[derive(Debug, Default)]
pub(crate) struct KnownRoles(HashMap<(usize, String), FirstUse>);

#[derive(Debug)]
enum FirstUse {
    /// First at this moment, and so often since.
    New { since: i64, times: usize },
    /// A function had it before it was named.
    Old,
}

impl KnownRoles {
    /// Whether `role`, which a call names at `now`, was first named too short a while ago. A role that a function has is an old one.
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
