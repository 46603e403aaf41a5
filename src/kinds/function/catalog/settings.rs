//! The rules of a function's settings: sizes, environment, name, network, keys and logs.

use crate::model::rules;

rules! {
    V010 {
        severity: Error,
        title: "More than 10240 MB of memory",
        meaning: "A function has 128 to 10240 MB of memory; only functions on managed instances have more, and Lambda \
                  rejects the larger value. Lower `memory_size`, or run the function on a capacity provider.",
        bad: function_with!("
    memory_size: 10241
"),
        good: function_with!("
    memory_size: 10240
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"),
    }
    V011 {
        severity: Error,
        title: "Timeout above 900 seconds",
        meaning: "An invocation of a function takes at most 900 seconds; only functions on managed instances run longer. \
                  Lower `timeout`, or split the work, for example with a durable function or Step Functions.",
        bad: function_with!("
    timeout: 901
"),
        good: function_with!("
    timeout: 900
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html"),
    }
    V012 {
        severity: Error,
        title: "More than 10240 MB of ephemeral storage",
        meaning: "The folder /tmp of a function has 512 to 10240 MB, and Lambda rejects a larger value. Lower \
                  `ephemeral_storage.size`, or mount a file system.",
        bad: function_with!("
    ephemeral_storage: {size: 10241}
"),
        good: function_with!("
    ephemeral_storage: {size: 10240}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html"),
    }
    V013 {
        severity: Error,
        title: "Invalid name of an environment variable",
        meaning: "The name of an environment variable starts with a letter and has at least two characters: letters, \
                  digits and underscores. Lambda rejects all other names. Rename the variable.",
        bad: function_with!("
    environment: {variables: {A: one}}
"),
        good: function_with!("
    environment: {variables: {AB: one}}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"),
    }
    V014 {
        severity: Error,
        title: "Reserved environment variable, or more than 4 KB of variables",
        meaning: "Lambda sets variables such as `AWS_REGION` itself and rejects functions that set them. All variables \
                  together have at most 4096 bytes as JSON. Choose another name, and move large values to Systems Manager \
                  Parameter Store or Secrets Manager.",
        bad: function_with!("
    environment: {variables: {AWS_REGION: eu-west-1}}
"),
        good: function_with!("
    environment: {variables: {BUCKET_REGION: eu-west-1}}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"),
    }
    V017 {
        severity: Error,
        title: "Invalid function name",
        meaning: "The name of a function has 1 to 64 characters: letters, digits, `-` and `_`. Without `function_name`, the \
                  key of the function in the spec is its name. Change the key, or set `function_name`.",
        bad: "version: 1
stack: example
functions:
  orders:eu:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
",
        good: "version: 1
stack: example
functions:
  orders-eu:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
",
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html"),
    }
    V018 {
        severity: ErrorOrWarning,
        title: "Dead-letter target that is not a standard SQS queue or SNS topic",
        meaning: "Lambda sends events that failed asynchronous invocation to an SQS queue or an SNS topic, and rejects the \
                  ARN of any other service or region, and FIFO queues; trueup warns of FIFO topics. Name a \
                  standard queue or topic, or use `event_invoke_config` for other destinations.",
        bad: function_with!("
    dead_letter_config: {target_arn: \"arn:aws:s3:::failed-orders\"}
"),
        good: function_with!("
    dead_letter_config: {target_arn: \"arn:aws:sqs:us-east-1:123456789012:failed-orders\"}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"),
    }
    V019 {
        severity: Error,
        title: "Execution role of another account",
        meaning: "A function assumes its execution role, and Lambda rejects a role of another account. The account of the \
                  function is that of the credentials, or of `target` in the spec. Name a role of the same account.",
        bad: "version: 1
stack: example
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::210987654321:role/orders
    code: {zip: package.zip}
",
        good: function_with!("\n"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html"),
    }
    V020 {
        severity: Error,
        title: "Subnets without security groups, or the reverse",
        meaning: "A function in a VPC needs subnets and security groups, and Lambda rejects one without the other. Give \
                  both lists, or remove `vpc_config` for a function outside of a VPC.",
        bad: function_with!("
    vpc_config: {subnet_ids: [subnet-1], security_group_ids: []}
"),
        good: function_with!("
    vpc_config: {subnet_ids: [subnet-1], security_group_ids: [sg-1]}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html"),
    }
    V024 {
        severity: Error,
        title: "Log level with the log format Text",
        meaning: "Lambda filters logs by level only in the format JSON, and rejects levels with the format Text, which is \
                  the default. Set `log_format: JSON`, or remove the levels.",
        bad: function_with!("
    logging_config: {system_log_level: WARN}
"),
        good: function_with!("
    logging_config: {log_format: JSON, system_log_level: WARN}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html"),
    }
    V027 {
        severity: Warning,
        title: "KMS key of another region",
        meaning: "Lambda encrypts environment variables with a KMS key of the function's own region, and cannot use the \
                  key of another one. Name a key, or a replica of a multi-region key, in the function's region.",
        bad: function_with!("
    kms_key_arn: arn:aws:kms:eu-west-1:123456789012:key/orders
"),
        good: function_with!("
    kms_key_arn: arn:aws:kms:us-east-1:123456789012:key/orders
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html"),
    }
}
