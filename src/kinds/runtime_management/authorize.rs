//! The permissions that runtime updates take.

use super::RuntimeManagement;
use crate::resource::{Authorize, KindCalls};
use crate::wire::Operation;

impl Authorize for RuntimeManagement {
    const CALLS: KindCalls = KindCalls {
        reads: &[Operation::GetRuntimeManagementConfig],
        writes: &[Operation::PutRuntimeManagementConfig],
        // To delete it is to put AWS's default.
        deletes: &[Operation::PutRuntimeManagementConfig],
        ..KindCalls::NONE
    };
}
