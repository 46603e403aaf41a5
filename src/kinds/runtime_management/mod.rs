//! Runtime management: when Lambda moves a function, or one of its versions, to a newer build of its runtime.
//!
//! AWS's quirks: it is always there and cannot be deleted, so deleting it is putting AWS's default; a version takes what holds for the function when it is published, so publishing comes after;
//! an image has no runtime and is not even asked. It takes no RevisionId, and AWS does not say whether it moves the
//! function's, so the function is read again before it is published.
//! [AWS: PutRuntimeManagementConfig](https://docs.aws.amazon.com/lambda/latest/api/API_PutRuntimeManagementConfig.html).

mod authorize;
pub mod catalog;
mod observe;
mod rules;
mod spec;
#[cfg(test)]
mod tests;
mod write;

use crate::model::{Findings, KindId};
use crate::resource::{Context, Lifecycle, Links, Naming, ResourceRef, TerraformType};
pub use spec::RuntimeManagement;

impl crate::resource::Declare for RuntimeManagement {
    const KIND: KindId = KindId::RuntimeManagement;
    const PLACES: &'static [&'static str] =
        &["functions.*.runtime_management_config", "functions.*.versions.*.runtime_management_config"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    publish: true
    runtime_management_config: {update_runtime_on: FunctionUpdate}
    versions:
      "1":
        runtime_management_config:
          update_runtime_on: Manual
          runtime_version_arn: "arn:aws:lambda:us-east-1::runtime:0123456789abcdef"
"#
    );

    fn lifecycle() -> Lifecycle {
        Lifecycle { created_with_parent: true, ..Lifecycle::default() }
    }

    fn check(spec: &RuntimeManagement, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, cx, findings);
    }

    fn links(_spec: &RuntimeManagement, at: &ResourceRef) -> Links {
        // A number may be that of the version which the same plan publishes; the configuration of the function itself
        // comes before the publication.
        let is_version = at.address.keys.len() > 1;
        Links::after(is_version.then(|| at.address.outermost(KindId::Version)).into_iter().collect())
    }
}

impl crate::resource::Present for RuntimeManagement {
    const LABEL: &'static str = "runtime updates";
    const TERRAFORM: TerraformType =
        TerraformType::of("aws_lambda_runtime_management_config", &[("function_name", Naming::Parent)]);
}
