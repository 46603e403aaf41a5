//! The spec of event source mappings, as users write it and as it is observed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kinds::shared::tags::TAG_VALUE;
use crate::model::KindId;
use crate::resource::ResourceRef;

pub use super::spec_kafka::*;

/// Lambda reads records from a queue, stream or broker and invokes the function with batches of them.
///
/// [AWS: CreateEventSourceMapping](https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventSourceMapping {
    /// The queue, stream, stream consumer, MSK cluster or VPC connection, broker or DocumentDB cluster to read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10000), regex(pattern = r"^arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)$"), extend("x-immutable" = true))]
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
    #[schemars(range(min = 0, max = 300), extend("x-stays" = true))]
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
    #[schemars(range(min = -1, max = 604800))]
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
    #[schemars(range(min = 0, max = 900))]
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
}

fn yes() -> bool {
    true
}

/// The brokers of a self-managed Kafka cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SelfManagedEventSource {
    /// The brokers, by protocol.
    pub endpoints: Endpoints,
}

/// Brokers by protocol; Lambda knows one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoints {
    /// 1 to 10 brokers as `host:port`.
    #[serde(rename = "KAFKA_BOOTSTRAP_SERVERS")]
    #[schemars(length(min = 1, max = 10), inner(length(min = 1, max = 300), regex(pattern = r"^(([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9])\.)*([A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9\-]*[A-Za-z0-9]):[0-9]{1,5}$")), extend("x-set" = true))]
    pub kafka_bootstrap_servers: Vec<String>,
}

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
    /// For batches that succeeded; Lambda refuses it in event source mappings.
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

/// One credential or one piece of the network of a source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceAccessConfiguration {
    /// The type, such as `BASIC_AUTH` or `VPC_SUBNET`.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = [
        "BASIC_AUTH", "VPC_SUBNET", "VPC_SECURITY_GROUP", "SASL_SCRAM_512_AUTH", "SASL_SCRAM_256_AUTH", "VIRTUAL_HOST",
        "CLIENT_CERTIFICATE_TLS_AUTH", "SERVER_ROOT_CA_CERTIFICATE", "OAUTHBEARER_AUTH", "OAUTHBEARER_SCOPE",
        "OAUTHBEARER_AUDIENCE", "OAUTHBEARER_LOGICAL_CLUSTER", "OAUTHBEARER_IDENTITY_POOL", "IAM_AUTH",
        "IAM_OAUTHBEARER_AUTH"
    ], "x-open-enum" = "the list of access types grows"))]
    pub kind: String,
    /// The ARN of a secret, `subnet:subnet-…`, `security_group:sg-…` or a plain value, as the type asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200), regex(pattern = r"^[ a-zA-Z0-9-\/*:_+=.@-]*$"))]
    pub uri: Option<String>,
}

/// The settings of DocumentDB clusters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentDbEventSourceConfig {
    /// The database to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63), regex(pattern = r"^[^ /\.$\x22]*$"))]
    pub database_name: Option<String>,
    /// The collection to read; without it all of the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-stays" = true))]
    #[schemars(length(min = 1, max = 57), regex(pattern = r"^(?!(system\x2e))[_a-zA-Z0-9]([^$]*)$"))]
    pub collection_name: Option<String>,
    /// `UpdateLookup` to get the whole document with each update, `Default` for what changed. Default: `Default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["UpdateLookup", "Default"]))]
    pub full_document: Option<String>,
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

/// A live mapping whose tag names one declaration while another declaration describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MisplacedTag {
    /// The live mapping.
    pub arn: String,
    /// The address whose declaration describes it.
    pub declared_as: String,
}

/// The kind's name.
pub(super) const KIND: KindId = KindId::EventSourceMapping;

/// The tag on live mappings that names the address of their declaration.
pub const MAPPING_TAG: &str = "trueup:mapping";

/// The function that a mapping at this place invokes: `orders`, or `orders:live` below an alias.
pub fn function_at(at: &ResourceRef) -> String {
    match at.names.as_slice() {
        [function, alias, _] => format!("{function}:{alias}"),
        _ => at.outer().to_owned(),
    }
}
