//! The permissions that a layer takes.

use super::Layer;
use crate::kinds::shared::package_source::S3;
use crate::resource::{Authorize, Grant, KindCalls};
use crate::wire::{AuthorizedOn, Operation};

impl Authorize for Layer {
    const OWN: AuthorizedOn = AuthorizedOn::LayerVersion;
    const CALLS: KindCalls = KindCalls {
        reads: &[Operation::GetLayerVersion, Operation::ListLayerVersions],
        writes: &[Operation::PublishLayerVersion],
        deletes: &[Operation::DeleteLayerVersion],
        ..KindCalls::NONE
    };

    fn deletes_former(spec: &Self) -> bool {
        spec.retain_versions.is_some()
    }

    fn grants(spec: &Self) -> Vec<Grant> {
        spec.code.s3.iter().map(S3::grant).collect()
    }
}
