//! The rules of runtime management configurations: what Lambda would reject, as far as the spec shows it.

use super::catalog::{V094, V095};
use super::spec::RuntimeManagement;
use crate::kinds::function::Function;
use crate::kinds::version;
use crate::model::{Findings, KindId};
use crate::resource::{Context, ResourceRef};

/// Reports what Lambda would reject, as far as the spec alone shows it.
pub(super) fn check(spec: &RuntimeManagement, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
    version::check_number(at, cx, findings);
    match (spec.update_runtime_on.as_str(), &spec.runtime_version_arn) {
        ("Manual", None) => findings
            .error(V094, "", "`update_runtime_on: Manual` requires `runtime_version_arn`")
            .help("add `runtime_version_arn`; the function's logs contain the one in use"),
        ("Auto" | "FunctionUpdate", Some(_)) => findings
            .error(V094, "runtime_version_arn", "`runtime_version_arn` requires `update_runtime_on: Manual`")
            .help("remove it, or use `update_runtime_on: Manual`"),
        _ => {}
    }
    let function = cx.get::<Function>(&at.address.outermost(KindId::Function));
    if function.is_some_and(|function| function.code.image.is_some()) {
        let message = "runtime management does not apply to container images";
        // The default is not written, so that Lambda has nothing to reject.
        match spec.update_runtime_on.as_str() {
            "Auto" => findings.warning(V095, "", message),
            _ => findings.error(V095, "", message),
        }
        .help("remove it");
    }
}
