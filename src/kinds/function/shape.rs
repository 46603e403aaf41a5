//! What a function is, in the words of the spec. The doc comments are the reference and travel into the schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kinds::tags::TAG_VALUE;

/// A Lambda function: its code and how it runs. [AWS: CreateFunction](https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// The function's name in the account, if it is not the spec's key; at most 64 letters, digits, `-` and `_`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[a-zA-Z0-9-_]{1,64}$"), extend("x-source" = true))]
    pub function_name: Option<String>,
    /// The ARN of the role that the function runs as; it must trust lambda.amazonaws.com.
    #[schemars(
        length(max = 10000),
        regex(pattern = r"^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$")
    )]
    pub role: String,
    /// Where the code comes from.
    pub code: Code,
    /// The runtime, such as `python3.13`; not for container images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = RUNTIMES, "x-open-enum" = "AWS adds runtimes and retires them; this one is not known to trueup"))]
    pub runtime: Option<String>,
    /// The function within the code that is called, such as `app.handler`; at most 128 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128), regex(pattern = r"^[^\s]+$"))]
    pub handler: Option<String>,
    /// What the function is for; at most 256 characters.
    #[serde(default)]
    #[schemars(length(max = 256), extend("x-unversioned" = true))]
    pub description: String,
    /// The longest that an invocation may take, in seconds: 1 to 900, and up to 5400 on managed instances.
    #[serde(default = "three")]
    #[schemars(range(min = 1, max = 5400))]
    pub timeout: i32,
    /// Memory in MB: 128 to 10240, and up to 32768 on managed instances. CPU grows with it. Default 128; 2048 on managed instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 128, max = 32768), extend("default" = 128))]
    pub memory_size: Option<i32>,
    /// `Zip`, or `Image` for a container image. Follows from the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["Zip", "Image"], "x-immutable" = true, "x-optional" = true))]
    pub package_type: Option<String>,
    /// The instruction set: exactly one of `x86_64` and `arm64`.
    #[serde(default = "x86_64")]
    #[schemars(length(min = 1, max = 1), inner(regex(pattern = r"^(x86_64|arm64)$")))]
    pub architectures: Vec<String>,
    /// The size of `/tmp`.
    #[serde(default)]
    pub ephemeral_storage: EphemeralStorage,
    /// Environment variables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// The KMS key that encrypts environment variables and snapshots; AWS's own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10000), regex(pattern = r"^((arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|())$"))]
    pub kms_key_arn: Option<String>,
    /// Where events go that could not be processed asynchronously.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letter_config: Option<DeadLetterConfig>,
    /// Whether requests are traced with X-Ray.
    #[serde(default)]
    pub tracing_config: TracingConfig,
    /// The VPC that the function reaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_config: Option<VpcConfig>,
    /// The ARNs of up to five layer versions, in the order in which they are laid over each other.
    #[serde(default)]
    #[schemars(inner(
        length(min = 1, max = 2048),
        regex(
            pattern = r"^((arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+))$"
        )
    ))]
    pub layers: Vec<String>,
    /// At most one file system.
    #[serde(default)]
    #[schemars(length(max = 1))]
    pub file_system_configs: Vec<FileSystemConfig>,
    /// What overrides the image's own settings; for container images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_config: Option<ImageConfig>,
    /// Whether published versions start from a snapshot.
    #[serde(default)]
    pub snap_start: SnapStart,
    /// Where and how logs are written.
    #[serde(default)]
    #[schemars(extend("default" = {"log_format": "Text"}))]
    pub logging_config: LoggingConfig,
    /// Runs the function on managed instances. Cannot be added or taken away in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fixed-presence" = true))]
    pub capacity_provider_config: Option<CapacityProviderConfig>,
    /// Makes the function durable. Cannot be added or taken away in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fixed-presence" = true))]
    pub durable_config: Option<DurableConfig>,
    /// Isolates tenants from each other. Fixed at creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-immutable" = true))]
    pub tenancy_config: Option<TenancyConfig>,
    /// The ARN of the code signing configuration that the code is checked against; on the function itself, not in defaults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-source" = true))]
    pub code_signing_config_arn: Option<String>,
    /// Up to 48 tags, since AWS takes 50 and two are ours; live tags that are not named here are left alone unless pruned.
    #[serde(default)]
    #[schemars(extend("x-open" = true, "x-unversioned" = true, "maxProperties" = 48, "additionalProperties" = {"type": "string", "maxLength": 256, "pattern": TAG_VALUE}))]
    pub tags: BTreeMap<String, String>,
}

/// Where the code of a function comes from: exactly one of `dir`, `zip`, `s3` and `image`, or the word `external`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-words" = {"external": {"external": true}}))]
pub struct Code {
    /// A directory, zipped the same way every time. What its `.lambdaignore` names is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-source" = true))]
    pub dir: Option<String>,
    /// A zip file, taken as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-source" = true))]
    pub zip: Option<String>,
    /// A zip file in S3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-optional" = true))]
    pub s3: Option<S3>,
    /// The URI of a container image; by digest it is exact, by tag it is what the tag meant when it was deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-optional" = true))]
    pub image: Option<String>,
    /// The KMS key that encrypts the package at rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10000), regex(pattern = r"^((arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|())$"), extend("x-optional" = true))]
    pub source_kms_key_arn: Option<String>,
    /// Somebody else deploys the code: it is neither compared nor written.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schemars(extend("x-source" = true))]
    pub external: bool,
    /// What Lambda calls CodeSha256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub sha256: Option<String>,
}

/// A zip file in S3, in the function's region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct S3 {
    /// The bucket.
    #[schemars(length(min = 3, max = 63), regex(pattern = r"^[0-9A-Za-z\.\-_]*(?<!\.)$"))]
    pub bucket: String,
    /// The object's key.
    #[schemars(length(min = 1, max = 1024))]
    pub key: String,
    /// The object's version. Without it a changed object is not noticed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1024))]
    pub object_version: Option<String>,
    /// `COPY` into Lambda's storage, or `REFERENCE` the object in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["COPY", "REFERENCE"], "x-source" = true))]
    pub object_storage_mode: Option<String>,
    /// The SHA-256 of the zip file in base64, which Lambda calls CodeSha256. With it a changed object is noticed whatever its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[A-Za-z0-9+/]{43}=$"), extend("x-source" = true))]
    pub sha256: Option<String>,
}

/// The size of `/tmp`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EphemeralStorage {
    /// In MB: 512 to 10240, and up to 32768 with accelerators.
    #[serde(default = "half_a_gigabyte")]
    #[schemars(range(min = 512, max = 32768))]
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

/// Where events go that could not be processed asynchronously.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeadLetterConfig {
    /// The ARN of an SQS queue or an SNS topic.
    #[schemars(length(max = 10000), regex(pattern = r"^((arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|())$"))]
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
    /// Whether dual-stack subnets may be reached over IPv6.
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
    /// Where it is mounted, below `/mnt/`.
    #[schemars(length(max = 160), regex(pattern = r"^/mnt/[a-zA-Z0-9-_.]+$"))]
    pub local_mount_path: String,
    /// For S3 Files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3_files_config: Option<S3FilesConfig>,
}

/// How an S3 Files file system is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct S3FilesConfig {
    /// Whether large reads go to S3 directly.
    #[schemars(extend("enum" = ["AUTO", "ENABLED", "DISABLED"]))]
    pub direct_s3_read: String,
}

/// What overrides a container image's own settings.
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

/// Where and how logs are written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoggingConfig {
    /// `Text` or `JSON`. Default `Text`; `JSON` on managed instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["JSON", "Text"]))]
    pub log_format: Option<String>,
    /// The least level of the function's own logs; with `JSON` only, where the default is `INFO`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]))]
    pub application_log_level: Option<String>,
    /// The least level of Lambda's logs; with `JSON` only, where the default is `INFO`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["DEBUG", "INFO", "WARN"]))]
    pub system_log_level: Option<String>,
    /// The log group; by default `/aws/lambda/` and the function's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512), regex(pattern = r"^[\.\-_/#A-Za-z0-9]+$"))]
    pub log_group: Option<String>,
}

/// What a function runs on instead of Lambda's own fleet.
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
    #[schemars(range(min = 1, max = 90))]
    pub retention_period_in_days: i32,
    /// The longest that an execution may take, in seconds: up to 366 days.
    #[schemars(range(min = 1, max = 31622400))]
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

/// The runtimes that the service model knows, retired ones included.
pub const RUNTIMES: &[&str] = &[
    "nodejs",
    "nodejs4.3",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "nodejs16.x",
    "nodejs18.x",
    "nodejs20.x",
    "nodejs22.x",
    "nodejs24.x",
    "java8",
    "java8.al2",
    "java11",
    "java17",
    "java21",
    "java25",
    "python2.7",
    "python3.6",
    "python3.7",
    "python3.8",
    "python3.9",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "dotnet6",
    "dotnet8",
    "dotnet10",
    "nodejs4.3-edge",
    "go1.x",
    "ruby2.5",
    "ruby2.7",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
    "ruby4.0",
    "provided",
    "provided.al2",
    "provided.al2023",
    "nodejs26.x",
    "python3.15",
    "java8.al2023",
    "java11.al2023",
    "java17.al2023",
    "custom",
];

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

fn three() -> i32 {
    3
}

pub(super) fn x86_64() -> Vec<String> {
    vec!["x86_64".to_owned()]
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
