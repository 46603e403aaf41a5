//! The rules of code signing.

use crate::model::rules;

rules! {
    V091 {
        severity: ErrorOrWarning,
        title: "Code signing of code that cannot be signed",
        meaning: "Lambda checks the signature of zip packages, not of container images, and each function names its own \
                  configuration. With the policy `Enforce`, trueup warns of a package or layer from `dir`, which is not \
                  signed. Remove `code_signing_config_arn`, or deploy a signed package by `zip` or `s3`.",
        bad: "version: 1
stack: example
code_signing_configs:
  ours:
    allowed_publishers:
      signing_profile_version_arns: [\"arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/a1b2c3d4e5\"]
functions:
  orders:
    role: arn:aws:iam::123456789012:role/orders
    code: {image: \"123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:v1\"}
    code_signing_config_arn: ${code_signing_configs.ours.arn}
",
        good: function_with!("
    code_signing_config_arn: ${code_signing_configs.ours.arn}
code_signing_configs:
  ours:
    allowed_publishers:
      signing_profile_version_arns: [\"arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/a1b2c3d4e5\"]
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html"),
    }
}
