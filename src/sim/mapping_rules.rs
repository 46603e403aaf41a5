//! The second layer of validation, for event source mappings.

use serde_json::{Map, Value};

use super::calls::Here;
use super::fault::Fault;
use super::mapping_defaults::Source;

/// Rules for a new mapping that come before anything is looked up.
pub(super) fn check_new(source: Source, input: &Map<String, Value>) -> Result<(), Fault> {
    if input.get("DestinationConfig").is_some_and(|config| config.get("OnSuccess").is_some()) {
        return Err(Fault::invalid("Unsupported DestinationConfig parameter for given event source mapping type."));
    }
    if source == Source::OwnKafka && !input.contains_key("SourceAccessConfigurations") {
        return Err(Fault::invalid("Required 'sourceAccessConfigurations' parameter is missing."));
    }
    check_position(source, input)
}

fn check_position(source: Source, input: &Map<String, Value>) -> Result<(), Fault> {
    let position = input.get("StartingPosition").and_then(Value::as_str);
    let timestamp = input.get("StartingPositionTimestamp");
    if source == Source::Queue {
        let given = position.is_some() || timestamp.is_some();
        return if given {
            Err(Fault::invalid("StartingPosition is not valid for SQS event sources."))
        } else {
            Ok(())
        };
    }
    if !source.is_stream() {
        return Ok(());
    }
    let Some(position) = position else {
        return Err(Fault::invalid(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
        ));
    };
    if position == "AT_TIMESTAMP" {
        if source == Source::DynamoDb {
            let arn = input.get("EventSourceArn").and_then(Value::as_str).unwrap_or_default();
            return Err(Fault::invalid(format!("Unsupported starting position for arn type: {arn}")));
        }
        if timestamp.and_then(Value::as_f64).is_some_and(|timestamp| timestamp < 0.0) {
            return Err(Fault::invalid(
                "Received Exception while reading from provided stream. class java.lang.Long can not be converted to a Timestamp",
            ));
        }
    } else if timestamp.is_some() {
        return Err(Fault::invalid("Timestamp only valid with StartingPosition AT_TIMESTAMP"));
    }
    Ok(())
}

/// Rules for the mapping as it will be, and for what the request changes of it.
pub(super) fn check(
    here: Here<'_>,
    source: Source,
    input: &Map<String, Value>,
    members: &Map<String, Value>,
) -> Result<(), Fault> {
    let number = |member: &str| members.get(member).and_then(Value::as_i64);
    let window = number("MaximumBatchingWindowInSeconds").unwrap_or(0);
    if source == Source::Queue && number("BatchSize").unwrap_or(10) > 10 && window == 0 {
        return Err(Fault::invalid(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
        ));
    }
    if !source.has_response_types() && !source.is_kafka() && input.contains_key("FunctionResponseTypes") {
        return Err(Fault::invalid("FunctionResponseTypes is not allowed for this event source"));
    }
    check_filters(input)?;
    check_source(here, source, members)
}

fn check_filters(input: &Map<String, Value>) -> Result<(), Fault> {
    let filters = input.get("FilterCriteria").and_then(|criteria| criteria.get("Filters")).and_then(Value::as_array);
    for filter in filters.into_iter().flatten() {
        let pattern = filter.get("Pattern").and_then(Value::as_str).unwrap_or_default();
        let valid = serde_json::from_str::<Value>(pattern).is_ok_and(|pattern| is_pattern(&pattern));
        if !valid {
            return Err(Fault::invalid("Invalid filter pattern definition."));
        }
    }
    Ok(())
}

/// A pattern is an object whose leaves are non-empty lists of things to match.
fn is_pattern(pattern: &Value) -> bool {
    let Value::Object(fields) = pattern else { return false };
    fields.iter().all(|(name, value)| match value {
        Value::Array(rules) if name == "$or" => !rules.is_empty() && rules.iter().all(is_pattern),
        Value::Array(rules) => !rules.is_empty() && !rules.iter().any(Value::is_array),
        nested => is_pattern(nested),
    })
}

fn check_source(here: Here<'_>, source: Source, members: &Map<String, Value>) -> Result<(), Fault> {
    let Some(arn) = members.get("EventSourceArn").and_then(Value::as_str) else { return Ok(()) };
    if here.options.world.has(arn) {
        return Ok(());
    }
    Err(Fault::invalid(match source {
        Source::Queue => {
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error \
                          Message: The specified queue does not exist."
                .to_owned()
        }
        _ => format!("Stream not found: {arn}"),
    }))
}
