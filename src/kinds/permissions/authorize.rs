//! The permissions that statements of a resource policy take.

use super::Permissions;
use crate::resource::{Authorize, KindCalls};
use crate::wire::Operation;

impl Authorize for Permissions {
    const CALLS: KindCalls = KindCalls {
        reads: &[Operation::GetPolicy, Operation::GetResourcePolicy],
        writes: &[Operation::AddPermission, Operation::PutResourcePolicy, Operation::RemovePermission],
        prunes: &[Operation::DeleteResourcePolicy],
        deletes: &[Operation::DeleteResourcePolicy, Operation::RemovePermission],
        ..KindCalls::NONE
    };
}
