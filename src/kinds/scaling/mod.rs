//! Function scaling config: how many execution environments a published version has on managed instances.
//!
//! AWS's quirks: it belongs to a version by number or to `$LATEST.PUBLISHED`, never to an alias; what was asked for and
//! what is in force are distinguished until the instances are there; both counts at 0 put the version to rest; it cannot be
//! deleted, but putting nothing resets it; to ask about an ordinary function is rejected. No RevisionId guards it.
//!
//! Every write puts both counts, so one that the spec no longer names is left out and Lambda's own default holds again.
//! A live count that is not declared therefore differs, save the least of 3 that AWS documents as its default. What
//! Lambda makes of the largest number by itself is not documented, and was never returned.
//! [AWS: PutFunctionScalingConfig](https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionScalingConfig.html).

mod authorize;
pub mod catalog;
mod observe;
mod rules;
mod spec;
#[cfg(test)]
mod tests;
mod write;

use crate::kinds::version;
use crate::model::{Findings, KindId};
use crate::resource::{Context, Links, Naming, ResourceRef, TerraformType};
pub use spec::Scaling;

impl crate::resource::Declare for Scaling {
    const KIND: KindId = KindId::Scaling;
    const PLACES: &'static [&'static str] =
        &["functions.*.function_scaling_config", "functions.*.versions.*.function_scaling_config"];
    const EXAMPLE: &'static str = function_with!(
        r#"
    memory_size: 2048
    capacity_provider_config:
      lambda_managed_instances_capacity_provider_config:
        capacity_provider_arn: ${capacity_providers.fleet.arn}
    publish: {publish_to: LATEST_PUBLISHED}
    function_scaling_config: {min_execution_environments: 3, max_execution_environments: 10}
capacity_providers:
  fleet:
    vpc_config: {subnet_ids: [subnet-1], security_group_ids: [sg-1]}
    permissions_config: {capacity_provider_operator_role_arn: "arn:aws:iam::123456789012:role/operator"}
"#
    );

    fn check(spec: &Scaling, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, cx, findings);
    }

    fn links(_spec: &Scaling, at: &ResourceRef) -> Links {
        // The version must exist, and the same plan may publish it.
        Links::after(vec![at.address.outermost(KindId::Version)])
    }
}

impl crate::resource::Present for Scaling {
    const LABEL: &'static str = "scaling";
    const TERRAFORM: TerraformType = TerraformType {
        block: Some("function_scaling_config"),
        ..TerraformType::of(
            "aws_lambda_function_scaling_config",
            &[("function_name", Naming::Parent), ("qualifier", Naming::QualifierOr(version::LATEST_PUBLISHED))],
        )
    };
}
