//! The spec of capacity providers. The doc comments are the reference and part of the published schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::kinds::shared::tags::{TAG_VALUE, Tags};
use crate::model::AttributeName;
use crate::resource::ResourceRef;

/// A pool of EC2 instances that functions can run on: `capacity_provider_arn: ${capacity_providers.NAME.arn}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapacityProvider {
    /// The provider's name in the account, if it is not the spec's key; at most 140 letters, digits, `-` and `_`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[a-zA-Z0-9-_]{1,140}$"), extend("x-source" = true))]
    pub capacity_provider_name: Option<String>,
    /// The network of the instances. Fixed at creation.
    #[schemars(extend("x-immutable" = true))]
    pub vpc_config: InstanceVpcConfig,
    /// The role with which Lambda starts and stops instances. Fixed at creation.
    #[schemars(extend("x-immutable" = true))]
    pub permissions_config: PermissionsConfig,
    /// The requirements on instances. Fixed at creation.
    #[serde(default)]
    #[schemars(extend("x-immutable" = true))]
    pub instance_requirements: InstanceRequirements,
    /// The scaling of the instances.
    #[serde(default)]
    pub capacity_provider_scaling_config: InstanceScalingConfig,
    /// The KMS key that encrypts what the instances keep; AWS's own if absent. Fixed at creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10000), regex(pattern = r"^arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*$"), extend("x-immutable" = true))]
    pub kms_key_arn: Option<String>,
    /// The tags that the instances get.
    #[serde(default)]
    pub propagate_tags: PropagateTags,
    /// The logging of the instances.
    #[serde(default)]
    pub telemetry_config: TelemetryConfig,
    /// Up to 48 tags, since AWS takes 50 and two are ours; live tags that are not named here are left alone unless pruned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-open" = true, "x-optional" = true, "maxProperties" = 48, "additionalProperties" = {"type": "string", "maxLength": 256, "pattern": TAG_VALUE}))]
    pub tags: Option<Tags>,
    /// False if Lambda could not set it up, otherwise absent: it then takes no function and no change, and is created again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true, "x-immutable" = true))]
    pub settled: Option<bool>,
}

/// The network of the instances.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceVpcConfig {
    /// 1 to 16 subnets of one VPC.
    #[schemars(length(min = 1, max = 16), inner(length(max = 1024), regex(pattern = r"^subnet-[0-9a-z]*$")), extend("x-set" = true))]
    pub subnet_ids: Vec<String>,
    /// At most 5 security groups.
    #[schemars(length(max = 5), inner(length(max = 1024), regex(pattern = r"^sg-[0-9a-zA-Z]*$")), extend("x-set" = true))]
    pub security_group_ids: Vec<String>,
}

/// The permissions that Lambda has in the account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PermissionsConfig {
    /// The ARN of the role with which Lambda starts and stops instances.
    #[schemars(
        length(max = 10000),
        regex(pattern = r"^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$"),
        extend("examples" = ["arn:aws:iam::123456789012:role/NAME"])
    )]
    pub capacity_provider_operator_role_arn: String,
}

/// The requirements on instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceRequirements {
    /// The instruction set: exactly one of `x86_64` and `arm64`, the same as that of the functions.
    #[serde(default = "x86_64")]
    #[schemars(length(min = 1, max = 1), inner(regex(pattern = r"^(x86_64|arm64)$")))]
    pub architectures: Vec<String>,
    /// Only these types, such as `m7g.*`; every one that fits if empty. Not together with `excluded_instance_types`.
    #[serde(default)]
    #[schemars(
        length(max = 400),
        inner(length(min = 1, max = 30), regex(pattern = r"^[a-zA-Z0-9\.\*\-]+$")),
        extend("x-set" = true)
    )]
    pub allowed_instance_types: Vec<String>,
    /// All but these types.
    #[serde(default)]
    #[schemars(
        length(max = 400),
        inner(length(min = 1, max = 30), regex(pattern = r"^[a-zA-Z0-9\.\*\-]+$")),
        extend("x-set" = true)
    )]
    pub excluded_instance_types: Vec<String>,
}

impl Default for InstanceRequirements {
    fn default() -> Self {
        InstanceRequirements {
            architectures: x86_64(),
            allowed_instance_types: Vec::new(),
            excluded_instance_types: Vec::new(),
        }
    }
}

fn x86_64() -> Vec<String> {
    vec!["x86_64".to_owned()]
}

/// The scaling of the instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceScalingConfig {
    /// The most vCPUs of all instances together: 2 to 15000.
    #[serde(default = "four_hundred")]
    #[schemars(range(min = 2, max = 15000))]
    pub max_v_cpu_count: i32,
    /// `Auto` leaves it to Lambda, `Manual` follows the policies.
    #[serde(default = "auto")]
    #[schemars(extend("enum" = ["Auto", "Manual"]))]
    pub scaling_mode: String,
    /// Up to 10 targets; with the mode `Manual`.
    #[serde(default)]
    #[schemars(length(max = 10), extend("x-set" = true))]
    pub scaling_policies: Vec<ScalingPolicy>,
}

impl Default for InstanceScalingConfig {
    fn default() -> Self {
        InstanceScalingConfig { max_v_cpu_count: four_hundred(), scaling_mode: auto(), scaling_policies: Vec::new() }
    }
}

fn four_hundred() -> i32 {
    400
}

fn auto() -> String {
    "Auto".to_owned()
}

/// A use of the instances to aim at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScalingPolicy {
    /// The metric.
    #[schemars(extend(
        "enum" = ["LambdaCapacityProviderAverageCPUUtilization", "LambdaCapacityProviderAverageGPUUtilization"],
        "x-open-enum" = "AWS adds metrics; this one is not known to trueup"
    ))]
    pub predefined_metric_type: String,
    /// In percent: 0 to 100.
    #[schemars(range(min = 0.0, max = 100.0))]
    pub target_value: f64,
}

/// The tags that the instances get.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PropagateTags {
    /// `None`, or `Explicit` for those named here.
    #[serde(default = "none")]
    #[schemars(extend("enum" = ["None", "Explicit"]))]
    pub mode: String,
    /// At most 40 tags; with the mode `Explicit`.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 40, "additionalProperties" = {"type": "string", "maxLength": 256, "pattern": TAG_VALUE}))]
    pub explicit_tags: BTreeMap<String, String>,
}

impl Default for PropagateTags {
    fn default() -> Self {
        PropagateTags { mode: none(), explicit_tags: BTreeMap::new() }
    }
}

fn none() -> String {
    "None".to_owned()
}

/// The logging of the instances.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TelemetryConfig {
    /// The log group and the level of detail.
    #[serde(default)]
    pub logging_config: InstanceLoggingConfig,
}

/// The log group and the level of detail of logs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceLoggingConfig {
    /// The lowest level that is logged.
    #[serde(default = "info")]
    #[schemars(extend("enum" = ["DEBUG", "INFO", "WARN"]))]
    pub system_log_level: String,
    /// The log group; by default `/aws/lambda/capacity-provider/` and the provider's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512), regex(pattern = r"^[\.\-_/#A-Za-z0-9]+$"))]
    pub log_group: Option<String>,
}

impl Default for InstanceLoggingConfig {
    fn default() -> Self {
        InstanceLoggingConfig { system_log_level: info(), log_group: None }
    }
}

fn info() -> String {
    "INFO".to_owned()
}

pub(super) fn arn(at: &ResourceRef) -> String {
    at.scope.arn(&format!("capacity-provider:{}", at.own()))
}

pub(super) fn names(at: &ResourceRef) -> BTreeMap<AttributeName, Value> {
    BTreeMap::from([(AttributeName::ARN, json!(arn(at))), (AttributeName::NAME, json!(at.own()))])
}
