//! Code signing configuration: whose signatures are trusted, and what happens to code without one.
//!
//! AWS's quirks: it has no name, and its ARN is Lambda's choice, so it is known again by our tags, which are written in
//! the call that creates it; a change counts from the next deployment of a function; it cannot be deleted while a
//! function uses it.
//! [AWS: CreateCodeSigningConfig](https://docs.aws.amazon.com/lambda/latest/api/API_CreateCodeSigningConfig.html).

mod authorize;
mod observe;
mod rules;
mod spec;
#[cfg(test)]
mod tests;
mod write;

use crate::model::{Findings, KindId};
use crate::resource::{Context, Lifecycle, ResourceRef, TerraformType};
pub use spec::{AllowedPublishers, CONFIG_TAG, CodeSigningConfig, CodeSigningPolicies};
pub use write::unused;

impl crate::resource::Declare for CodeSigningConfig {
    const KIND: KindId = KindId::CodeSigningConfig;
    const PLACES: &'static [&'static str] = &["code_signing_configs.*"];
    const EXAMPLE: &'static str = r#"
version: 1
stack: example
code_signing_configs:
  ours:
    description: what our pipeline signs
    allowed_publishers:
      signing_profile_version_arns:
        - arn:aws:signer:${region}:${account}:/signing-profiles/pipeline/a1b2c3d4e5
        - arn:aws:signer:${region}:${account}:/signing-profiles/fallback/f1a2b3c4d5
    code_signing_policies: {untrusted_artifact_on_deployment: Enforce}
    tags: {team: payments}
"#;

    fn lifecycle() -> Lifecycle {
        Lifecycle { is_tagged: true, ..Lifecycle::default() }
    }

    fn check(spec: &CodeSigningConfig, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, cx, findings);
    }
}

impl crate::resource::Present for CodeSigningConfig {
    const LABEL: &'static str = "code signing config";
    const TERRAFORM: TerraformType = TerraformType {
        moved: &[("code_signing_policies", "policies")],
        ..TerraformType::of("aws_lambda_code_signing_config", &[])
    };
}
