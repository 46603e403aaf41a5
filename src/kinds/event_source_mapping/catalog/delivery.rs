//! The rules of batches, retries, destinations, concurrency and filters.

use crate::model::rules;

rules! {
    V069 {
        severity: Warning,
        title: "Maximum concurrency above the function's reserved concurrency",
        meaning: "`scaling_config.maximum_concurrency` limits the invocations from one queue, and the function's reserved \
                  concurrency limits all of them. The higher limit is never reached, and messages are throttled. Raise \
                  `reserved_concurrent_executions`, or lower `maximum_concurrency`.",
        bad: function_with!("
    reserved_concurrent_executions: 2
    event_source_mappings:
      records:
        event_source_arn: arn:aws:sqs:us-east-1:123456789012:orders
        scaling_config: {maximum_concurrency: 3}
"),
        good: function_with!("
    reserved_concurrent_executions: 3
    event_source_mappings:
      records:
        event_source_arn: arn:aws:sqs:us-east-1:123456789012:orders
        scaling_config: {maximum_concurrency: 3}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html"),
    }
    V103 {
        severity: Error,
        title: "Batch of more than 10 records from a FIFO queue",
        meaning: "Lambda reads at most 10 messages of a FIFO queue at once, and rejects a larger `batch_size`. Lower it to \
                  10.",
        bad: mapping_of!("
        event_source_arn: arn:aws:sqs:us-east-1:123456789012:orders.fifo
        batch_size: 11
"),
        good: mapping_of!("
        event_source_arn: arn:aws:sqs:us-east-1:123456789012:orders.fifo
        batch_size: 10
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html"),
    }
    V104 {
        severity: Error,
        title: "Large SQS batch without a batching window",
        meaning: "SQS returns at most 10 messages per request, so Lambda has to wait to fill a larger batch. It rejects a \
                  `batch_size` above 10 without `maximum_batching_window_in_seconds` of at least 1. Add the window.",
        bad: queue_mapping!("
        batch_size: 100
"),
        good: queue_mapping!("
        batch_size: 100
        maximum_batching_window_in_seconds: 5
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html"),
    }
    V105 {
        severity: Error,
        title: "Batching window of a FIFO queue",
        meaning: "FIFO queues do not support a batching window, and Lambda rejects one. Remove \
                  `maximum_batching_window_in_seconds`.",
        bad: mapping_of!("
        event_source_arn: arn:aws:sqs:us-east-1:123456789012:orders.fifo
        maximum_batching_window_in_seconds: 5
"),
        good: mapping_of!("
        event_source_arn: arn:aws:sqs:us-east-1:123456789012:orders.fifo
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html"),
    }
    V106 {
        severity: Warning,
        title: "Batching window that cannot be unset again",
        meaning: "Kafka, Amazon MQ and DocumentDB have a window of 500 ms until one is set, and no request restores it. \
                  Removing the field later replaces the mapping. Leave the field out unless the window is needed.",
        bad: kafka_mapping!("
        maximum_batching_window_in_seconds: 5
"),
        good: kafka_mapping!("\n"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html"),
    }
    V107 {
        severity: Error,
        title: "Maximum record age under 60 seconds",
        meaning: "Lambda discards records after 60 to 604800 seconds, or never with -1, and rejects other ages. Use -1, or \
                  at least 60.",
        bad: stream_mapping!("
        maximum_record_age_in_seconds: 59
"),
        good: stream_mapping!("
        maximum_record_age_in_seconds: 60
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html"),
    }
    V109 {
        severity: Error,
        title: "Parallelization factor or tumbling window of a source without shards",
        meaning: "`parallelization_factor` and `tumbling_window_in_seconds` apply to the shards of Kinesis and DynamoDB \
                  streams. Lambda rejects them for other sources. Remove the field.",
        bad: queue_mapping!("
        parallelization_factor: 2
"),
        good: stream_mapping!("
        parallelization_factor: 2
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html"),
    }
    V110 {
        severity: Warning,
        title: "Tumbling window with parallel or bisected batches",
        meaning: "A tumbling window aggregates the batches of a shard in order and passes the state from one to the next. \
                  Parallel batches and bisected batches break that order. Remove `parallelization_factor` and \
                  `bisect_batch_on_function_error`, or the window.",
        bad: stream_mapping!("
        tumbling_window_in_seconds: 60
        parallelization_factor: 2
"),
        good: stream_mapping!("
        tumbling_window_in_seconds: 60
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html"),
    }
    V111 {
        severity: Error,
        title: "Maximum concurrency of a source other than SQS, or with provisioned pollers",
        meaning: "`scaling_config.maximum_concurrency` limits the invocations from an SQS queue. Other sources do not have \
                  it, and provisioned pollers replace it. Remove `scaling_config` or `provisioned_poller_config`.",
        bad: stream_mapping!("
        scaling_config: {maximum_concurrency: 2}
"),
        good: queue_mapping!("
        scaling_config: {maximum_concurrency: 2}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html"),
    }
    V114 {
        severity: Warning,
        title: "Error handling of Kafka without provisioned pollers",
        meaning: "Lambda limits retries and record age, bisects batches and sends failures to a destination for Kafka \
                  only in provisioned mode. Without it the settings are rejected or have no effect. Add \
                  `provisioned_poller_config`.",
        bad: mapping_of!("
        event_source_arn: arn:aws:kafka:us-east-1:123456789012:cluster/events/0a1b2c3d-1
        topics: [orders]
        starting_position: LATEST
        maximum_retry_attempts: 3
"),
        good: kafka_mapping!("
        maximum_retry_attempts: 3
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html"),
    }
    V115 {
        severity: Error,
        title: "Unsupported destination of failed records",
        meaning: "A mapping sends failed records to a standard SQS queue, a standard SNS topic or an S3 bucket, and a Kafka \
                  mapping also to a topic of its cluster. Lambda rejects other destinations. Name a supported one.",
        bad: stream_mapping!("
        destination_config: {on_failure: {destination: \"kafka://failed-orders\"}}
"),
        good: kafka_mapping!("
        destination_config: {on_failure: {destination: \"kafka://failed-orders\"}}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure-destination.html"),
    }
    V116 {
        severity: Error,
        title: "Destination for successes of an event source mapping",
        meaning: "A mapping reports failed records only, and Lambda rejects `on_success`. Use `on_failure`, or send results \
                  from the function's code.",
        bad: stream_mapping!("
        destination_config: {on_success: {destination: \"arn:aws:sqs:us-east-1:123456789012:done\"}}
"),
        good: stream_mapping!("
        destination_config: {on_failure: {destination: \"arn:aws:sqs:us-east-1:123456789012:failed\"}}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_DestinationConfig.html"),
    }
    V117 {
        severity: Error,
        title: "Partial batch responses from a source without them",
        meaning: "With `ReportBatchItemFailures` a function returns which records failed, and Lambda retries only these. \
                  SQS, Kinesis, DynamoDB and Kafka support it; Lambda rejects it for Amazon MQ and DocumentDB. Remove \
                  `function_response_types`.",
        bad: broker_mapping!("
        queues: [orders]
        source_access_configurations: [{type: BASIC_AUTH, uri: broker-secret}]
        function_response_types: [ReportBatchItemFailures]
"),
        good: queue_mapping!("
        function_response_types: [ReportBatchItemFailures]
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html"),
    }
    V126 {
        severity: ErrorOrWarning,
        title: "Invalid filter pattern, or too many filters",
        meaning: "A filter pattern is a JSON object of at most 4096 characters, and Lambda rejects anything else. trueup \
                  warns of more than five filters, the default quota of AWS. Correct the pattern, or merge filters.",
        bad: queue_mapping!("
        filter_criteria: {filters: [{pattern: \"{\"}]}
"),
        good: queue_mapping!("
        filter_criteria: {filters: [{pattern: '{\"body\": {\"kind\": [\"order\"]}}'}]}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html"),
    }
    V127 {
        severity: Warning,
        title: "KMS key without filters",
        meaning: "The `kms_key_arn` of a mapping encrypts its filters, and this mapping has none. Add `filter_criteria`, or \
                  remove the key.",
        bad: queue_mapping!("
        kms_key_arn: arn:aws:kms:us-east-1:123456789012:key/filters
"),
        good: queue_mapping!("
        kms_key_arn: arn:aws:kms:us-east-1:123456789012:key/filters
        filter_criteria: {filters: [{pattern: '{\"body\": {\"kind\": [\"order\"]}}'}]}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html"),
    }
}
