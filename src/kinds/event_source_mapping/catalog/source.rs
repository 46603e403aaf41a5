//! The rules of what a mapping reads, and from which position.

use crate::model::rules;

rules! {
    V097 {
        severity: Error,
        title: "Event source mapping without a source, or with two",
        meaning: "A mapping reads from exactly one of `event_source_arn` and `self_managed_event_source`. Keep one of them.",
        bad: mapping_of!("
        batch_size: 10
"),
        good: queue_mapping!("
        batch_size: 10
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html"),
    }
    V098 {
        severity: ErrorOrWarning,
        title: "Setting that the event source does not have",
        meaning: "Each setting of a mapping applies to some kinds of event source, and Lambda rejects it for the others. \
                  trueup warns of values that say nothing, which are not sent. Remove the setting.",
        bad: queue_mapping!("
        destination_config: {on_failure: {destination: \"arn:aws:sqs:us-east-1:123456789012:failed\"}}
"),
        good: stream_mapping!("
        destination_config: {on_failure: {destination: \"arn:aws:sqs:us-east-1:123456789012:failed\"}}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html"),
    }
    V099 {
        severity: Error,
        title: "Wrong number of topics or queues",
        meaning: "A Kafka mapping reads exactly one topic, and an Amazon MQ mapping exactly one queue. Other sources have \
                  neither; the queue of an SQS mapping is its `event_source_arn`. Name one topic or queue, or remove the \
                  field.",
        bad: queue_mapping!("
        topics: [orders]
"),
        good: kafka_mapping!("\n"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html"),
    }
    V100 {
        severity: ErrorOrWarning,
        title: "Starting position missing, or of a source that has none",
        meaning: "Kinesis and DynamoDB streams need a `starting_position`: `TRIM_HORIZON` reads all records that the stream \
                  holds, `LATEST` new ones only. trueup warns where Kafka or DocumentDB has none. SQS and Amazon MQ have \
                  no positions; remove the field there.",
        bad: mapping_of!("
        event_source_arn: arn:aws:kinesis:us-east-1:123456789012:stream/orders
"),
        good: mapping_of!("
        event_source_arn: arn:aws:kinesis:us-east-1:123456789012:stream/orders
        starting_position: TRIM_HORIZON
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html"),
    }
    V101 {
        severity: Error,
        title: "DynamoDB stream read from a point in time",
        meaning: "`AT_TIMESTAMP` works with Kinesis, DocumentDB and Kafka. A DynamoDB stream starts at `TRIM_HORIZON` or \
                  `LATEST`. Use one of these.",
        bad: mapping_of!("
        event_source_arn: arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000
        starting_position: AT_TIMESTAMP
        starting_position_timestamp: \"2026-01-01T00:00:00Z\"
"),
        good: mapping_of!("
        event_source_arn: arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000
        starting_position: TRIM_HORIZON
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html"),
    }
    V102 {
        severity: Error,
        title: "`AT_TIMESTAMP` without a time, or a time without `AT_TIMESTAMP`",
        meaning: "`starting_position: AT_TIMESTAMP` reads from `starting_position_timestamp` on, so the two belong \
                  together. The time is written as in `2026-01-31T12:00:00Z`. Add the time, or change the position.",
        bad: mapping_of!("
        event_source_arn: arn:aws:kinesis:us-east-1:123456789012:stream/orders
        starting_position: AT_TIMESTAMP
"),
        good: mapping_of!("
        event_source_arn: arn:aws:kinesis:us-east-1:123456789012:stream/orders
        starting_position: AT_TIMESTAMP
        starting_position_timestamp: \"2026-01-01T00:00:00Z\"
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html"),
    }
    V129 {
        severity: Error,
        title: "Two mappings of one source to one function",
        meaning: "Lambda has one mapping for each pair of source and function, and rejects the second. Merge the two; \
                  several filters of one mapping replace several mappings.",
        bad: function_with!("
    event_source_mappings:
      first: {event_source_arn: \"arn:aws:sqs:us-east-1:123456789012:orders\"}
      second: {event_source_arn: \"arn:aws:sqs:us-east-1:123456789012:orders\"}
"),
        good: function_with!("
    event_source_mappings:
      first: {event_source_arn: \"arn:aws:sqs:us-east-1:123456789012:orders\"}
      second: {event_source_arn: \"arn:aws:sqs:us-east-1:123456789012:returns\"}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html"),
    }
    V130 {
        severity: Error,
        title: "Amazon MQ or DocumentDB with a timeout above 900 seconds",
        meaning: "Functions on managed instances may run longer than 900 seconds, but not for Amazon MQ and DocumentDB: \
                  Lambda rejects such a mapping. Lower the function's `timeout`.",
        bad: function_with!("
    timeout: 901
    publish: true
    capacity_provider_config:
      lambda_managed_instances_capacity_provider_config:
        capacity_provider_arn: arn:aws:lambda:us-east-1:123456789012:capacity-provider:pool
    event_source_mappings:
      records:
        event_source_arn: arn:aws:mq:us-east-1:123456789012:broker:events:b-1
        queues: [orders]
        source_access_configurations: [{type: BASIC_AUTH, uri: broker-secret}]
"),
        good: function_with!("
    timeout: 900
    event_source_mappings:
      records:
        event_source_arn: arn:aws:mq:us-east-1:123456789012:broker:events:b-1
        queues: [orders]
        source_access_configurations: [{type: BASIC_AUTH, uri: broker-secret}]
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html"),
    }
    V131 {
        severity: Error,
        title: "Event source of another region, or broker of another account",
        meaning: "A mapping reads a source of the function's own region, and an Amazon MQ broker of the function's own \
                  account. Lambda rejects others. Run the function next to the source, or forward the records.",
        bad: mapping_of!("
        event_source_arn: arn:aws:sqs:eu-west-1:123456789012:orders
"),
        good: queue_mapping!("\n"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html"),
    }
    V134 {
        severity: ErrorOrWarning,
        title: "ARN that is not an event source",
        meaning: "Lambda polls SQS, Kinesis, DynamoDB streams, MSK, Kafka, Amazon MQ and DocumentDB. Other services, such as \
                  S3 and SNS, invoke the function themselves: allow them with a statement in `permissions`. Of a DynamoDB \
                  table, name the stream. trueup warns of services that it does not know.",
        bad: mapping_of!("
        event_source_arn: arn:aws:s3:::uploads
"),
        good: queue_mapping!("\n"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html"),
    }
}
