//! Capacity provider: a pool of EC2 instances in a VPC that functions can run on.
//!
//! AWS's quirks: every write takes a while, during which others are rejected; only scaling, logging and the tags of the
//! instances change in place; it cannot be deleted, nor replaced, while a version of a function runs on it.
//! [AWS: CreateCapacityProvider](https://docs.aws.amazon.com/lambda/latest/api/API_CreateCapacityProvider.html).

mod authorize;
mod calls;
pub mod catalog;
mod observe;
mod rules;
mod spec;
#[cfg(test)]
mod tests;
mod write;

pub use self::spec::CapacityProvider;
use crate::model::{Findings, KindId};
use crate::resource::{Context, Lifecycle, Naming, ResourceRef, TerraformType};
pub use write::unused;

impl crate::resource::Declare for CapacityProvider {
    const KIND: KindId = KindId::CapacityProvider;
    const PLACES: &'static [&'static str] = &["capacity_providers.*"];
    const EXAMPLE: &'static str = r#"
version: 1
stack: example
capacity_providers:
  pool:
    vpc_config: {subnet_ids: [subnet-b, subnet-a], security_group_ids: [sg-1]}
    permissions_config: {capacity_provider_operator_role_arn: "arn:aws:iam::${account}:role/operator"}
    instance_requirements: {architectures: [arm64], allowed_instance_types: [m7g.xlarge, c7g.xlarge]}
    capacity_provider_scaling_config:
      max_v_cpu_count: 64
      scaling_mode: Manual
      scaling_policies: [{predefined_metric_type: LambdaCapacityProviderAverageCPUUtilization, target_value: 60}]
    propagate_tags: {mode: Explicit, explicit_tags: {team: payments}}
    telemetry_config: {logging_config: {system_log_level: WARN}}
    tags: {team: payments}
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::${account}:role/orders
    architectures: [arm64]
    code: {zip: package.zip}
    capacity_provider_config:
      lambda_managed_instances_capacity_provider_config:
        capacity_provider_arn: ${capacity_providers.pool.arn}
    publish: true
"#;

    fn lifecycle() -> Lifecycle {
        Lifecycle { is_tagged: true, ..Lifecycle::default() }
    }

    fn name(spec: &CapacityProvider, key: &str) -> String {
        spec.capacity_provider_name.clone().unwrap_or_else(|| key.to_owned())
    }

    fn check(spec: &CapacityProvider, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
        rules::check(spec, at, cx, findings);
    }
}

impl crate::resource::Present for CapacityProvider {
    const LABEL: &'static str = "capacity provider";
    const TERRAFORM: TerraformType = TerraformType {
        moved: &[
            ("capacity_provider_name", "name"),
            ("capacity_provider_scaling_config.max_v_cpu_count", "capacity_provider_scaling_config.max_vcpu_count"),
        ],
        ..TerraformType::of("aws_lambda_capacity_provider", &[("name", Naming::Name)])
    };
}
