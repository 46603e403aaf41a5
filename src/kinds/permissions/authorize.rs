//! The permissions that statements of a resource policy take.

use super::Permissions;
use crate::resource::{Authorize, KindCalls};
use crate::wire::Operation;

impl Authorize for Permissions {
    const CALLS: KindCalls = KindCalls {
        reads: &[Operation::GetPolicy, Operation::GetResourcePolicy],
        // A URL that is no longer public takes its statements along, which may be all that the policy has.
        writes: &[
            Operation::AddPermission,
            Operation::DeleteResourcePolicy,
            Operation::PutResourcePolicy,
            Operation::RemovePermission,
        ],
        deletes: &[Operation::DeleteResourcePolicy, Operation::RemovePermission],
        ..KindCalls::NONE
    };
}
