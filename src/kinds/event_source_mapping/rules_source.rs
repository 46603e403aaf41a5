//! The rules of a mapping's source and starting position.

use super::catalog::source::{V097, V099, V100, V101, V102, V131, V134};
use jiff::Timestamp;

use super::case::Case;
use super::source::{EventSource, reads_as_queue};
use crate::model::{FieldLocation, Findings, TargetPart, has_reference};

/// Services that push to functions, or have nothing to do with them.
const NO_SOURCES: &[&str] = &[
    "s3",
    "sns",
    "events",
    "scheduler",
    "states",
    "lambda",
    "logs",
    "firehose",
    "iot",
    "ses",
    "cognito-idp",
    "apigateway",
    "execute-api",
    "elasticloadbalancing",
    "cloudwatch",
    "codecommit",
    "config",
    "iam",
    "kms",
    "ec2",
    "ecs",
    "secretsmanager",
    "ssm",
];

/// Checks the source and the starting position.
pub fn check(case: &Case<'_>, findings: &mut Findings) {
    source(case, findings);
    service(case, findings);
    starting(case, findings);
}

/// Reports an ARN of something that Lambda cannot read from.
fn service(case: &Case<'_>, findings: &mut Findings) {
    let Some(arn) = case.spec.event_source_arn.as_deref().filter(|arn| !has_reference(arn)) else { return };
    let mut parts = arn.splitn(6, ':');
    let (Some(service), Some(resource)) = (parts.nth(2), parts.nth(2)) else { return };
    let field = "event_source_arn";
    match case.source {
        Some(EventSource::DynamoDb) if !resource.contains("/stream/") => findings
            .error(V134, field, "a DynamoDB table is not an event source; its stream is")
            .help("enable the table's stream and use its ARN, which ends with `:table/NAME/stream/LABEL`"),
        None if NO_SOURCES.contains(&service) => findings
            .error(V134, field, format!("{service} is not an event source"))
            .help("the service invokes the function itself: allow it with a statement in `permissions`"),
        None => findings
            .warning(V134, field, format!("`{service}` is not a known event source"))
            .help("event sources are SQS, Kinesis, DynamoDB, MSK, Kafka, Amazon MQ and DocumentDB"),
        _ => {}
    }
}

fn source(case: &Case<'_>, findings: &mut Findings) {
    let spec = case.spec;
    if spec.event_source_arn.is_some() == spec.self_managed_event_source.is_some() {
        let message = "a mapping reads from exactly one of `event_source_arn` and `self_managed_event_source`";
        findings.error(V097, "", message).help("use one of the two");
    }
    let Some(source) = case.source else { return };
    if source.is_kafka() && spec.topics.len() != 1 {
        findings.error(V099, "topics", "a Kafka mapping reads exactly one topic").help("use one topic");
    } else if !source.is_kafka() && !spec.topics.is_empty() {
        findings.error(V099, "topics", format!("{} does not support `topics`", source.words())).help("remove it");
    }
    if source == EventSource::Broker && spec.queues.len() != 1 {
        findings.error(V099, "queues", "an Amazon MQ mapping reads exactly one queue").help("use one queue");
    } else if source != EventSource::Broker && !spec.queues.is_empty() {
        let message = format!("{} does not support `queues`", source.words());
        findings.error(V099, "queues", message).help("remove it");
    }
    let arn: Vec<&str> = spec.event_source_arn.iter().flat_map(|arn| arn.splitn(6, ':')).collect();
    let [_, _, _, region, account, _] = arn[..] else { return };
    let scope = &case.at.scope;
    if let Some(own) = scope.region.as_ref().filter(|own| !region.is_empty() && region != *own) {
        let message = format!("the source is in region {region}, and the function in {own}");
        findings.error(V131, "event_source_arn", message).help("use a source of the function's region");
    } else if source == EventSource::Broker && scope.differs(TargetPart::Account, account) {
        findings
            .error(V131, "event_source_arn", format!("the broker belongs to another account, {account}"))
            .help("use a broker of the function's account");
    }
}

fn starting(case: &Case<'_>, findings: &mut Findings) {
    let (spec, field) = (case.spec, "starting_position");
    let at_time = spec.starting_position.as_deref() == Some("AT_TIMESTAMP");
    match &spec.starting_position_timestamp {
        Some(text) if !has_reference(text) && text.parse::<Timestamp>().is_err() => findings
            .error(V102, "starting_position_timestamp", format!("`{text}` is not a timestamp"))
            .help("write it like `2026-01-31T12:00:00Z`"),
        Some(_) if !at_time => findings
            .error(
                V102,
                FieldLocation::key("starting_position_timestamp"),
                "`starting_position_timestamp` requires `starting_position: AT_TIMESTAMP`",
            )
            .help("change the starting position, or remove the timestamp"),
        None if at_time => {
            findings.error(V102, field, "`AT_TIMESTAMP` requires a timestamp").help("add `starting_position_timestamp`")
        }
        _ => {}
    }
    let Some(source) = case.source else { return };
    match &spec.starting_position {
        None if source.is_stream() => findings
            .error(V100, "", format!("{} requires `starting_position`", source.words()))
            .help("add `starting_position: TRIM_HORIZON` for all records, or `LATEST` for new ones"),
        None if source.has_position() && !reads_as_queue(spec) => findings
            .warning(V100, "", format!("without `starting_position`, {} is read from TRIM_HORIZON", source.words()))
            .help("add `starting_position`"),
        Some(_) if !source.has_position() => findings
            .error(V100, FieldLocation::key(field), format!("{} does not support `starting_position`", source.words()))
            .help("remove it"),
        Some(_) if at_time && source == EventSource::DynamoDb => findings
            .error(V101, field, "a DynamoDB stream does not support `AT_TIMESTAMP`")
            .help("use `TRIM_HORIZON` or `LATEST`"),
        _ => {}
    }
}
