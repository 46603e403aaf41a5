//! What an account lacks because it was told to: room, or a role that the service can assume already.
//!
//! An operation asks here at the point where the real one would notice, so that a request which is wrong in itself is refused for
//! that, and what takes nothing from anybody is let through.

use std::cell::Cell;
use std::collections::HashMap;

use super::plan::{Span, Supply};
use crate::sim::context::api_error::ApiError;
use crate::sim::context::clock::millis;

/// What the call finds lacking.
#[derive(Debug, Default)]
pub(crate) struct Lacks {
    role: Option<Lack>,
    concurrency: Option<Lack>,
    storage: Option<Lack>,
}

/// Why, by the number of a rule, and whether the call has noticed.
#[derive(Debug)]
struct Lack {
    rule: usize,
    felt: Cell<bool>,
}

impl Lack {
    fn new(rule: usize) -> Option<Lack> {
        Some(Lack { rule, felt: Cell::new(false) })
    }

    /// Says whether there is such a lack, which the caller notices by that.
    fn feel(lack: Option<&Lack>) -> bool {
        lack.inspect(|lack| lack.felt.set(true)).is_some()
    }
}

impl Lacks {
    /// By `rule`, the account has none left of `supply`.
    pub(crate) fn exhaust(&mut self, rule: usize, supply: Supply) {
        let lack = match supply {
            Supply::Concurrency => &mut self.concurrency,
            Supply::Storage => &mut self.storage,
        };
        *lack = Lack::new(rule);
    }

    /// By `rule`, the role that the call names cannot be assumed yet.
    pub(crate) fn hold_role_back(&mut self, rule: usize) {
        self.role = Lack::new(rule);
    }

    /// Refuses a role that cannot be assumed yet.
    pub(crate) fn check_role(&self) -> Result<(), ApiError> {
        if Lack::feel(self.role.as_ref()) { Err(no_role()) } else { Ok(()) }
    }

    /// Refuses to store code where there is no room left.
    pub(crate) fn check_storage(&self) -> Result<(), ApiError> {
        if Lack::feel(self.storage.as_ref()) {
            return Err(ApiError::new("CodeStorageExceededException", "Code storage limit exceeded."));
        }
        Ok(())
    }

    /// What is used of `all` the room there is for code, if that much is: an exhausted account has used it all. The caller sees so.
    pub(crate) fn used_storage(&self, used: i64, all: i64) -> i64 {
        if Lack::feel(self.storage.as_ref()) { used.max(all) } else { used }
    }

    /// What is free of the account's concurrency, if that much is: an exhausted account has what it must leave to everybody.
    pub(crate) fn unreserved(&self, unreserved: i64, minimum: i64) -> i64 {
        if self.concurrency.is_some() { unreserved.min(minimum) } else { unreserved }
    }

    /// Says that the caller has seen how little concurrency there is.
    pub(crate) fn feel_concurrency(&self) {
        Lack::feel(self.concurrency.as_ref());
    }

    /// The rules that made a difference.
    pub(crate) fn felt(&self) -> impl Iterator<Item = usize> {
        let all = [&self.role, &self.concurrency, &self.storage];
        all.into_iter().flatten().filter(|lack| lack.felt.get()).map(|lack| lack.rule)
    }
}

/// The answer to a role that is not there, or not for Lambda.
pub(crate) fn no_role() -> ApiError {
    ApiError::invalid_parameter("The role defined for the function cannot be assumed by Lambda.")
}

/// The roles that were named so far, by the number of the rule that holds new ones back.
#[derive(Debug, Default)]
pub(crate) struct Roles(HashMap<(usize, String), Named>);

#[derive(Debug)]
enum Named {
    /// First at this moment, and so often since.
    New { since: i64, times: usize },
    /// A function had it before it was named.
    Old,
}

impl Roles {
    /// Whether `role`, which a call names at `now`, was first named too short a while ago. A role that a function has is an old one.
    pub(crate) fn is_young(
        &mut self,
        (rule, span): (usize, Span),
        role: &str,
        now: i64,
        in_use: impl FnOnce() -> bool,
    ) -> bool {
        let new = || if in_use() { Named::Old } else { Named::New { since: now, times: 0 } };
        let Named::New { since, times } = self.0.entry((rule, role.to_owned())).or_insert_with(new) else {
            return false;
        };
        *times += 1;
        match span {
            Span::Time(time) => now - *since < millis(time),
            Span::Calls(calls) => *times <= calls,
        }
    }
}
