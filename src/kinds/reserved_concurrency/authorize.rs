//! The permissions that a reservation takes.

use super::ReservedConcurrency;
use crate::resource::{Authorize, KindCalls};
use crate::wire::Operation;

impl Authorize for ReservedConcurrency {
    const CALLS: KindCalls = KindCalls {
        writes: &[
            Operation::DeleteFunctionConcurrency,
            Operation::GetFunctionConcurrency,
            Operation::PutFunctionConcurrency,
        ],
        deletes: &[Operation::DeleteFunctionConcurrency],
        ..KindCalls::NONE
    };
}
