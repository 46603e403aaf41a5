//! The permissions that a code signing config takes.

use super::CodeSigningConfig;
use crate::resource::{Authorize, KindCalls};
use crate::wire::{AuthorizedOn, Operation};

impl Authorize for CodeSigningConfig {
    const OWN: AuthorizedOn = AuthorizedOn::CodeSigningConfig;
    const CALLS: KindCalls = KindCalls {
        reads: &[Operation::ListCodeSigningConfigs, Operation::ListTags],
        writes: &[
            Operation::CreateCodeSigningConfig,
            Operation::GetCodeSigningConfig,
            Operation::TagResource,
            Operation::UpdateCodeSigningConfig,
        ],
        prunes: &[Operation::UntagResource],
        deletes: &[Operation::DeleteCodeSigningConfig],
        ..KindCalls::NONE
    };
}
