//! The spec of event source mappings, as users write it and as it is observed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kinds::shared::tags::TAG_VALUE;

pub use super::spec_delivery::*;
pub use super::spec_kafka::*;
pub use super::spec_source::*;

/// Lambda reads records from a queue, stream or broker and invokes the function with batches of them.
///
/// [AWS: CreateEventSourceMapping](https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventSourceMapping {
    /// The queue, stream, stream consumer, MSK cluster or VPC connection, broker or DocumentDB cluster to read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10000), regex(pattern = r"^arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)$"), extend("x-immutable" = true, "x-resolved" = true))]
    pub event_source_arn: Option<String>,
    /// The self-managed Kafka cluster to read from, instead of `event_source_arn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-immutable" = true))]
    pub self_managed_event_source: Option<SelfManagedEventSource>,
    /// True if Lambda reads the source; a disabled mapping keeps its position. Default: true.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The most records in a batch. Default: 10 for SQS, 100 for all others. At most 10 for FIFO queues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10000))]
    pub batch_size: Option<i32>,
    /// The seconds for which records are gathered before the function is invoked. Default: 0 for SQS, Kinesis and
    /// DynamoDB; half a second for all others, to which only a new mapping returns once the field was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 300), extend("x-stays" = true, "x-unit" = "seconds"))]
    pub maximum_batching_window_in_seconds: Option<i32>,
    /// The position in the stream or topic to start reading at. Required for Kinesis and DynamoDB; for Kafka and DocumentDB the
    /// default is `TRIM_HORIZON`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-immutable" = true, "enum" = ["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"]))]
    pub starting_position: Option<String>,
    /// With `AT_TIMESTAMP`, the time from which to read, as in `2026-01-31T12:00:00Z` (RFC 3339); not in the future.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-immutable" = true, "format" = "date-time"))]
    pub starting_position_timestamp: Option<String>,
    /// The Kafka topic; exactly one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1), inner(length(min = 1, max = 249), regex(pattern = r"^[^.]([a-zA-Z0-9\-_.]+)$")))]
    #[schemars(extend("x-immutable" = true))]
    pub topics: Vec<String>,
    /// The queue of the Amazon MQ broker; exactly one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1), inner(length(min = 1, max = 1000)), extend("x-immutable" = true))]
    pub queues: Vec<String>,
    /// The filters for the records that reach the function; without them all do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter_criteria: Option<FilterCriteria>,
    /// The KMS key that encrypts the filters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10000), regex(pattern = r"^((arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|())$"))]
    pub kms_key_arn: Option<String>,
    /// The destination for records of discarded batches (Kinesis, DynamoDB and Kafka).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination_config: Option<MappingDestinations>,
    /// The age in seconds after which a record is given up: -1 for never, or 60 to 604800 (Kinesis, DynamoDB and
    /// Kafka). Default: -1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1, max = 604800), extend("x-unit" = "seconds"))]
    pub maximum_record_age_in_seconds: Option<i32>,
    /// The number of retries of a failed batch; -1 is without limit (Kinesis, DynamoDB and Kafka). Default: -1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1, max = 10000))]
    pub maximum_retry_attempts: Option<i32>,
    /// True if a failed batch is split in two and retried (Kinesis, DynamoDB and Kafka). Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bisect_batch_on_function_error: Option<bool>,
    /// The batches of one shard that are processed at once (Kinesis and DynamoDB). Default: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10))]
    pub parallelization_factor: Option<i32>,
    /// The seconds of a tumbling window; 0 for none (Kinesis and DynamoDB). Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 900), extend("x-unit" = "seconds"))]
    pub tumbling_window_in_seconds: Option<i32>,
    /// `ReportBatchItemFailures` if the function returns which records failed (not for MQ and DocumentDB). Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1), inner(regex(pattern = "^ReportBatchItemFailures$")), extend("x-set" = true))]
    pub function_response_types: Vec<String>,
    /// The limit of concurrent invocations by a queue (SQS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scaling_config: Option<ScalingConfig>,
    /// Pollers that are reserved for this mapping (SQS and Kafka).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisioned_poller_config: Option<ProvisionedPollerConfig>,
    /// Credentials and network of the source (Kafka, MQ and DocumentDB); at most 22.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 22), extend("x-set" = true))]
    pub source_access_configurations: Vec<SourceAccessConfiguration>,
    /// The settings of MSK clusters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amazon_managed_kafka_event_source_config: Option<AmazonManagedKafkaEventSourceConfig>,
    /// The settings of self-managed Kafka clusters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_managed_kafka_event_source_config: Option<SelfManagedKafkaEventSourceConfig>,
    /// The settings of DocumentDB clusters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_db_event_source_config: Option<DocumentDbEventSourceConfig>,
    /// The metrics that Lambda publishes of the mapping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics_config: Option<MetricsConfig>,
    /// The logging of Lambda's own work for the mapping (Kafka).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logging_config: Option<MappingLoggingConfig>,
    /// Tags of the mapping; compared only where the spec has some, because each mapping's cost a call to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-open" = true, "x-optional" = true, "maxProperties" = 48, "additionalProperties" = {"type": "string", "maxLength": 256, "pattern": TAG_VALUE}))]
    pub tags: Option<BTreeMap<String, String>>,
    /// The function or the alias that is invoked, such as `orders:live`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub function: Option<String>,
    /// The virtual host among the source access configurations, which is fixed at creation; empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true, "x-immutable" = true))]
    pub virtual_host: Option<String>,
    /// That the live mapping with our tag belongs to another declaration, so that it must not be touched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub misplaced_tag: Option<MisplacedTag>,
    /// The addresses of the other declarations with this key under the same function: a mapping with the tag of one is theirs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-derived" = true, "x-source" = true))]
    pub same_key_declarations: Vec<String>,
}

fn yes() -> bool {
    true
}

/// A live mapping whose tag names one declaration while another declaration describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MisplacedTag {
    /// The live mapping.
    pub arn: String,
    /// The address whose declaration describes it.
    pub declared_as: String,
}
