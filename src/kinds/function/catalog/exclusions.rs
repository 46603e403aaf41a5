//! The rules of features that exclude each other: SnapStart, tenant isolation, durable functions, managed instances.

use crate::model::rules;

/// A function on managed instances, with more lines.
macro_rules! managed_function {
    ($more:literal) => {
        concat!(
            function_with!(
                "
    capacity_provider_config:
      lambda_managed_instances_capacity_provider_config:
        capacity_provider_arn: arn:aws:lambda:us-east-1:123456789012:capacity-provider:pool"
            ),
            $more
        )
    };
}

rules! {
    V029 {
        severity: Error,
        title: "SnapStart with a file system",
        meaning: "Lambda cannot restore a snapshot of an environment that has a file system mounted, and rejects SnapStart \
                  for such a function. Remove `snap_start`, or read the files from S3 instead.",
        bad: function_with!("
    publish: true
    snap_start: {apply_on: PublishedVersions}
    vpc_config: {subnet_ids: [subnet-1], security_group_ids: [sg-1]}
    file_system_configs:
      - arn: arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0
        local_mount_path: /mnt/data
"),
        good: function_with!("
    publish: true
    snap_start: {apply_on: PublishedVersions}
    vpc_config: {subnet_ids: [subnet-1], security_group_ids: [sg-1]}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html"),
    }
    V030 {
        severity: Error,
        title: "SnapStart with more than 512 MB of ephemeral storage",
        meaning: "SnapStart does not support ephemeral storage above 512 MB, and Lambda rejects the combination. Lower \
                  `ephemeral_storage.size` to 512, or remove `snap_start`.",
        bad: function_with!("
    publish: true
    snap_start: {apply_on: PublishedVersions}
    ephemeral_storage: {size: 1024}
"),
        good: function_with!("
    publish: true
    snap_start: {apply_on: PublishedVersions}
    ephemeral_storage: {size: 512}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html"),
    }
    V031 {
        severity: Error,
        title: "SnapStart on a runtime without it",
        meaning: "SnapStart works with zip packages on Java 11, Python 3.12 and .NET 8, and later versions of these. \
                  Lambda rejects it for other runtimes and for container images. Change `runtime`, or remove \
                  `snap_start`.",
        bad: "version: 1
stack: example
functions:
  orders:
    runtime: nodejs22.x
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
    publish: true
    snap_start: {apply_on: PublishedVersions}
",
        good: function_with!("
    publish: true
    snap_start: {apply_on: PublishedVersions}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html"),
    }
    V032 {
        severity: Warning,
        title: "SnapStart without a published version",
        meaning: "Only published versions start from a snapshot; `$LATEST` never does. Without a version, `snap_start` has \
                  no effect. Add `publish: true`, or an alias that points to `published`.",
        bad: function_with!("
    snap_start: {apply_on: PublishedVersions}
"),
        good: function_with!("
    snap_start: {apply_on: PublishedVersions}
    publish: true
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html"),
    }
    V033 {
        severity: Error,
        title: "Tenant isolation with a feature that excludes it",
        meaning: "Each invocation of a function with tenant isolation names its tenant. SnapStart, provisioned \
                  concurrency, function URLs and event source mappings name none, and Lambda rejects them for such a \
                  function. Remove one of the two; `tenancy_config` can only be set when a function is created.",
        bad: function_with!("
    tenancy_config: {tenant_isolation_mode: PER_TENANT}
    url: {auth_type: AWS_IAM}
"),
        good: function_with!("
    tenancy_config: {tenant_isolation_mode: PER_TENANT}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html"),
    }
    V034 {
        severity: Warning,
        title: "Tenant isolation with durable execution or managed instances",
        meaning: "AWS offers tenant isolation for functions on Lambda's own compute that are not durable. Lambda is \
                  expected to reject the combination. Keep one of the two.",
        bad: function_with!("
    tenancy_config: {tenant_isolation_mode: PER_TENANT}
    durable_config: {execution_timeout: 60}
"),
        good: function_with!("
    durable_config: {execution_timeout: 60}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html"),
    }
    V038 {
        severity: Warning,
        title: "Durable function with SnapStart",
        meaning: "A durable execution replays its steps in a new environment, which does not fit a restored snapshot. \
                  Lambda is expected to reject the combination. Keep one of `durable_config` and `snap_start`.",
        bad: function_with!("
    publish: true
    durable_config: {execution_timeout: 60}
    snap_start: {apply_on: PublishedVersions}
"),
        good: function_with!("
    publish: true
    durable_config: {execution_timeout: 60}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html"),
    }
    V039 {
        severity: Warning,
        title: "Durable function on a runtime without an SDK",
        meaning: "A durable function needs AWS's SDK for durable execution, which does not exist for .NET, Ruby and Go. \
                  Change `runtime`, or remove `durable_config`.",
        bad: "version: 1
stack: example
functions:
  orders:
    runtime: ruby3.4
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
    durable_config: {execution_timeout: 60}
",
        good: function_with!("
    durable_config: {execution_timeout: 60}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/durable-execution-sdk.html"),
    }
    V040 {
        severity: Warning,
        title: "Event source of a durable function without a version",
        meaning: "A durable execution continues with the version that it began with. An event source mapping of the \
                  function itself starts executions on `$LATEST`, whose code changes under them. Move the mapping below an \
                  alias.",
        bad: function_with!("
    durable_config: {execution_timeout: 60}
    event_source_mappings:
      queue: {event_source_arn: \"arn:aws:sqs:us-east-1:123456789012:orders\"}
"),
        good: function_with!("
    durable_config: {execution_timeout: 60}
    aliases:
      live:
        function_version: published
        event_source_mappings:
          queue: {event_source_arn: \"arn:aws:sqs:us-east-1:123456789012:orders\"}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking-esm.html"),
    }
    V041 {
        severity: Warning,
        title: "Event source of a durable function that runs longer than 900 seconds",
        meaning: "An event source mapping invokes the function synchronously and waits at most 900 seconds for the whole \
                  durable execution, which then fails. Lower `execution_timeout` to 900, or invoke the function \
                  asynchronously.",
        bad: function_with!("
    durable_config: {execution_timeout: 3600}
    aliases:
      live:
        function_version: published
        event_source_mappings:
          queue: {event_source_arn: \"arn:aws:sqs:us-east-1:123456789012:orders\"}
"),
        good: function_with!("
    durable_config: {execution_timeout: 900}
    aliases:
      live:
        function_version: published
        event_source_mappings:
          queue: {event_source_arn: \"arn:aws:sqs:us-east-1:123456789012:orders\"}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking-esm.html"),
    }
    V042 {
        severity: Warning,
        title: "Managed instances with a feature that excludes them",
        meaning: "A function on managed instances takes network and scaling from its capacity provider. A `vpc_config` of \
                  its own, SnapStart, reserved concurrency and provisioned concurrency do not apply to it. Remove them; \
                  use `function_scaling_config` for limits.",
        bad: managed_function!("
    publish: true
    reserved_concurrent_executions: 10
"),
        good: managed_function!("
    publish: true
    function_scaling_config: {max_execution_environments: 10}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances.html"),
    }
    V043 {
        severity: Error,
        title: "Less than 2048 MB of memory on managed instances",
        meaning: "A function on managed instances has at least 2048 MB of memory, and Lambda rejects less. Raise \
                  `memory_size`.",
        bad: managed_function!("
    publish: true
    memory_size: 1024
"),
        good: managed_function!("
    publish: true
    memory_size: 2048
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances.html"),
    }
    V048 {
        severity: Warning,
        title: "Managed instances without a published version",
        meaning: "Managed instances run published versions only, so a function without one cannot be invoked. Add \
                  `publish: true`, or an alias that points to `published`.",
        bad: managed_function!("\n"),
        good: managed_function!("
    publish: true
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-version-publishing.html"),
    }
}
