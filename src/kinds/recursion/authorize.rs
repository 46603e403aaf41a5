//! The permissions that the detection of loops takes.

use super::Recursion;
use crate::resource::{Authorize, KindCalls};
use crate::wire::Operation;

impl Authorize for Recursion {
    const CALLS: KindCalls = KindCalls {
        reads: &[Operation::GetFunctionRecursionConfig],
        writes: &[Operation::PutFunctionRecursionConfig],
        // To delete it is to put AWS's default.
        deletes: &[Operation::PutFunctionRecursionConfig],
        ..KindCalls::NONE
    };
}
