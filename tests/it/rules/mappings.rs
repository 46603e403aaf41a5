//! The rules of event source mappings: what breaks each, and what is like it and does not.

use super::rows::Over::Mapping as M;
use super::rows::{Row, Source};

pub const QUEUE: Source = "event_source_arn: 'arn:aws:sqs:us-east-1:123456789012:q'";
pub const FIFO: Source = "event_source_arn: 'arn:aws:sqs:us-east-1:123456789012:q.fifo'";
pub const STREAM: Source =
    "event_source_arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/s', starting_position: LATEST";
pub const TABLE: Source =
    "event_source_arn: 'arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/s', starting_position: LATEST";
pub const MSK: Source = "event_source_arn: 'arn:aws:kafka:us-east-1:123456789012:cluster/c/u-1', starting_position: LATEST, \
     topics: [orders], provisioned_poller_config: {minimum_pollers: 1}";
pub const KAFKA: Source = "self_managed_event_source: {endpoints: {KAFKA_BOOTSTRAP_SERVERS: ['b:9092']}}, topics: [orders], \
     starting_position: LATEST, source_access_configurations: [{type: SASL_SCRAM_256_AUTH, uri: s}]";
pub const BROKER: Source = "event_source_arn: 'arn:aws:mq:us-east-1:123456789012:broker:b:b-1', queues: [orders], \
     source_access_configurations: [{type: BASIC_AUTH, uri: s}]";
pub const DOCUMENTS: Source = "event_source_arn: 'arn:aws:rds:us-east-1:123456789012:cluster:c', starting_position: LATEST, \
     document_db_event_source_config: {database_name: d}, source_access_configurations: [{type: BASIC_AUTH, uri: s}]";

#[rustfmt::skip]
pub const MAPPINGS: &[Row] = &[
    ("V097", &["V097"], M(QUEUE, "event_source_arn: null"), M(QUEUE, "")),
    ("V098", &["V098"], M(QUEUE, "destination_config: {on_failure: {destination: 'SNS'}}"), M(STREAM, "destination_config: {on_failure: {destination: 'SNS'}}")),
    ("V099", &["V099"], M(QUEUE, "topics: [orders]"), M(MSK, "topics: [orders]")),
    ("V099", &["V099"], M(BROKER, "queues: []"), M(BROKER, "")),
    ("V100", &["V100"], M(STREAM, "starting_position: null"), M(STREAM, "")),
    ("V100", &["V100"], M(QUEUE, "starting_position: LATEST"), M(QUEUE, "")),
    ("V101", &["V101"], M(TABLE, "starting_position: AT_TIMESTAMP, starting_position_timestamp: '2026-01-01T00:00:00Z'"),
        M(STREAM, "starting_position: AT_TIMESTAMP, starting_position_timestamp: '2026-01-01T00:00:00Z'")),
    ("V102", &["V102"], M(STREAM, "starting_position: AT_TIMESTAMP"), M(STREAM, "starting_position: TRIM_HORIZON")),
    ("V103", &["V103"], M(FIFO, "batch_size: 11"), M(FIFO, "batch_size: 10")),
    ("V103", &["S013"], M(STREAM, "batch_size: 10001"), M(STREAM, "batch_size: 10000")),
    ("V104", &["V104"], M(QUEUE, "batch_size: 11"), M(QUEUE, "batch_size: 11, maximum_batching_window_in_seconds: 1")),
    ("V105", &["V105"], M(FIFO, "maximum_batching_window_in_seconds: 1"), M(QUEUE, "maximum_batching_window_in_seconds: 1")),
    ("V106", &["V106"], M(MSK, "maximum_batching_window_in_seconds: 1"), M(STREAM, "maximum_batching_window_in_seconds: 1")),
    ("V107", &["V107"], M(STREAM, "maximum_record_age_in_seconds: 59"), M(STREAM, "maximum_record_age_in_seconds: 60")),
    ("V108", &["V108"], M(KAFKA, "SHARED, starting_position: null, maximum_retry_attempts: -1"), M(KAFKA, "maximum_retry_attempts: -1")),
    ("V109", &["V109"], M(QUEUE, "parallelization_factor: 2"), M(STREAM, "parallelization_factor: 2")),
    ("V110", &["V110"], M(STREAM, "tumbling_window_in_seconds: 1, parallelization_factor: 2"), M(STREAM, "tumbling_window_in_seconds: 1")),
    ("V111", &["V111"], M(STREAM, "scaling_config: {maximum_concurrency: 2}"), M(QUEUE, "scaling_config: {maximum_concurrency: 2}")),
    ("V112", &["V112"], M(QUEUE, "provisioned_poller_config: {minimum_pollers: 1}"), M(QUEUE, "provisioned_poller_config: {minimum_pollers: 2}")),
    ("V114", &["V114"], M(MSK, "provisioned_poller_config: null, maximum_retry_attempts: 3"), M(MSK, "maximum_retry_attempts: 3")),
    ("V115", &["V115"], M(STREAM, "destination_config: {on_failure: {destination: 'kafka://failed'}}"),
        M(MSK, "destination_config: {on_failure: {destination: 'kafka://failed'}}")),
    ("V116", &["V116"], M(STREAM, "destination_config: {on_success: {destination: 'SQS'}}"), M(STREAM, "destination_config: {on_failure: {destination: 'SQS'}}")),
    ("V117", &["V117"], M(BROKER, "function_response_types: [ReportBatchItemFailures]"), M(QUEUE, "function_response_types: [ReportBatchItemFailures]")),
    ("V118", &["V118"], M(QUEUE, "logging_config: {system_log_level: INFO}"), M(MSK, "logging_config: {system_log_level: INFO}")),
    ("V119", &["V119"], M(MSK, "REGISTRY{schema_registry_uri: 'https://r', PARTS}}"),
        M(MSK, "REGISTRY{schema_registry_uri: 'arn:aws:glue:us-east-1:123456789012:registry/r', PARTS}}")),
    ("V121", &["V121"], M(KAFKA, "SHARED"), M(KAFKA, "SHARED, starting_position: null")),
    ("V122", &["V122"], M(QUEUE, "ACCESS: [{type: BASIC_AUTH, uri: s}]"), M(BROKER, "ACCESS: [{type: BASIC_AUTH, uri: s}]")),
    ("V123", &["V123"], M(DOCUMENTS, "ACCESS: [{type: BASIC_AUTH, uri: s}, {type: VIRTUAL_HOST, uri: v}]"),
        M(BROKER, "ACCESS: [{type: BASIC_AUTH, uri: s}, {type: VIRTUAL_HOST, uri: v}]")),
    ("V124", &["V124"], M(KAFKA, "ACCESS: [{type: SASL_SCRAM_256_AUTH, uri: s}, {type: VPC_SUBNET, uri: 'subnet:subnet-1'}]"),
        M(KAFKA, "ACCESS: [{type: VPC_SECURITY_GROUP, uri: 'security_group:sg-1'}, {type: VPC_SUBNET, uri: 'subnet:subnet-1'}]")),
    ("V125", &["V125"], M(DOCUMENTS, "document_db_event_source_config: null"), M(DOCUMENTS, "")),
    ("V126", &["V126"], M(QUEUE, "filter_criteria: {filters: [{pattern: '{'}]}"), M(QUEUE, "filter_criteria: {filters: [{pattern: FILTER}]}")),
    ("V127", &["V127"], M(QUEUE, "kms_key_arn: KEY"), M(QUEUE, "kms_key_arn: KEY, filter_criteria: {filters: [{pattern: FILTER}]}")),
    ("V131", &["V131"], M(QUEUE, "event_source_arn: 'arn:aws:sqs:eu-west-1:123456789012:q'"), M(QUEUE, "")),
];
