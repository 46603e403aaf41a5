//! The rules of function URLs: what Lambda would reject, as far as the spec shows it.

use super::catalog::V073;
use super::spec::Url;
use crate::kinds::function::Function;
use crate::kinds::function::catalog::exclusions::V033;
use crate::kinds::permissions;
use crate::model::{Findings, KindId};
use crate::resource::{Context, ResourceRef};

/// Reports what Lambda would reject, as far as the spec alone shows it.
pub(super) fn check(spec: &Url, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
    if let Some(cors) = &spec.cors {
        cors.check(findings);
    }
    let function = cx.get::<Function>(&at.address.outermost(KindId::Function));
    if function.is_some_and(|function| function.tenancy_config.is_some()) {
        findings
            .error(V033, "", "tenant isolation and function URLs cannot be combined")
            .help("remove the URL, or `tenancy_config` of the function");
    }
    let policy = cx.get(&permissions::policy_address(at));
    if spec.auth_type == "NONE" && !spec.public_statements && !permissions::opens_url(policy) {
        findings
            .warning(V073, "auth_type", "no statement allows public access to the URL, so Lambda rejects every request")
            .help("remove `public_statements: false`, or declare the two statements under `permissions`");
    }
}
