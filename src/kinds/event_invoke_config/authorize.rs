//! The permissions that an event invoke config takes.

use super::EventInvokeConfig;
use crate::resource::{Authorize, KindCalls};
use crate::wire::Operation;

impl Authorize for EventInvokeConfig {
    const CALLS: KindCalls = KindCalls {
        reads: &[Operation::ListFunctionEventInvokeConfigs],
        writes: &[Operation::GetFunctionEventInvokeConfig, Operation::PutFunctionEventInvokeConfig],
        deletes: &[Operation::DeleteFunctionEventInvokeConfig],
        ..KindCalls::NONE
    };
}
