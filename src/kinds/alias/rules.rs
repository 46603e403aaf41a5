//! The rules of aliases: what Lambda would reject, as far as the spec shows it.

use super::catalog::{V054, V133};
use super::spec::{Alias, PUBLISHED};
use crate::kinds::function::Function;
use crate::kinds::version;
use crate::kinds::version::Version;
use crate::kinds::version::catalog::V047;
use crate::model::{Findings, KindId};
use crate::resource::{Context, ResourceRef};

/// Reports what Lambda would reject, as far as the spec alone shows it.
pub(super) fn check(spec: &Alias, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
    let name = at.own();
    if name.chars().all(|c| c.is_ascii_digit()) {
        findings
            .error(V054, "", format!("the alias name `{name}` is a number, which names a version"))
            .help("use a name with a letter");
    } else if name.len() > 128 || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        findings
            .error(V054, "", format!("invalid alias name `{name}`"))
            .help("use at most 128 letters, digits, `-` and `_`");
    }
    let function = cx.get::<Function>(&at.address.outermost(KindId::Function));
    let is_ordinary = function.is_some_and(|function| function.capacity_provider_config.is_none());
    if spec.function_version == version::LATEST_PUBLISHED && is_ordinary {
        findings
            .error(V047, "function_version", "only functions on managed instances have $LATEST.PUBLISHED")
            .help("point the alias to `published`, or to a number");
    }
    let publishing = cx.get::<Version>(&at.address.outermost(KindId::Version));
    let never = publishing.is_some_and(|version| !version.enabled);
    if spec.function_version == PUBLISHED && never {
        findings
            .error(
                V133,
                "function_version",
                "the alias points to the published version, but the function publishes none",
            )
            .help("remove `publish: false`, or use the number of a version");
    }
    super::weights::check(spec, findings);
}
