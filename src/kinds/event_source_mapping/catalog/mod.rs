//! The rules of event source mappings.

/// A function with an event source mapping that has these fields.
macro_rules! mapping_of {
    ($fields:literal) => {
        concat!(
            function_with!(
                "
    event_source_mappings:
      records:"
            ),
            $fields
        )
    };
}

/// A function with a mapping of a standard SQS queue, with more fields.
macro_rules! queue_mapping {
    ($more:literal) => {
        concat!(mapping_of!("\n        event_source_arn: arn:aws:sqs:us-east-1:123456789012:orders"), $more)
    };
}

/// A function with a mapping of a Kinesis stream, with more fields.
macro_rules! stream_mapping {
    ($more:literal) => {
        concat!(
            mapping_of!(
                "
        event_source_arn: arn:aws:kinesis:us-east-1:123456789012:stream/orders
        starting_position: LATEST"
            ),
            $more
        )
    };
}

/// A function with a mapping of an MSK cluster with provisioned pollers, with more fields.
macro_rules! kafka_mapping {
    ($more:literal) => {
        concat!(
            mapping_of!(
                "
        event_source_arn: arn:aws:kafka:us-east-1:123456789012:cluster/events/0a1b2c3d-1
        topics: [orders]
        starting_position: LATEST
        provisioned_poller_config: {minimum_pollers: 1}"
            ),
            $more
        )
    };
}

/// A function with a mapping of a Kafka cluster outside of AWS, with more fields.
macro_rules! own_kafka_mapping {
    ($more:literal) => {
        concat!(
            mapping_of!(
                "
        self_managed_event_source: {endpoints: {KAFKA_BOOTSTRAP_SERVERS: [\"kafka.example:9092\"]}}
        topics: [orders]"
            ),
            $more
        )
    };
}

/// A function with a mapping of an Amazon MQ broker, with more fields.
macro_rules! broker_mapping {
    ($more:literal) => {
        concat!(
            mapping_of!(
                "
        event_source_arn: arn:aws:mq:us-east-1:123456789012:broker:events:b-1"
            ),
            $more
        )
    };
}

pub mod delivery;
pub mod kafka;
pub mod source;
