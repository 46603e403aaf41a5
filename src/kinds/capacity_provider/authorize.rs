//! The permissions that a capacity provider takes.

use super::CapacityProvider;
use crate::resource::{Authorize, Grant, GrantedResource, KindCalls};
use crate::wire::{AuthorizedOn, Operation};

impl Authorize for CapacityProvider {
    const OWN: AuthorizedOn = AuthorizedOn::CapacityProvider;
    const CALLS: KindCalls = KindCalls {
        reads: &[Operation::GetCapacityProvider, Operation::ListTags],
        searches: &[Operation::GetCapacityProvider, Operation::ListCapacityProviders, Operation::ListTags],
        writes: &[Operation::CreateCapacityProvider, Operation::TagResource, Operation::UpdateCapacityProvider],
        prunes: &[Operation::UntagResource],
        deletes: &[Operation::DeleteCapacityProvider],
    };

    fn grants(spec: &Self) -> Vec<Grant> {
        let role = GrantedResource::Role(spec.permissions_config.capacity_provider_operator_role_arn.clone());
        let role = Grant::to_write(&["iam:PassRole"], "permissions_config.capacity_provider_operator_role_arn", role);
        let key = spec
            .kms_key_arn
            .iter()
            .map(|key| Grant::to_write(&["kms:DescribeKey"], "kms_key_arn", GrantedResource::Arn(key.clone())));
        [role].into_iter().chain(key).collect()
    }
}
