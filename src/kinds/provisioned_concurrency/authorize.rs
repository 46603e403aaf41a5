//! The permissions that provisioned concurrency takes.

use super::ProvisionedConcurrency;
use crate::resource::{Authorize, KindCalls};
use crate::wire::Operation;

impl Authorize for ProvisionedConcurrency {
    const CALLS: KindCalls = KindCalls {
        reads: &[Operation::ListProvisionedConcurrencyConfigs],
        writes: &[
            Operation::DeleteProvisionedConcurrencyConfig,
            Operation::GetProvisionedConcurrencyConfig,
            Operation::PutProvisionedConcurrencyConfig,
        ],
        deletes: &[Operation::DeleteProvisionedConcurrencyConfig],
        ..KindCalls::NONE
    };
}
