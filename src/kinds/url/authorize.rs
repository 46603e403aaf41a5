//! The permissions that a function URL takes.

use super::Url;
use crate::resource::{Authorize, KindCalls};
use crate::wire::Operation;

impl Authorize for Url {
    const CALLS: KindCalls = KindCalls {
        reads: &[Operation::ListFunctionUrlConfigs],
        writes: &[
            Operation::CreateFunctionUrlConfig,
            Operation::GetFunctionUrlConfig,
            Operation::UpdateFunctionUrlConfig,
        ],
        deletes: &[Operation::DeleteFunctionUrlConfig],
        ..KindCalls::NONE
    };
}
