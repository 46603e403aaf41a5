//! The permissions that statements of a layer's policy take.

use super::LayerPermissions;
use crate::resource::{Authorize, KindCalls};
use crate::wire::Operation;

impl Authorize for LayerPermissions {
    const CALLS: KindCalls = KindCalls {
        reads: &[Operation::GetLayerVersionPolicy],
        writes: &[Operation::AddLayerVersionPermission, Operation::RemoveLayerVersionPermission],
        deletes: &[Operation::RemoveLayerVersionPermission],
        ..KindCalls::NONE
    };
}
