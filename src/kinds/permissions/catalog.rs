//! The rules of resource policies.

use crate::model::rules;

rules! {
    V074 {
        severity: Warning,
        title: "Condition that does not fit the action of the statement",
        meaning: "`function_url_auth_type` applies to the action `lambda:InvokeFunctionUrl`, and `invoked_via_function_url` \
                  to `lambda:InvokeFunction`. With another action the condition never holds. Change the action, or remove \
                  the condition.",
        bad: function_with!("
    permissions:
      web: {action: \"lambda:GetFunction\", principal: \"*\", function_url_auth_type: NONE}
"),
        good: function_with!("
    permissions:
      web: {action: \"lambda:InvokeFunctionUrl\", principal: \"*\", function_url_auth_type: NONE}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"),
    }
    V075 {
        severity: Warning,
        title: "Statement for another `auth_type` than that of the URL",
        meaning: "A statement with `function_url_auth_type` holds only while the URL has that `auth_type`, so this one \
                  allows nothing. Use the same value in both places.",
        bad: function_with!("
    url: {auth_type: AWS_IAM}
    permissions:
      web: {action: \"lambda:InvokeFunctionUrl\", principal: \"*\", function_url_auth_type: NONE}
"),
        good: function_with!("
    url: {auth_type: AWS_IAM}
    permissions:
      web: {action: \"lambda:InvokeFunctionUrl\", principal: \"*\", function_url_auth_type: AWS_IAM}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"),
    }
    V079 {
        severity: Error,
        title: "Permissions below something that is neither a version nor an alias",
        meaning: "A resource policy belongs to a function, to a version by its number, or to an alias. Use the number of a \
                  published version, or move `permissions` below an alias or the function.",
        bad: function_with!("
    versions:
      newest:
        permissions:
          partner: {action: \"lambda:InvokeFunction\", principal: \"210987654321\"}
"),
        good: function_with!("
    versions:
      \"7\":
        permissions:
          partner: {action: \"lambda:InvokeFunction\", principal: \"210987654321\"}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html"),
    }
    V080 {
        severity: Error,
        title: "Invalid statement id",
        meaning: "The key of a statement is its id, which has 1 to 100 letters, digits, `-` and `_`. Lambda rejects other \
                  ids. Rename the statement.",
        bad: function_with!("
    permissions:
      our partner: {action: \"lambda:InvokeFunction\", principal: \"210987654321\"}
"),
        good: function_with!("
    permissions:
      our-partner: {action: \"lambda:InvokeFunction\", principal: \"210987654321\"}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html"),
    }
    V081 {
        severity: Warning,
        title: "AWS service allowed without a source",
        meaning: "A service such as SNS acts for every AWS account, so without a condition anyone's topic can invoke the \
                  function. Add `source_arn`, `source_account` or `principal_org_id`.",
        bad: function_with!("
    permissions:
      topic: {action: \"lambda:InvokeFunction\", principal: sns.amazonaws.com}
"),
        good: function_with!("
    permissions:
      topic:
        action: lambda:InvokeFunction
        principal: sns.amazonaws.com
        source_arn: arn:aws:sns:us-east-1:123456789012:orders
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html"),
    }
    V082 {
        severity: Warning,
        title: "S3 allowed by bucket or by account only",
        meaning: "The ARN of a bucket contains no account, and the name of a deleted bucket can be taken by another account. \
                  The account alone allows each of its buckets. Give both `source_arn` and `source_account`.",
        bad: function_with!("
    permissions:
      uploads:
        action: lambda:InvokeFunction
        principal: s3.amazonaws.com
        source_arn: arn:aws:s3:::uploads
"),
        good: function_with!("
    permissions:
      uploads:
        action: lambda:InvokeFunction
        principal: s3.amazonaws.com
        source_arn: arn:aws:s3:::uploads
        source_account: \"123456789012\"
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html"),
    }
    V083 {
        severity: Warning,
        title: "Organization with a principal other than `*`",
        meaning: "`principal_org_id` limits the principal `*` to the accounts of an organization. Beside an account or a \
                  service it has no use. Set `principal: \"*\"`, or remove `principal_org_id`.",
        bad: function_with!("
    permissions:
      ours: {action: \"lambda:InvokeFunction\", principal: \"210987654321\", principal_org_id: o-a1b2c3d4e5}
"),
        good: function_with!("
    permissions:
      ours: {action: \"lambda:InvokeFunction\", principal: \"*\", principal_org_id: o-a1b2c3d4e5}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html"),
    }
    V084 {
        severity: Warning,
        title: "Event source token without Alexa as principal",
        meaning: "`event_source_token` is the skill id that Alexa Smart Home sends. Lambda takes it with every principal, but \
                  a statement applies only to callers that send the token. Remove it, or set `principal: \
                  alexa-appkit.amazon.com`.",
        bad: function_with!("
    permissions:
      skill: {action: \"lambda:InvokeFunction\", principal: \"210987654321\", event_source_token: skill-1}
"),
        good: function_with!("
    permissions:
      skill: {action: \"lambda:InvokeFunction\", principal: alexa-appkit.amazon.com, event_source_token: skill-1}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html"),
    }
    V086 {
        severity: Warning,
        title: "Resource policy of more than 20 KB",
        meaning: "The resource policy of a function, version or alias has at most 20480 bytes, and Lambda rejects the \
                  statement that exceeds it. Merge statements with a pattern in `source_arn`, or divide them among \
                  aliases. The example reaches the limit with three long ARNs.",
        bad: "version: 1
stack: example
vars:
  x10: xxxxxxxxxx
  x100: ${var.x10}${var.x10}${var.x10}${var.x10}${var.x10}${var.x10}${var.x10}${var.x10}${var.x10}${var.x10}
  x1000: ${var.x100}${var.x100}${var.x100}${var.x100}${var.x100}${var.x100}${var.x100}${var.x100}${var.x100}${var.x100}
  long: ${var.x1000}${var.x1000}${var.x1000}${var.x1000}${var.x1000}${var.x1000}${var.x1000}
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
    permissions:
      a: {action: \"lambda:InvokeFunction\", principal: \"*\", source_arn: \"arn:aws:sns:us-east-1:123456789012:${var.long}\"}
      b: {action: \"lambda:InvokeFunction\", principal: \"*\", source_arn: \"arn:aws:sns:us-east-1:123456789012:${var.long}\"}
      c: {action: \"lambda:InvokeFunction\", principal: \"*\", source_arn: \"arn:aws:sns:us-east-1:123456789012:${var.long}\"}
",
        good: function_with!("
    permissions:
      organization: {action: \"lambda:InvokeFunction\", principal: \"*\", principal_org_id: o-a1b2c3d4e5}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"),
    }
    V141 {
        severity: Error,
        title: "Principal that Lambda does not accept",
        meaning: "The principal of a statement is an account of twelve digits, the ARN of a user, role or session, the name of a \
                  service such as `s3.amazonaws.com`, or `*`. Lambda rejects every other text. Write one of these.",
        bad: function_with!("
    permissions:
      odd: {action: \"lambda:InvokeFunction\", principal: nobody}
"),
        good: function_with!("
    permissions:
      odd: {action: \"lambda:InvokeFunction\", principal: sns.amazonaws.com, source_account: \"123456789012\"}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html"),
    }
}
