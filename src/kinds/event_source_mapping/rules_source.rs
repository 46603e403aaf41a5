//! The rules of a mapping's source and starting position.

use super::catalog::source::{V097, V099, V100, V101, V102, V131, V134};
use jiff::Timestamp;

use super::case::Case;
use super::source::{Source, reads_as_queue};
use crate::model::{FieldLocation, Findings};

/// The account that a spec is checked for while nobody has told which it is.
const UNKNOWN_ACCOUNT: &str = "000000000000";

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
    let Some(arn) = case.spec.event_source_arn.as_deref().filter(|arn| !arn.contains("${")) else { return };
    let mut parts = arn.splitn(6, ':');
    let (Some(service), Some(resource)) = (parts.nth(2), parts.nth(2)) else { return };
    let field = "event_source_arn";
    match case.source {
        Some(Source::DynamoDb) if !resource.contains("/stream/") => findings
            .error(V134, field, "a table is no event source, only its stream is")
            .help("switch the table's stream on, and write the ARN of that: …:table/NAME/stream/LABEL"),
        None if NO_SOURCES.contains(&service) => findings
            .error(V134, field, format!("Lambda reads nothing from {service}"))
            .help("what comes from there invokes the function itself: name it in a statement of `permissions`"),
        None => findings
            .warning(V134, field, format!("`{service}` is no event source that we know"))
            .help("sources are SQS, Kinesis, DynamoDB, MSK, Kafka, Amazon MQ and DocumentDB"),
        _ => {}
    }
}

fn source(case: &Case<'_>, findings: &mut Findings) {
    let spec = case.spec;
    if spec.event_source_arn.is_some() == spec.self_managed_event_source.is_some() {
        let message = "a mapping reads from exactly one of `event_source_arn` and `self_managed_event_source`";
        findings.error(V097, "", message).help("name one of the two");
    }
    let Some(source) = case.source else { return };
    if source.is_kafka() && spec.topics.len() != 1 {
        findings.error(V099, "topics", "a Kafka mapping reads exactly one topic").help("name one topic");
    } else if !source.is_kafka() && !spec.topics.is_empty() {
        findings.error(V099, "topics", format!("{} has no topics", source.words())).help("take `topics` away");
    }
    if source == Source::Broker && spec.queues.len() != 1 {
        findings.error(V099, "queues", "an Amazon MQ mapping reads exactly one queue").help("name one queue");
    } else if source != Source::Broker && !spec.queues.is_empty() {
        let message = format!("{} has no queues of its own", source.words());
        findings.error(V099, "queues", message).help("take `queues` away");
    }
    let arn: Vec<&str> = spec.event_source_arn.iter().flat_map(|arn| arn.splitn(6, ':')).collect();
    let [_, _, _, region, account, _] = arn[..] else { return };
    let scope = &case.at.scope;
    if scope.account == UNKNOWN_ACCOUNT {
        return;
    }
    if !region.is_empty() && region != scope.region {
        findings
            .error(V131, "event_source_arn", format!("the source is in {region}, the function in {}", scope.region))
            .help("a mapping and its source are in one region");
    } else if source == Source::Broker && account != scope.account {
        findings
            .error(V131, "event_source_arn", format!("the broker belongs to the account {account}"))
            .help("Lambda reads Amazon MQ only within one account");
    }
}

fn starting(case: &Case<'_>, findings: &mut Findings) {
    let (spec, field) = (case.spec, "starting_position");
    let at_time = spec.starting_position.as_deref() == Some("AT_TIMESTAMP");
    match &spec.starting_position_timestamp {
        Some(text) if !text.contains("${") && text.parse::<Timestamp>().is_err() => findings
            .error(V102, "starting_position_timestamp", format!("`{text}` is not a time"))
            .help("write it as in `2026-01-31T12:00:00Z`"),
        Some(_) if !at_time => findings
            .error(
                V102,
                FieldLocation::key("starting_position_timestamp"),
                "a time is for `starting_position: AT_TIMESTAMP` only",
            )
            .help("change the starting position, or take the time away"),
        None if at_time => {
            findings.error(V102, field, "`AT_TIMESTAMP` needs a time").help("add `starting_position_timestamp`")
        }
        _ => {}
    }
    let Some(source) = case.source else { return };
    match &spec.starting_position {
        None if source.is_stream() => findings
            .error(V100, "", format!("{} needs a starting position", source.words()))
            .help("add `starting_position: TRIM_HORIZON` for all that is there, or `LATEST` for what comes"),
        None if source.has_position() && !reads_as_queue(spec) => findings
            .warning(V100, "", format!("without `starting_position`, {} is read from TRIM_HORIZON", source.words()))
            .help("add `starting_position`"),
        Some(_) if !source.has_position() => findings
            .error(V100, FieldLocation::key(field), format!("{} has no positions to start from", source.words()))
            .help("take `starting_position` away"),
        Some(_) if at_time && source == Source::DynamoDb => findings
            .error(V101, field, "a DynamoDB stream cannot be read from a point in time")
            .help("use `TRIM_HORIZON` or `LATEST`"),
        _ => {}
    }
}
