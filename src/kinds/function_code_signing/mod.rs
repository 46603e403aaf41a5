//! A function's code signing configuration: whose signatures its code must bear.
//!
//! AWS's quirks: it counts at the next deployment of code, so it is set and removed before code is updated, and the call
//! that creates a function sets it too; container images have none, and reading theirs is an error.
//! [AWS: PutFunctionCodeSigningConfig](https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionCodeSigningConfig.html).

mod authorize;
pub mod catalog;
mod observe;
mod rules;
mod spec;
#[cfg(test)]
mod tests;
mod write;

use crate::model::{Findings, KindId};
use crate::resource::{Context, Lifecycle, ResourceRef, TerraformType};
pub use observe::is_unattended;
pub use spec::FunctionCodeSigning;

impl crate::resource::Declare for FunctionCodeSigning {
    const KIND: KindId = KindId::FunctionCodeSigning;
    const PLACES: &'static [&'static str] = &["functions.*.code_signing_config_arn"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    code_signing_config_arn: ${code_signing_configs.ours.arn}
    publish: true
code_signing_configs:
  ours:
    allowed_publishers:
      signing_profile_version_arns: ["arn:aws:signer:${region}:${account}:/signing-profiles/pipeline/a1b2c3d4e5"]
"#
    );
    const SHORTHAND: Option<&'static str> = Some("code_signing_config_arn");

    fn lifecycle() -> Lifecycle {
        Lifecycle { outlives_parent: true, ..Lifecycle::default() }
    }

    fn check(spec: &FunctionCodeSigning, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, cx, findings);
    }
}

impl crate::resource::Present for FunctionCodeSigning {
    const LABEL: &'static str = "code signing";
    const TERRAFORM: TerraformType = TerraformType::merged(&[("code_signing_config_arn", "code_signing_config_arn")]);
}
