//! The second layer of validation, for event source mappings.

use serde_json::{Map, Value};

use super::event_sources::EventSource;
use super::filter_patterns;
use crate::sim::context::api_error::ApiError;
use crate::sim::context::request::RequestContext;
use crate::sim::http::validate::spelt;

/// Rules for a new mapping that come before anything is looked up.
pub(crate) fn check_new(source: EventSource, input: &Map<String, Value>) -> Result<(), ApiError> {
    check_members(source, input)?;
    if source == EventSource::OwnKafka && !input.contains_key("SourceAccessConfigurations") {
        return Err(ApiError::invalid_parameter("Required 'sourceAccessConfigurations' parameter is missing."));
    }
    check_position(source, input)
}

/// Refuses what a mapping of this source cannot have.
pub(crate) fn check_members(source: EventSource, input: &Map<String, Value>) -> Result<(), ApiError> {
    let destinations = input.get("DestinationConfig");
    let has_success = destinations.is_some_and(|config| config.get("OnSuccess").is_some());
    let asks = |value: &Value| value.as_object().is_none_or(|members| !members.is_empty());
    if has_success || destinations.is_some_and(|config| asks(config) && !source.takes("DestinationConfig")) {
        return Err(ApiError::invalid_parameter(
            "Unsupported DestinationConfig parameter for given event source mapping type.",
        ));
    }
    // What was set can be taken back only where it is shown when it is empty.
    let types = input.get("FunctionResponseTypes").and_then(Value::as_array);
    let emptied = types.is_some_and(Vec::is_empty) && !source.has_response_types();
    if emptied || (types.is_some() && !source.takes("FunctionResponseTypes")) {
        return Err(ApiError::invalid_parameter("FunctionResponseTypes is not allowed for this event source"));
    }
    let foreign = input.iter().find(|(member, value)| asks(value) && !source.takes(member));
    if let Some((member, _)) = foreign {
        let member = spelt(member);
        return Err(ApiError::invalid_parameter(format!(
            "Unsupported '{member}' parameter for given event source mapping type."
        )));
    }
    let metrics = input.get("MetricsConfig").and_then(|config| config.get("Metrics")).and_then(Value::as_array);
    let about_kafka = |metric: &Value| metric != "EventCount";
    if !source.is_kafka() && metrics.is_some_and(|metrics| metrics.iter().any(about_kafka)) {
        return Err(ApiError::invalid_parameter(
            "Unsupported 'metricsConfig' parameter for given event source mapping type.",
        ));
    }
    Ok(())
}

/// Refuses to change what a mapping is created with.
pub(crate) fn check_fixed(before: &Map<String, Value>, input: &Map<String, Value>) -> Result<(), ApiError> {
    for config in ["AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig"] {
        for member in ["ConsumerGroupId", "ConsumptionMode"] {
            let in_it = |of: &Map<String, Value>| of.get(config).and_then(|config| config.get(member)).cloned();
            // Every mapping shows its group; the mode that is not shown is this one.
            let was = in_it(before).unwrap_or_else(|| Value::from("Stream"));
            if in_it(input).is_some_and(|requested| requested != was) {
                return Err(ApiError::invalid_parameter(format!("{member} cannot be updated.")));
            }
        }
    }
    // The reference: the property cannot be specified in an update. The text is a public report's.
    if !virtual_hosts(input).is_empty() {
        return Err(ApiError::invalid_parameter("Invalid parameters: VIRTUAL_HOST"));
    }
    Ok(())
}

/// The virtual hosts among the access configurations of a mapping or a request.
pub(crate) fn virtual_hosts(members: &Map<String, Value>) -> Vec<Value> {
    let accesses = members.get("SourceAccessConfigurations").and_then(Value::as_array).into_iter().flatten();
    accesses.filter(|access| access["Type"] == "VIRTUAL_HOST").cloned().collect()
}

fn check_position(source: EventSource, input: &Map<String, Value>) -> Result<(), ApiError> {
    let position = input.get("StartingPosition").and_then(Value::as_str);
    let timestamp = input.get("StartingPositionTimestamp");
    if source == EventSource::Queue {
        let given = position.is_some() || timestamp.is_some();
        return if given {
            Err(ApiError::invalid_parameter("StartingPosition is not valid for SQS event sources."))
        } else {
            Ok(())
        };
    }
    if !source.is_stream() {
        return Ok(());
    }
    let Some(position) = position else {
        return Err(ApiError::invalid_parameter(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
        ));
    };
    if position == "AT_TIMESTAMP" {
        if source == EventSource::DynamoDb {
            let arn = input.get("EventSourceArn").and_then(Value::as_str).unwrap_or_default();
            return Err(ApiError::invalid_parameter(format!("Unsupported starting position for arn type: {arn}")));
        }
        if timestamp.is_none() {
            return Err(ApiError::invalid_parameter("Need to specify a timestamp"));
        }
        if timestamp.and_then(Value::as_f64).is_some_and(|timestamp| timestamp < 0.0) {
            return Err(ApiError::invalid_parameter(
                "Received Exception while reading from provided stream. class java.lang.Long can not be converted to a Timestamp",
            ));
        }
    } else if timestamp.is_some() {
        return Err(ApiError::invalid_parameter("Timestamp only valid with StartingPosition AT_TIMESTAMP"));
    }
    Ok(())
}

/// Rules for the mapping as it will be, and for what the request changes of it.
pub(crate) fn check(
    context: RequestContext<'_>,
    source: EventSource,
    input: &Map<String, Value>,
    members: &Map<String, Value>,
) -> Result<(), ApiError> {
    let number = |member: &str| members.get(member).and_then(Value::as_i64);
    let window = number("MaximumBatchingWindowInSeconds").unwrap_or(0);
    if source == EventSource::Queue && number("BatchSize").unwrap_or(10) > 10 && window == 0 {
        return Err(ApiError::invalid_parameter(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
        ));
    }
    // The model admits 0 to 59 between the two; the reference does not.
    if number("MaximumRecordAgeInSeconds").is_some_and(|age| (0..60).contains(&age)) {
        return Err(ApiError::invalid_parameter("MaximumRecordAgeInSeconds must be -1, or between 60 and 604800."));
    }
    if source == EventSource::Queue {
        check_queue(members)?;
    }
    filter_patterns::check(input)?;
    check_source(context, source, members)
}

fn check_queue(members: &Map<String, Value>) -> Result<(), ApiError> {
    let number = |member: &str| members.get(member).and_then(Value::as_i64).unwrap_or(0);
    let arn = members.get("EventSourceArn").and_then(Value::as_str).unwrap_or_default();
    if arn.ends_with(".fifo") && number("BatchSize") > 10 {
        return Err(ApiError::invalid_parameter("The batch size of a FIFO queue must be less than or equal to 10."));
    }
    if arn.ends_with(".fifo") && number("MaximumBatchingWindowInSeconds") > 0 {
        return Err(ApiError::invalid_parameter("Batching window is not supported for FIFO queues."));
    }
    let pollers = members.get("ProvisionedPollerConfig");
    if pollers.is_some() && members.contains_key("ScalingConfig") {
        return Err(ApiError::invalid_parameter("ScalingConfig and ProvisionedPollerConfig cannot be used together."));
    }
    let least = pollers.and_then(|pollers| pollers.get("MinimumPollers")).and_then(Value::as_i64);
    if least.is_some_and(|least| least < 2) {
        return Err(ApiError::invalid_parameter(
            "MinimumPollers must be greater than or equal to 2 for SQS event sources.",
        ));
    }
    Ok(())
}

fn check_source(
    context: RequestContext<'_>,
    source: EventSource,
    members: &Map<String, Value>,
) -> Result<(), ApiError> {
    let Some(arn) = members.get("EventSourceArn").and_then(Value::as_str) else { return Ok(()) };
    // The text is a public report's on a stream; that a queue has to be of the region is the Developer Guide's.
    if arn.split(':').nth(3).is_some_and(|region| region != context.region) {
        return Err(ApiError::invalid_parameter(format!(
            "Event source region must match Lambda region {}.",
            context.region
        )));
    }
    if context.exists(arn) {
        return Ok(());
    }
    Err(ApiError::invalid_parameter(match source {
        EventSource::Queue => {
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error \
                          Message: The specified queue does not exist."
                .to_owned()
        }
        _ => format!("Stream not found: {arn}"),
    }))
}
