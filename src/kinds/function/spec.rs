//! The spec of functions. The doc comments are the reference and part of the published schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kinds::shared::package_source::S3;
use crate::kinds::shared::runtimes;
use crate::kinds::shared::tags::TAG_VALUE;
use crate::resource::ResourceRef;

pub use super::settings::*;

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
        regex(pattern = r"^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$"),
        extend("examples" = ["arn:aws:iam::123456789012:role/NAME"], "x-resolved" = true)
    )]
    pub role: String,
    /// The source of the code.
    pub code: Code,
    /// The runtime, such as `python3.13`; not for container images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = runtimes::all(), "x-open-enum" = "AWS adds and deprecates runtimes; this one is not known to trueup"))]
    pub runtime: Option<String>,
    /// The function within the code that is called, such as `app.handler`; at most 128 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128), regex(pattern = r"^[^\s]+$"))]
    pub handler: Option<String>,
    /// A description; at most 256 characters.
    #[serde(default)]
    #[schemars(length(max = 256), extend("x-unversioned" = true))]
    pub description: String,
    /// The longest that an invocation may take, in seconds: 1 to 900, and up to 5400 on managed instances.
    #[serde(default = "three")]
    #[schemars(range(min = 1, max = 5400), extend("x-unit" = "seconds"))]
    pub timeout: i32,
    /// Memory in MB: 128 to 10240, and up to 32768 on managed instances. CPU grows with it. Default 128; 2048 on managed instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 128, max = 32768), extend("default" = 128, "x-unit" = "MB"))]
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
    #[schemars(length(max = 10000), regex(pattern = r"^((arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|())$"), extend("x-resolved" = true))]
    pub kms_key_arn: Option<String>,
    /// The queue or topic for events that could not be processed asynchronously.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letter_config: Option<DeadLetterConfig>,
    /// The tracing of requests with X-Ray.
    #[serde(default)]
    pub tracing_config: TracingConfig,
    /// The VPC that the function reaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_config: Option<VpcConfig>,
    /// The ARNs of up to five layer versions, in the order in which they are applied.
    #[serde(default)]
    #[schemars(extend("x-resolved" = true), inner(
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
    /// The settings that override the image's own; for container images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_config: Option<ImageConfig>,
    /// The start of published versions from a snapshot.
    #[serde(default)]
    pub snap_start: SnapStart,
    /// The format and destination of logs.
    #[serde(default)]
    #[schemars(extend("default" = {"log_format": "Text"}))]
    pub logging_config: LoggingConfig,
    /// Runs the function on managed instances. Cannot be added or removed in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fixed-presence" = true))]
    pub capacity_provider_config: Option<CapacityProviderConfig>,
    /// Makes the function durable. Cannot be added or removed in place.
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
    /// False if Lambda could not finish the last update, otherwise absent: the update is then sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true, "x-unversioned" = true))]
    pub settled: Option<bool>,
}

impl Function {
    /// Returns true if published versions start from a snapshot.
    pub fn takes_snapshots(&self) -> bool {
        self.snap_start != SnapStart::default()
    }
}

/// The source of a function's code: exactly one of `dir`, `zip`, `s3` and `image`, or the word `external`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-words" = {"external": {"external": true}}))]
pub struct Code {
    /// A directory, zipped the same way every time. What its `.lambdaignore` names is left out, in the syntax of
    /// `.gitignore`, and `.git`, `.env`, `.venv`, `.trueup`, `__pycache__` and `node_modules/.cache` unless it takes them in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-source" = true))]
    pub dir: Option<String>,
    /// The symbolic links in `dir`: `follow` packs what a link within the directory leads to and refuses others, `keep`
    /// packs links as links. Default `follow`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["follow", "keep"], "x-source" = true))]
    pub links: Option<String>,
    /// A zip file, deployed unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-source" = true))]
    pub zip: Option<String>,
    /// A zip file in S3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-optional" = true))]
    pub s3: Option<S3>,
    /// The URI of a container image; by digest it is exact, a tag is resolved when the function is deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-optional" = true))]
    pub image: Option<String>,
    /// The KMS key that encrypts the package at rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10000), regex(pattern = r"^((arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|())$"), extend("x-optional" = true))]
    pub source_kms_key_arn: Option<String>,
    /// Another tool deploys the code: it is neither compared nor written.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schemars(extend("x-source" = true))]
    pub external: bool,
    /// Lambda's CodeSha256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub sha256: Option<String>,
}

fn three() -> i32 {
    3
}

pub(super) fn x86_64() -> Vec<String> {
    vec!["x86_64".to_owned()]
}

/// The ARN of a function.
pub fn arn(at: &ResourceRef) -> String {
    at.scope.arn(&format!("function:{}", at.outer()))
}
