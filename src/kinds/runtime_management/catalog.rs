//! The rules of runtime management.

use crate::model::rules;

rules! {
    V094 {
        severity: Error,
        title: "Mode of runtime updates that does not fit `runtime_version_arn`",
        meaning: "The mode `Manual` keeps one build of the runtime, which `runtime_version_arn` names; the other modes \
                  choose the build themselves. Lambda rejects one without the other. The function's logs show the ARN of \
                  the build in use.",
        bad: function_with!("
    runtime_management_config: {update_runtime_on: Manual}
"),
        good: function_with!("
    runtime_management_config:
      update_runtime_on: Manual
      runtime_version_arn: arn:aws:lambda:us-east-1::runtime:0123456789abcdef
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html"),
    }
    V095 {
        severity: ErrorOrWarning,
        title: "Runtime management of a container image",
        meaning: "AWS updates the runtime of zip packages. A container image contains its runtime, which changes only with \
                  the image, so Lambda rejects the setting. trueup warns of `Auto`, which is the default and is not sent. \
                  Remove `runtime_management_config`.",
        bad: "version: 1
stack: example
functions:
  orders:
    role: arn:aws:iam::123456789012:role/orders
    code: {image: \"123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:v1\"}
    runtime_management_config: {update_runtime_on: FunctionUpdate}
",
        good: function_with!("
    runtime_management_config: {update_runtime_on: FunctionUpdate}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html"),
    }
}
