//! The part of the spec that says which records reach the function, how fast, and what is reported of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Filters, of which a record must match one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FilterCriteria {
    /// The filters; AWS's quota is 5, or 10 on request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-set" = true))]
    pub filters: Vec<Filter>,
}

/// One filter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// A pattern as JSON text, at most 4096 characters.
    /// [AWS: filter rule syntax](https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html).
    #[schemars(length(max = 4096))]
    pub pattern: String,
}

/// The destinations for records of batches.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingDestinations {
    /// For batches that succeeded; Lambda rejects it in event source mappings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_success: Option<Destination>,
    /// The destination for discarded batches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<Destination>,
}

/// One destination.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// The ARN of a standard SQS queue, a standard SNS topic or an S3 bucket; for Kafka sources also `kafka://topic`.
    #[schemars(
        length(max = 350),
        regex(
            pattern = r"^($|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*))$"
        )
    )]
    pub destination: String,
}

/// The limit of concurrent invocations by a queue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScalingConfig {
    /// 2 to 1000 invocations; without it there is no ceiling of the mapping's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 1000))]
    pub maximum_concurrency: Option<i32>,
}

/// Pollers that are reserved for a mapping.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvisionedPollerConfig {
    /// The fewest pollers. Default: 2 for SQS, 1 for Kafka.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 200))]
    pub minimum_pollers: Option<i32>,
    /// The most pollers. Default: 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10000))]
    pub maximum_pollers: Option<i32>,
    /// A group of mappings that share their pollers (Kafka).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128), regex(pattern = "^[a-zA-Z0-9-_]*$"))]
    pub poller_group_name: Option<String>,
}

/// The metrics that Lambda publishes of a mapping.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricsConfig {
    /// `EventCount`; for Kafka also `ErrorCount` and `KafkaMetrics`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 3), inner(regex(pattern = "^(EventCount|ErrorCount|KafkaMetrics)$")))]
    #[schemars(extend("x-set" = true))]
    pub metrics: Vec<String>,
}

/// The logging of Lambda's own work for a mapping.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingLoggingConfig {
    /// The least important messages that are logged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["DEBUG", "INFO", "WARN"]))]
    pub system_log_level: Option<String>,
}
