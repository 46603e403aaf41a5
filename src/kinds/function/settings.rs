//! The structures within a function's settings, in the words of the spec.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The size of `/tmp`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EphemeralStorage {
    /// In MB: 512 to 10240, and up to 32768 with accelerators.
    #[serde(default = "half_a_gigabyte")]
    #[schemars(range(min = 512, max = 32768), extend("x-unit" = "MB"))]
    pub size: i32,
}

/// Environment variables.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Names and values, 4 KB in all. Values are never shown.
    #[schemars(extend("x-secret" = true))]
    pub variables: BTreeMap<String, String>,
}

/// The queue or topic for events that could not be processed asynchronously.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeadLetterConfig {
    /// The ARN of an SQS queue or an SNS topic.
    #[schemars(length(max = 10000), regex(pattern = r"^((arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|())$"), extend("x-resolved" = true))]
    pub target_arn: String,
}

/// X-Ray tracing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TracingConfig {
    /// `Active` samples requests; `PassThrough` follows the caller.
    #[serde(default = "pass_through")]
    #[schemars(extend("enum" = ["Active", "PassThrough"]))]
    pub mode: String,
}

/// The VPC that a function reaches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VpcConfig {
    /// Up to 16 subnets of one VPC.
    #[schemars(length(max = 16), inner(length(max = 1024), regex(pattern = r"^subnet-[0-9a-z]*$")), extend("x-set" = true))]
    pub subnet_ids: Vec<String>,
    /// Up to 5 security groups.
    #[schemars(length(max = 5), inner(length(max = 1024), regex(pattern = r"^sg-[0-9a-zA-Z]*$")), extend("x-set" = true))]
    pub security_group_ids: Vec<String>,
    /// True if dual-stack subnets may be reached over IPv6.
    #[serde(default)]
    pub ipv6_allowed_for_dual_stack: bool,
}

/// A file system of EFS or S3 Files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileSystemConfig {
    /// The ARN of the access point.
    #[schemars(
        length(max = 256),
        regex(
            pattern = r"^(arn:aws[a-zA-Z-]*:elasticfilesystem:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:access-point/fsap-[a-f0-9]{17}$|^arn:aws[-a-z]*:s3files:[0-9a-z-:]+:file-system/fs-[0-9a-f]{17,40}/access-point/fsap-[0-9a-f]{17,40})$"
        )
    )]
    pub arn: String,
    /// The path at which it is mounted, below `/mnt/`.
    #[schemars(length(max = 160), regex(pattern = r"^/mnt/[a-zA-Z0-9-_.]+$"))]
    pub local_mount_path: String,
    /// For S3 Files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3_files_config: Option<S3FilesConfig>,
}

/// The read settings of an S3 Files file system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct S3FilesConfig {
    /// Whether large reads go to S3 directly: AUTO, ENABLED or DISABLED.
    #[schemars(extend("enum" = ["AUTO", "ENABLED", "DISABLED"]))]
    pub direct_s3_read: String,
}

/// The settings that override those of a container image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageConfig {
    /// Instead of ENTRYPOINT.
    #[serde(default)]
    #[schemars(length(max = 1500))]
    pub entry_point: Vec<String>,
    /// Instead of CMD.
    #[serde(default)]
    #[schemars(length(max = 1500))]
    pub command: Vec<String>,
    /// Instead of WORKDIR.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1000))]
    pub working_directory: Option<String>,
}

/// Snapshots of initialised versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SnapStart {
    /// `PublishedVersions` or `None`.
    #[serde(default = "none")]
    #[schemars(extend("enum" = ["PublishedVersions", "None"]))]
    pub apply_on: String,
}

/// The format and destination of logs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoggingConfig {
    /// `Text` or `JSON`. Default `Text`; `JSON` on managed instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["JSON", "Text"]))]
    pub log_format: Option<String>,
    /// The lowest level of the function's own logs; with `JSON` only, where the default is `INFO`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]))]
    pub application_log_level: Option<String>,
    /// The lowest level of Lambda's logs; with `JSON` only, where the default is `INFO`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["DEBUG", "INFO", "WARN"]))]
    pub system_log_level: Option<String>,
    /// The log group; by default `/aws/lambda/` and the function's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512), regex(pattern = r"^[\.\-_/#A-Za-z0-9]+$"))]
    pub log_group: Option<String>,
}

/// The capacity that a function runs on instead of Lambda's own fleet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapacityProviderConfig {
    /// Managed instances.
    pub lambda_managed_instances_capacity_provider_config: ManagedInstances,
}

/// Managed instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManagedInstances {
    /// The ARN of the capacity provider.
    #[schemars(
        length(min = 1, max = 140),
        regex(
            pattern = r"^arn:aws[a-zA-Z-]*:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:capacity-provider:[a-zA-Z0-9-_]+$"
        )
    )]
    pub capacity_provider_arn: String,
    /// Simultaneous executions in one environment: 1 to 1600.
    #[serde(default = "sixteen")]
    #[schemars(range(min = 1, max = 1600))]
    pub per_execution_environment_max_concurrency: i32,
    /// GiB of memory for each vCPU: 2 to 8.
    #[serde(default = "two")]
    #[schemars(range(min = 2.0, max = 8.0))]
    pub execution_environment_memory_gib_per_v_cpu: f64,
}

/// Durable executions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DurableConfig {
    /// The KMS key that encrypts payloads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10000), regex(pattern = r"^((arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|())$"))]
    pub kms_key_arn: Option<String>,
    /// Days for which finished executions are kept: 1 to 90. AWS's documents disagree on its default, so it is always sent.
    #[serde(default = "fourteen")]
    #[schemars(range(min = 1, max = 90), extend("x-unit" = "days"))]
    pub retention_period_in_days: i32,
    /// The longest that an execution may take, in seconds: up to 366 days.
    #[schemars(range(min = 1, max = 31622400), extend("x-unit" = "seconds"))]
    pub execution_timeout: i32,
}

/// Isolation of tenants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TenancyConfig {
    /// `PER_TENANT`.
    #[schemars(extend("enum" = ["PER_TENANT"]))]
    pub tenant_isolation_mode: String,
}

impl Default for EphemeralStorage {
    fn default() -> Self {
        EphemeralStorage { size: half_a_gigabyte() }
    }
}

impl Default for TracingConfig {
    fn default() -> Self {
        TracingConfig { mode: pass_through() }
    }
}

impl Default for SnapStart {
    fn default() -> Self {
        SnapStart { apply_on: none() }
    }
}

fn half_a_gigabyte() -> i32 {
    512
}

fn pass_through() -> String {
    "PassThrough".to_owned()
}

fn none() -> String {
    "None".to_owned()
}

fn sixteen() -> i32 {
    16
}

fn two() -> f64 {
    2.0
}

fn fourteen() -> i32 {
    14
}
