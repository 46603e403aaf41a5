//! The rules of the scaling of functions on managed instances.

use crate::model::rules;

rules! {
    V046 {
        severity: Error,
        title: "Function scaling without managed instances, or without limits in order",
        meaning: "`function_scaling_config` limits the execution environments of a function on managed instances; Lambda \
                  rejects it for other functions. It needs a minimum, a maximum or both, and the minimum must not exceed \
                  the maximum. For other functions, use `reserved_concurrent_executions`.",
        bad: function_with!("
    function_scaling_config: {min_execution_environments: 1}
"),
        good: function_with!("
    publish: true
    capacity_provider_config:
      lambda_managed_instances_capacity_provider_config:
        capacity_provider_arn: arn:aws:lambda:us-east-1:123456789012:capacity-provider:pool
    function_scaling_config: {min_execution_environments: 1}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionScalingConfig.html"),
    }
}
