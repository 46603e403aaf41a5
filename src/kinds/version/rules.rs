//! The rules of published versions: what Lambda would reject, as far as the spec shows it.

use super::catalog::{V047, V132};
use super::spec::{Version, is_number};
use crate::kinds::function::Function;
use crate::model::{Findings, KindId};
use crate::resource::{Context, ResourceRef};

/// Reports what Lambda would reject, as far as the spec alone shows it.
pub(super) fn check(spec: &Version, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
    let function = cx.get::<Function>(&at.address.outermost(KindId::Function));
    let is_managed = function.is_some_and(|function| function.capacity_provider_config.is_some());
    if spec.publish_to.is_some() && !is_managed {
        findings
            .error(V047, "publish_to", "only functions on managed instances have a version $LATEST.PUBLISHED")
            .help("remove `publish_to` to publish numbered versions");
    }
}

/// Reports a key of `versions` that is not a number, for the kinds that stand below one.
pub fn check_number(at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
    let Some(key) = at.address.keys.get(1).filter(|key| !is_number(key)) else { return };
    if cx.declared(&at.address.sibling(KindId::Alias)).is_none() {
        findings
            .error(V132, "", format!("`{key}` is not a version number"))
            .help("use the number of a published version, or move this below an alias");
    }
}
