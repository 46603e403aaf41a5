//! The rules of capacity providers and of the functions that use them.

use crate::model::rules;

/// A capacity provider with more lines.
macro_rules! provider_with {
    ($more:literal) => {
        concat!(
            "version: 1
stack: example
capacity_providers:
  pool:
    vpc_config: {subnet_ids: [subnet-1], security_group_ids: [sg-1]}
    permissions_config: {capacity_provider_operator_role_arn: \"arn:aws:iam::123456789012:role/operator\"}",
            $more
        )
    };
}

rules! {
    V044 {
        severity: Error,
        title: "Function and capacity provider of different architectures",
        meaning: "A function on managed instances runs on the instances of its capacity provider, so both need the same \
                  architecture; the default of both is x86_64. Change `architectures` of one of them.",
        bad: provider_with!("
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
    architectures: [arm64]
    publish: true
    capacity_provider_config:
      lambda_managed_instances_capacity_provider_config:
        capacity_provider_arn: ${capacity_providers.pool.arn}
"),
        good: provider_with!("
    instance_requirements: {architectures: [arm64]}
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
    architectures: [arm64]
    publish: true
    capacity_provider_config:
      lambda_managed_instances_capacity_provider_config:
        capacity_provider_arn: ${capacity_providers.pool.arn}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-capacity-providers.html"),
    }
    V045 {
        severity: Error,
        title: "Capacity provider of another account or region",
        meaning: "A function can only use a capacity provider of its own account and region. Name one of them.",
        bad: function_with!("
    publish: true
    capacity_provider_config:
      lambda_managed_instances_capacity_provider_config:
        capacity_provider_arn: arn:aws:lambda:eu-west-1:123456789012:capacity-provider:pool
"),
        good: function_with!("
    publish: true
    capacity_provider_config:
      lambda_managed_instances_capacity_provider_config:
        capacity_provider_arn: arn:aws:lambda:us-east-1:123456789012:capacity-provider:pool
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-capacity-providers.html"),
    }
    V051 {
        severity: Error,
        title: "Instance types both allowed and excluded",
        meaning: "A capacity provider chooses among the instance types of `allowed_instance_types`, or among all but \
                  `excluded_instance_types`. Lambda rejects both lists together. Keep one.",
        bad: provider_with!("
    instance_requirements:
      allowed_instance_types: [m7g.large]
      excluded_instance_types: [m7g.metal]
"),
        good: provider_with!("
    instance_requirements:
      excluded_instance_types: [m7g.metal]
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_InstanceRequirements.html"),
    }
    V052 {
        severity: Warning,
        title: "Scaling mode that does not fit the scaling policies",
        meaning: "The mode `Manual` scales by `scaling_policies`, and the mode `Auto` ignores or rejects them. Add a policy \
                  to `Manual`, or remove the policies from `Auto`.",
        bad: provider_with!("
    capacity_provider_scaling_config: {scaling_mode: Manual}
"),
        good: provider_with!("
    capacity_provider_scaling_config:
      scaling_mode: Manual
      scaling_policies:
        - {predefined_metric_type: LambdaCapacityProviderAverageCPUUtilization, target_value: 60}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_CapacityProviderScalingConfig.html"),
    }
    V053 {
        severity: Error,
        title: "Explicit tags without the mode Explicit",
        meaning: "`propagate_tags` copies tags to the instances that Lambda starts. It takes `explicit_tags` only with \
                  `mode: Explicit`. Set the mode, or remove the tags.",
        bad: provider_with!("
    propagate_tags: {explicit_tags: {team: orders}}
"),
        good: provider_with!("
    propagate_tags: {mode: Explicit, explicit_tags: {team: orders}}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_CreateCapacityProvider.html"),
    }
    V135 {
        severity: Error,
        title: "Invalid name of a capacity provider",
        meaning: "The name of a capacity provider has at most 140 letters, digits, `-` and `_`, and Lambda rejects others. \
                  Rename it, or set `capacity_provider_name`.",
        bad: "version: 1
stack: example
capacity_providers:
  shop:pool:
    vpc_config: {subnet_ids: [subnet-0a1b2c3d4e5f60718], security_group_ids: [sg-0a1b2c3d4e5f60718]}
    permissions_config: {capacity_provider_operator_role_arn: \"arn:aws:iam::123456789012:role/operator\"}
",
        good: "version: 1
stack: example
capacity_providers:
  shop-pool:
    vpc_config: {subnet_ids: [subnet-0a1b2c3d4e5f60718], security_group_ids: [sg-0a1b2c3d4e5f60718]}
    permissions_config: {capacity_provider_operator_role_arn: \"arn:aws:iam::123456789012:role/operator\"}
",
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-capacity-providers.html"),
    }
}
