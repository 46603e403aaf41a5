//! The permissions that a version takes.

use super::Version;
use crate::resource::{Authorize, KindCalls};
use crate::wire::{AuthorizedOn, Operation};

impl Authorize for Version {
    const OWN: AuthorizedOn = AuthorizedOn::Version;
    const CALLS: KindCalls = KindCalls {
        reads: &[
            Operation::GetFunction,
            Operation::ListAliases,
            Operation::ListEventSourceMappings,
            Operation::ListFunctions,
            Operation::ListProvisionedConcurrencyConfigs,
            Operation::ListVersionsByFunction,
        ],
        writes: &[Operation::PublishVersion, Operation::UpdateFunctionConfiguration],
        deletes: &[Operation::DeleteFunction],
        ..KindCalls::NONE
    };

    fn deletes_former(spec: &Self) -> bool {
        spec.retain_versions.is_some()
    }
}
