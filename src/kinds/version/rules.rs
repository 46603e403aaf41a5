//! The rules of published versions: what Lambda would refuse, as far as the spec shows it.

use super::catalog::V047;
use super::spec::Version;
use crate::kinds::function::Function;
use crate::model::{Findings, KindId};
use crate::resource::{Context, ResourceRef};

/// Reports what Lambda would refuse, as far as the spec alone shows it.
pub(super) fn check(spec: &Version, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
    let function = cx.get::<Function>(&at.address.outermost(KindId::Function));
    let is_managed = function.is_some_and(|function| function.capacity_provider_config.is_some());
    if spec.publish_to.is_some() && !is_managed {
        findings
            .error(V047, "publish_to", "only functions on managed instances have a version $LATEST.PUBLISHED")
            .help("remove `publish_to` to publish numbered versions");
    }
}
