//! The permissions that the scaling of managed instances takes.

use super::Scaling;
use crate::resource::{Authorize, KindCalls};
use crate::wire::Operation;

impl Authorize for Scaling {
    const CALLS: KindCalls = KindCalls {
        reads: &[Operation::GetFunctionScalingConfig],
        writes: &[Operation::PutFunctionScalingConfig],
        // To delete it is to put AWS's default.
        deletes: &[Operation::PutFunctionScalingConfig],
        ..KindCalls::NONE
    };
}
