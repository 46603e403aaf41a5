//! The rules of pollers, consumers, schema registries and credentials: Kafka, Amazon MQ and DocumentDB.

use crate::model::rules;

rules! {
    V108 {
        severity: Error,
        title: "Unlimited retries in a Kafka share group",
        meaning: "A mapping with `consumption_mode: Queue` reads through a share group, which retries a record a limited \
                  number of times. Set `maximum_retry_attempts` to 0 to 10000.",
        bad: own_kafka_mapping!("
        self_managed_kafka_event_source_config: {consumption_mode: Queue}
        source_access_configurations: [{type: SASL_SCRAM_256_AUTH, uri: kafka-secret}]
        provisioned_poller_config: {minimum_pollers: 1}
        maximum_retry_attempts: -1
"),
        good: own_kafka_mapping!("
        self_managed_kafka_event_source_config: {consumption_mode: Queue}
        source_access_configurations: [{type: SASL_SCRAM_256_AUTH, uri: kafka-secret}]
        provisioned_poller_config: {minimum_pollers: 1}
        maximum_retry_attempts: 5
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html"),
    }
    V112 {
        severity: Error,
        title: "Number of provisioned pollers out of range",
        meaning: "A mapping of an SQS queue has at least two provisioned pollers, and no mapping has a minimum above its \
                  maximum. Raise `minimum_pollers` or `maximum_pollers`.",
        bad: queue_mapping!("
        provisioned_poller_config: {minimum_pollers: 1}
"),
        good: queue_mapping!("
        provisioned_poller_config: {minimum_pollers: 2}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_ProvisionedPollerConfig.html"),
    }
    V113 {
        severity: Error,
        title: "Poller group of a source other than Kafka, or a group that is too large",
        meaning: "Kafka mappings in one VPC can share a group of pollers: at most 100 mappings and 2000 pollers in all. \
                  Other sources have no groups. Remove `poller_group_name`, lower `maximum_pollers`, or use a second group.",
        bad: queue_mapping!("
        provisioned_poller_config: {minimum_pollers: 2, poller_group_name: shared}
"),
        good: queue_mapping!("
        provisioned_poller_config: {minimum_pollers: 2}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_ProvisionedPollerConfig.html"),
    }
    V118 {
        severity: Error,
        title: "Logs or metrics that only Kafka mappings have",
        meaning: "Lambda logs its polling, and counts errors and Kafka offsets, for Kafka mappings only, and rejects these \
                  settings for other sources. Remove `logging_config`, and keep `EventCount` as the only metric.",
        bad: queue_mapping!("
        logging_config: {system_log_level: INFO}
"),
        good: kafka_mapping!("
        logging_config: {system_log_level: INFO}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/esm-logging.html"),
    }
    V119 {
        severity: Warning,
        title: "Incomplete schema registry",
        meaning: "A schema registry needs `schema_registry_uri`, `event_record_format` and `schema_validation_configs`. A \
                  Confluent registry needs `access_configs` as well. Complete the settings.",
        bad: kafka_mapping!("
        amazon_managed_kafka_event_source_config:
          schema_registry_config:
            schema_registry_uri: https://registry.example
            event_record_format: JSON
            schema_validation_configs: [{attribute: KEY}]
"),
        good: kafka_mapping!("
        amazon_managed_kafka_event_source_config:
          schema_registry_config:
            schema_registry_uri: arn:aws:glue:us-east-1:123456789012:registry/orders
            event_record_format: JSON
            schema_validation_configs: [{attribute: KEY}]
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/services-consume-kafka-events.html"),
    }
    V120 {
        severity: Error,
        title: "Two Kafka mappings with one consumer group",
        meaning: "A consumer group keeps the offsets of one mapping, and Lambda rejects a group that another mapping uses. \
                  Give each mapping a group of its own, or leave `consumer_group_id` out.",
        bad: function_with!("
    event_source_mappings:
      orders:
        event_source_arn: arn:aws:kafka:us-east-1:123456789012:cluster/events/0a1b2c3d-1
        topics: [orders]
        starting_position: LATEST
        amazon_managed_kafka_event_source_config: {consumer_group_id: shop}
      returns:
        event_source_arn: arn:aws:kafka:us-east-1:123456789012:cluster/events/0a1b2c3d-1
        topics: [returns]
        starting_position: LATEST
        amazon_managed_kafka_event_source_config: {consumer_group_id: shop}
"),
        good: function_with!("
    event_source_mappings:
      orders:
        event_source_arn: arn:aws:kafka:us-east-1:123456789012:cluster/events/0a1b2c3d-1
        topics: [orders]
        starting_position: LATEST
        amazon_managed_kafka_event_source_config: {consumer_group_id: shop-orders}
      returns:
        event_source_arn: arn:aws:kafka:us-east-1:123456789012:cluster/events/0a1b2c3d-1
        topics: [returns]
        starting_position: LATEST
        amazon_managed_kafka_event_source_config: {consumer_group_id: shop-returns}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/kafka-consumer-group-id.html"),
    }
    V121 {
        severity: Error,
        title: "Starting position or batching window of a Kafka share group",
        meaning: "A mapping with `consumption_mode: Queue` reads through a share group, which keeps its own position and \
                  delivers records at once. Lambda rejects `starting_position`, `starting_position_timestamp` and \
                  `maximum_batching_window_in_seconds` there. Remove them.",
        bad: own_kafka_mapping!("
        self_managed_kafka_event_source_config: {consumption_mode: Queue}
        source_access_configurations: [{type: SASL_SCRAM_256_AUTH, uri: kafka-secret}]
        starting_position: LATEST
"),
        good: own_kafka_mapping!("
        self_managed_kafka_event_source_config: {consumption_mode: Queue}
        source_access_configurations: [{type: SASL_SCRAM_256_AUTH, uri: kafka-secret}]
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_SelfManagedKafkaEventSourceConfig.html"),
    }
    V122 {
        severity: ErrorOrWarning,
        title: "Credentials that do not fit the event source",
        meaning: "`source_access_configurations` names the credentials and networks by which Lambda reaches a source, and \
                  each kind of source takes some types of them. Lambda rejects others, and OAuth types without each other. \
                  trueup warns where a source needs credentials and has none. Use a type that the source supports.",
        bad: queue_mapping!("
        source_access_configurations: [{type: BASIC_AUTH, uri: broker-secret}]
"),
        good: broker_mapping!("
        queues: [orders]
        source_access_configurations: [{type: BASIC_AUTH, uri: broker-secret}]
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_SourceAccessConfiguration.html"),
    }
    V123 {
        severity: Error,
        title: "Virtual host of a source that is not RabbitMQ",
        meaning: "`VIRTUAL_HOST` names the virtual host of a RabbitMQ broker, and Lambda rejects it for other sources. \
                  Remove it.",
        bad: queue_mapping!("
        source_access_configurations: [{type: VIRTUAL_HOST, uri: /shop}]
"),
        good: broker_mapping!("
        queues: [orders]
        source_access_configurations:
          - {type: BASIC_AUTH, uri: broker-secret}
          - {type: VIRTUAL_HOST, uri: /shop}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html"),
    }
    V124 {
        severity: Warning,
        title: "Kafka network without subnets or without security groups",
        meaning: "Lambda reaches a Kafka cluster in a VPC through subnets and security groups, and needs both. Add \
                  `VPC_SUBNET` and `VPC_SECURITY_GROUP` together.",
        bad: own_kafka_mapping!("
        starting_position: LATEST
        source_access_configurations:
          - {type: VPC_SUBNET, uri: \"subnet:subnet-1\"}
"),
        good: own_kafka_mapping!("
        starting_position: LATEST
        source_access_configurations:
          - {type: VPC_SUBNET, uri: \"subnet:subnet-1\"}
          - {type: VPC_SECURITY_GROUP, uri: \"security_group:sg-1\"}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/kafka-cluster-auth.html"),
    }
    V125 {
        severity: Warning,
        title: "DocumentDB mapping without a database",
        meaning: "A mapping of a DocumentDB change stream reads one database, and optionally one collection of it. Add \
                  `document_db_event_source_config` with `database_name`.",
        bad: mapping_of!("
        event_source_arn: arn:aws:rds:us-east-1:123456789012:cluster:shop
        starting_position: LATEST
        source_access_configurations: [{type: BASIC_AUTH, uri: database-secret}]
"),
        good: mapping_of!("
        event_source_arn: arn:aws:rds:us-east-1:123456789012:cluster:shop
        starting_position: LATEST
        source_access_configurations: [{type: BASIC_AUTH, uri: database-secret}]
        document_db_event_source_config: {database_name: shop}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb.html"),
    }
    V136 {
        severity: Error,
        title: "Credentials of a schema registry in AWS Glue",
        meaning: "Lambda reads a schema registry in AWS Glue with the function's execution role, and rejects `access_configs` \
                  for it. Remove them, and let the role read the registry.",
        bad: kafka_mapping!("
        amazon_managed_kafka_event_source_config:
          schema_registry_config:
            schema_registry_uri: arn:aws:glue:us-east-1:123456789012:registry/orders
            event_record_format: JSON
            schema_validation_configs: [{attribute: KEY}]
            access_configs: [{type: BASIC_AUTH, uri: \"arn:aws:secretsmanager:us-east-1:123456789012:secret:registry\"}]
"),
        good: kafka_mapping!("
        amazon_managed_kafka_event_source_config:
          schema_registry_config:
            schema_registry_uri: arn:aws:glue:us-east-1:123456789012:registry/orders
            event_record_format: JSON
            schema_validation_configs: [{attribute: KEY}]
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/services-consume-kafka-events.html"),
    }
}
