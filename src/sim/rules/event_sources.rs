//! Event sources: their recognition, and the defaults of a mapping of each.

use serde_json::{Map, Value, json};

use crate::sim::context::request::RequestContext;

/// The kinds of event source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventSource {
    Queue,
    Kinesis,
    DynamoDb,
    ManagedKafka,
    OwnKafka,
    Broker,
    DocumentDb,
}

impl EventSource {
    /// The source that a request or a mapping names.
    pub(crate) fn of(members: &Map<String, Value>) -> Option<EventSource> {
        let Some(arn) = members.get("EventSourceArn").and_then(Value::as_str) else {
            return members.get("SelfManagedEventSource").map(|_| EventSource::OwnKafka);
        };
        Some(match arn.split(':').nth(2)? {
            "sqs" => EventSource::Queue,
            "kinesis" => EventSource::Kinesis,
            "dynamodb" => EventSource::DynamoDb,
            "kafka" => EventSource::ManagedKafka,
            "mq" => EventSource::Broker,
            "rds" | "docdb" => EventSource::DocumentDb,
            _ => return None,
        })
    }

    /// Kinesis and DynamoDB, which are read by shard.
    pub(crate) fn is_stream(self) -> bool {
        matches!(self, EventSource::Kinesis | EventSource::DynamoDb)
    }

    /// Kafka of either kind.
    pub(crate) fn is_kafka(self) -> bool {
        matches!(self, EventSource::ManagedKafka | EventSource::OwnKafka)
    }

    /// Returns the reason of a state that a call caused.
    pub(crate) fn reason(self) -> &'static str {
        if self.is_stream() { "User action" } else { "USER_INITIATED" }
    }

    /// Returns whether a list of response types can be emptied, and is shown when it is empty.
    pub(crate) fn has_response_types(self) -> bool {
        self == EventSource::Queue || self.is_stream()
    }

    /// Returns whether a mapping of this source can have the member, as the service's reference lists them.
    pub(crate) fn takes(self, member: &str) -> bool {
        let gives_up = self.is_stream() || self.is_kafka();
        match member {
            "ParallelizationFactor" | "TumblingWindowInSeconds" => self.is_stream(),
            "BisectBatchOnFunctionError"
            | "DestinationConfig"
            | "MaximumRecordAgeInSeconds"
            | "MaximumRetryAttempts" => gives_up,
            "FunctionResponseTypes" => gives_up || self == EventSource::Queue,
            "ScalingConfig" => self == EventSource::Queue,
            "ProvisionedPollerConfig" => self == EventSource::Queue || self.is_kafka(),
            "SourceAccessConfigurations" => {
                self.is_kafka() || matches!(self, EventSource::Broker | EventSource::DocumentDb)
            }
            "Topics" | "LoggingConfig" => self.is_kafka(),
            "Queues" => self == EventSource::Broker,
            "AmazonManagedKafkaEventSourceConfig" => self == EventSource::ManagedKafka,
            "SelfManagedKafkaEventSourceConfig" => self == EventSource::OwnKafka,
            "DocumentDBEventSourceConfig" => self == EventSource::DocumentDb,
            _ => true,
        }
    }
}

/// Adds the defaults of `source` to a mapping.
pub(crate) fn fill(context: RequestContext<'_>, source: EventSource, uuid: &str, members: &mut Map<String, Value>) {
    let batch = if source == EventSource::Queue { 10 } else { 100 };
    default(members, "BatchSize", json!(batch));
    if source.has_response_types() {
        default(members, "MaximumBatchingWindowInSeconds", json!(0));
        default(members, "FunctionResponseTypes", json!([]));
    }
    if source.is_stream() {
        default(members, "BisectBatchOnFunctionError", json!(false));
        default(members, "DestinationConfig", json!({"OnFailure": {}}));
        default(members, "MaximumRecordAgeInSeconds", json!(-1));
        default(members, "MaximumRetryAttempts", json!(-1));
        default(members, "ParallelizationFactor", json!(1));
        default(members, "TumblingWindowInSeconds", json!(0));
    }
    if source.is_stream() || source.is_kafka() {
        default(members, "LastProcessingResult", json!("No records processed"));
    }
    if source.is_kafka() {
        default(members, "StartingPosition", json!("TRIM_HORIZON"));
        let config = match source {
            EventSource::OwnKafka => "SelfManagedKafkaEventSourceConfig",
            _ => "AmazonManagedKafkaEventSourceConfig",
        };
        let config = members.entry(config).or_insert_with(|| json!({}));
        if let Value::Object(config) = config {
            // Any group that nobody else has; the mapping's own id is one.
            config.entry("ConsumerGroupId").or_insert_with(|| json!(uuid));
        }
    }
    if source == EventSource::DocumentDb
        && let Value::Object(config) = members.entry("DocumentDBEventSourceConfig").or_insert_with(|| json!({}))
    {
        config.entry("FullDocument").or_insert_with(|| json!("Default"));
    }
    members.insert("UUID".to_owned(), json!(uuid));
    members.insert("EventSourceMappingArn".to_owned(), json!(context.arn(&format!("event-source-mapping:{uuid}"))));
}

fn default(members: &mut Map<String, Value>, member: &str, value: Value) {
    members.entry(member).or_insert(value);
}

/// Writes one member of a request onto a mapping, clearing it where the request does.
pub(crate) fn put(source: EventSource, members: &mut Map<String, Value>, member: &str, value: &Value) {
    let empty = match value {
        Value::Object(inner) => inner.values().all(|value| value.as_array().is_some_and(Vec::is_empty)),
        Value::Array(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    };
    if empty && value.is_object() && !source.takes(member) {
        // An empty object asks for nothing, so it is nothing that the source could not have.
        return;
    }
    match member {
        "DestinationConfig" => {
            let on_failure = value.get("OnFailure").filter(|side| side.get("Destination") != Some(&json!("")));
            match on_failure {
                Some(on_failure) => members.insert(member.to_owned(), json!({"OnFailure": on_failure})),
                // A stream shows that it has none.
                None if source.is_stream() => members.insert(member.to_owned(), json!({"OnFailure": {}})),
                None => members.remove(member),
            };
        }
        "FunctionResponseTypes" => {
            members.insert(member.to_owned(), value.clone());
        }
        "FilterCriteria"
        | "ScalingConfig"
        | "MetricsConfig"
        | "KMSKeyArn"
        | "SourceAccessConfigurations"
        | "ProvisionedPollerConfig"
            if empty =>
        {
            members.remove(member);
        }
        // The group of a consumer is given once.
        "AmazonManagedKafkaEventSourceConfig" | "SelfManagedKafkaEventSourceConfig" | "DocumentDBEventSourceConfig" => {
            let mut config = members.get(member).and_then(Value::as_object).cloned().unwrap_or_default();
            config.extend(value.as_object().cloned().unwrap_or_default());
            members.insert(member.to_owned(), Value::Object(config));
        }
        "SelfManagedEventSource" => {
            members.insert(member.to_owned(), sorted_endpoints(value));
        }
        _ => {
            members.insert(member.to_owned(), value.clone());
        }
    }
}

/// The service gives bootstrap servers back in order.
fn sorted_endpoints(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(Value::Object(endpoints)) = value.get_mut("Endpoints") {
        for servers in endpoints.values_mut() {
            if let Value::Array(servers) = servers {
                servers.sort_by(|one, two| one.as_str().cmp(&two.as_str()));
            }
        }
    }
    value
}
