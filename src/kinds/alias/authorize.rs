//! The permissions that an alias takes.

use super::Alias;
use crate::resource::{Authorize, KindCalls};
use crate::wire::Operation;

impl Authorize for Alias {
    const CALLS: KindCalls = KindCalls {
        reads: &[Operation::ListAliases, Operation::ListProvisionedConcurrencyConfigs],
        writes: &[Operation::CreateAlias, Operation::GetAlias, Operation::UpdateAlias],
        deletes: &[Operation::DeleteAlias],
        ..KindCalls::NONE
    };
}
