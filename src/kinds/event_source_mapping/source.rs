//! The kinds of event source: how each is recognised, what it takes, and what it has when nothing is said.
//!
//! Declared and live values are brought into one form here, so that a default that Lambda shows, one that it hides
//! and one that a user writes down are all the same value.

use jiff::Timestamp;

use super::spec::{DocumentDbEventSourceConfig, EventSourceMapping, SchemaRegistryConfig};
use crate::model::has_reference;

/// A kind of event source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventSource {
    /// A standard SQS queue.
    Queue,
    /// A FIFO SQS queue.
    FifoQueue,
    /// A Kinesis stream, or one of its consumers.
    Kinesis,
    /// A DynamoDB stream.
    DynamoDb,
    /// An MSK cluster, or a VPC connection to one.
    ManagedKafka,
    /// A Kafka cluster that is not AWS's.
    OwnKafka,
    /// An Amazon MQ broker: ActiveMQ or RabbitMQ, which look alike.
    Broker,
    /// A DocumentDB change stream.
    DocumentDb,
}

impl EventSource {
    /// The kind of source that a mapping reads; `None` while it is a reference, or for one that we do not know.
    pub fn of(spec: &EventSourceMapping) -> Option<EventSource> {
        let Some(arn) = &spec.event_source_arn else {
            return spec.self_managed_event_source.as_ref().map(|_| EventSource::OwnKafka);
        };
        if has_reference(arn) {
            return None;
        }
        let mut parts = arn.splitn(6, ':').skip(2);
        Some(match parts.next()? {
            "sqs" if arn.ends_with(".fifo") => EventSource::FifoQueue,
            "sqs" => EventSource::Queue,
            "kinesis" => EventSource::Kinesis,
            "dynamodb" => EventSource::DynamoDb,
            "kafka" => EventSource::ManagedKafka,
            "mq" => EventSource::Broker,
            "rds" | "docdb" => EventSource::DocumentDb,
            _ => return None,
        })
    }

    /// SQS, of either kind.
    pub fn is_queue(self) -> bool {
        matches!(self, EventSource::Queue | EventSource::FifoQueue)
    }

    /// Kinesis and DynamoDB, which are read by shard.
    pub fn is_stream(self) -> bool {
        matches!(self, EventSource::Kinesis | EventSource::DynamoDb)
    }

    /// Kafka, managed or not.
    pub fn is_kafka(self) -> bool {
        matches!(self, EventSource::ManagedKafka | EventSource::OwnKafka)
    }

    /// Returns true if Lambda keeps a position in the source. A new mapping does not take it over.
    pub fn has_position(self) -> bool {
        self.is_stream() || self.is_kafka() || self == EventSource::DocumentDb
    }

    /// Returns true if Lambda is known to reject a second mapping of the same source by the same function.
    pub fn is_exclusive(self) -> bool {
        self.is_queue() || self.is_stream() || self == EventSource::OwnKafka
    }

    /// Returns true if Lambda can discard a batch: by age, by attempts, in halves, or to a destination.
    pub fn gives_up(self) -> bool {
        self.is_stream() || self.is_kafka()
    }

    /// Returns true if the function may report the records of a batch that failed.
    pub fn takes_response_types(self) -> bool {
        self.is_queue() || self.gives_up()
    }

    /// Returns the users' name for it.
    pub fn words(self) -> &'static str {
        match self {
            EventSource::Queue => "an SQS queue",
            EventSource::FifoQueue => "a FIFO queue",
            EventSource::Kinesis => "a Kinesis stream",
            EventSource::DynamoDb => "a DynamoDB stream",
            EventSource::ManagedKafka => "an MSK cluster",
            EventSource::OwnKafka => "a self-managed Kafka cluster",
            EventSource::Broker => "an Amazon MQ broker",
            EventSource::DocumentDb => "a DocumentDB cluster",
        }
    }

    /// Returns the source's defaults.
    pub fn defaults(self) -> Defaults {
        let (stream, gives_up) = (self.is_stream(), self.gives_up());
        Defaults {
            batch_size: if self.is_queue() { 10 } else { 100 },
            window: (stream || self.is_queue()).then_some(0),
            age: gives_up.then_some(-1),
            attempts: gives_up.then_some(-1),
            bisect: gives_up.then_some(false),
            parallelization: stream.then_some(1),
            tumbling: stream.then_some(0),
            minimum_pollers: if self.is_queue() { 2 } else { 1 },
        }
    }
}

/// The defaults of a source; `None` where it has no such setting, or none that is a number.
/// [AWS: CreateEventSourceMapping](https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Defaults {
    /// Records in a batch.
    pub batch_size: i32,
    /// Seconds of the batching window.
    pub window: Option<i32>,
    /// Seconds of the greatest age of a record.
    pub age: Option<i32>,
    /// Attempts after the first.
    pub attempts: Option<i32>,
    /// True if failed batches are halved.
    pub bisect: Option<bool>,
    /// Batches of a shard at once.
    pub parallelization: Option<i32>,
    /// Seconds of the tumbling window.
    pub tumbling: Option<i32>,
    /// The fewest provisioned pollers.
    pub minimum_pollers: i32,
}

/// The most provisioned pollers when nothing is said.
pub const MAXIMUM_POLLERS: i32 = 200;

/// Returns true if Kafka partitions are read as a queue, by a share group.
pub fn reads_as_queue(spec: &EventSourceMapping) -> bool {
    let own = spec.self_managed_kafka_event_source_config.as_ref();
    own.and_then(|config| config.consumption_mode.as_deref()) == Some("Queue")
}

/// Returns the defaults of the mapping; `None` if its source is not known.
pub fn defaults(spec: &EventSourceMapping) -> Option<Defaults> {
    let defaults = EventSource::of(spec)?.defaults();
    // A share group cannot try for ever.
    Some(if reads_as_queue(spec) { Defaults { attempts: Some(0), ..defaults } } else { defaults })
}

/// Brings a mapping, declared or live, into the one form in which equal mappings are equal values.
pub fn normalise(spec: &mut EventSourceMapping) {
    drop_empty(spec);
    if let Some(own) = &mut spec.self_managed_event_source {
        own.endpoints.kafka_bootstrap_servers.sort();
    }
    let instant = spec.starting_position_timestamp.as_ref().and_then(|text| text.parse::<Timestamp>().ok());
    if let Some(instant) = instant {
        spec.starting_position_timestamp = Some(instant.to_string());
    }
    let (Some(source), Some(defaults)) = (EventSource::of(spec), defaults(spec)) else { return };
    spec.batch_size.get_or_insert(defaults.batch_size);
    fill_in(&mut spec.maximum_batching_window_in_seconds, defaults.window, None);
    fill_in(&mut spec.maximum_record_age_in_seconds, defaults.age, Some(-1));
    fill_in(&mut spec.maximum_retry_attempts, defaults.attempts, Some(-1));
    fill_in(&mut spec.bisect_batch_on_function_error, defaults.bisect, Some(false));
    fill_in(&mut spec.parallelization_factor, defaults.parallelization, Some(1));
    fill_in(&mut spec.tumbling_window_in_seconds, defaults.tumbling, Some(0));
    if let Some(pollers) = &mut spec.provisioned_poller_config {
        pollers.minimum_pollers.get_or_insert(defaults.minimum_pollers);
        pollers.maximum_pollers.get_or_insert(MAXIMUM_POLLERS);
    }
    if source == EventSource::DocumentDb {
        let config = spec.document_db_event_source_config.get_or_insert_with(DocumentDbEventSourceConfig::default);
        config.full_document.get_or_insert_with(|| "Default".to_owned());
    }
    if (source.is_kafka() && !reads_as_queue(spec)) || source == EventSource::DocumentDb {
        spec.starting_position.get_or_insert_with(|| "TRIM_HORIZON".to_owned());
    }
    if source == EventSource::Broker {
        let mut hosts = spec.source_access_configurations.iter().filter(|access| access.kind == "VIRTUAL_HOST");
        spec.virtual_host = Some(hosts.next().and_then(|access| access.uri.clone()).unwrap_or_default());
    }
}

/// Fills in a default; where the source has no such field, removes the value that means nothing.
fn fill_in<T: Copy + PartialEq>(field: &mut Option<T>, default: Option<T>, nothing: Option<T>) {
    match default {
        Some(default) => drop(field.get_or_insert(default)),
        None => drop(field.take_if(|value| nothing == Some(*value))),
    }
}

/// Takes away empty texts, lists and maps: to Lambda they are the same as nothing.
fn drop_empty(spec: &mut EventSourceMapping) {
    spec.event_source_arn.take_if(|arn| arn.is_empty());
    spec.kms_key_arn.take_if(|arn| arn.is_empty());
    spec.filter_criteria.take_if(|criteria| criteria.filters.is_empty());
    spec.scaling_config.take_if(|scaling| scaling.maximum_concurrency.is_none());
    spec.metrics_config.take_if(|metrics| metrics.metrics.is_empty());
    spec.logging_config.take_if(|logging| logging.system_log_level.is_none());
    spec.self_managed_event_source.take_if(|own| own.endpoints.kafka_bootstrap_servers.is_empty());
    if let Some(config) = &mut spec.destination_config {
        config.on_success.take_if(|to| to.destination.is_empty());
        config.on_failure.take_if(|to| to.destination.is_empty());
    }
    spec.destination_config.take_if(|config| config.on_success.is_none() && config.on_failure.is_none());
    if let Some(pollers) = &mut spec.provisioned_poller_config {
        pollers.poller_group_name.take_if(|name| name.is_empty());
    }
    spec.provisioned_poller_config.take_if(|pollers| *pollers == Default::default());
    if let Some(config) = &mut spec.amazon_managed_kafka_event_source_config {
        config.schema_registry_config.take_if(|registry| *registry == SchemaRegistryConfig::default());
    }
    spec.amazon_managed_kafka_event_source_config.take_if(|config| *config == Default::default());
    if let Some(config) = &mut spec.self_managed_kafka_event_source_config {
        config.schema_registry_config.take_if(|registry| *registry == SchemaRegistryConfig::default());
        // Stream is what there is when nothing is said, and servers that are not new to it do not show it.
        config.consumption_mode.take_if(|mode| mode == "Stream");
    }
    spec.self_managed_kafka_event_source_config.take_if(|config| *config == Default::default());
    spec.document_db_event_source_config.take_if(|config| *config == Default::default());
}
