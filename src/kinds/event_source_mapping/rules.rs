//! The rules of event source mappings, as far as they can be checked offline.
//!
//! Rules that depend on the source are skipped while the source is a reference. What cannot be known offline is left
//! to Lambda: whether a time is in the future, a queue's visibility timeout, a secret's content.

use super::catalog::delivery::{
    V069, V103, V104, V105, V106, V107, V109, V110, V111, V114, V115, V116, V117, V126, V127,
};
use super::catalog::kafka::V108;
use super::catalog::source::{V098, V129, V130};

use super::case::Case;
use super::filter_pattern;
use super::identity::{Closeness, closeness, same_cluster};
use super::rules_source;
use super::source::{EventSource, normalise, reads_as_queue};
use super::spec::EventSourceMapping;
use crate::kinds::function::Function;
use crate::kinds::reserved_concurrency::ReservedConcurrency;
use crate::kinds::shared::tags;
use crate::model::{FieldLocation, FieldPath, Findings, has_reference};
use crate::resource::{Context, ResourceRef};

/// The longest run of a function that Lambda takes for MQ and DocumentDB, in seconds.
const LONGEST_RUN: i64 = 900;

/// The filters that a mapping may have without a raised quota.
const FILTERS: usize = 5;

/// Checks what every source has in common.
pub fn check(spec: &EventSourceMapping, at: &ResourceRef, cx: &dyn Context, findings: &mut Findings) {
    let case = Case { spec, source: EventSource::of(spec), at, cx };
    rules_source::check(&case, findings);
    batches(&case, findings);
    failures(&case, findings);
    destination(&case, findings);
    shards(&case, findings);
    concurrency(&case, findings);
    filters(&case, findings);
    others(&case, findings);
    outside_the_matrix(&case, findings);
    tags::check(spec.tags.as_ref(), findings);
}

fn batches(case: &Case<'_>, findings: &mut Findings) {
    let (spec, field) = (case.spec, "maximum_batching_window_in_seconds");
    let Some(source) = case.source else { return };
    let (size, window) = (spec.batch_size.unwrap_or(0), spec.maximum_batching_window_in_seconds.unwrap_or(0));
    if source == EventSource::FifoQueue {
        if size > 10 {
            findings
                .error(V103, "batch_size", format!("a FIFO queue allows batches of at most 10 records, not {size}"))
                .help("lower `batch_size`");
        }
        if window > 0 {
            findings
                .error(V105, FieldLocation::key(field), "a FIFO queue does not support a batching window")
                .help("remove it");
        }
    } else if source == EventSource::Queue && size > 10 && window == 0 {
        findings
            .error(V104, "batch_size", format!("batches of {size} records require a batching window"))
            .help("add `maximum_batching_window_in_seconds: 1` or more");
    }
    let keeps_window = EventSource::of(spec).is_some_and(|source| source.defaults().window.is_none());
    if keeps_window && spec.maximum_batching_window_in_seconds.is_some() && !reads_as_queue(spec) {
        let message = format!("{} cannot return to the default batching window of 500 ms", source.words());
        findings.warning(V106, field, message).help("removing the field later replaces the mapping");
    }
}

fn failures(case: &Case<'_>, findings: &mut Findings) {
    let spec = case.spec;
    if spec.maximum_record_age_in_seconds.is_some_and(|age| (0..60).contains(&age)) {
        findings
            .error(V107, "maximum_record_age_in_seconds", "the shortest record age is 60 seconds")
            .help("use -1 for no limit, or 60 to 604800");
    }
    if reads_as_queue(spec) && spec.maximum_retry_attempts == Some(-1) {
        findings
            .error(V108, "maximum_retry_attempts", "a share group does not support infinite retries")
            .help("use 0 to 10000");
    }
    let Some(source) = case.source else { return };
    if !source.takes_response_types() && !spec.function_response_types.is_empty() {
        findings
            .error(
                V117,
                FieldLocation::key("function_response_types"),
                format!("{} does not support `function_response_types`", source.words()),
            )
            .help("remove it");
    }
    let handled = spec.destination_config.is_some()
        || spec.maximum_record_age_in_seconds.is_some_and(|age| age != -1)
        || spec.maximum_retry_attempts.is_some_and(|attempts| attempts != -1)
        || spec.bisect_batch_on_function_error == Some(true);
    if source.is_kafka() && handled && spec.provisioned_poller_config.is_none() {
        findings
            .warning(V114, "", "for Kafka, limits of retries and record age require provisioned pollers")
            .help("add `provisioned_poller_config`");
    }
}

fn destination(case: &Case<'_>, findings: &mut Findings) {
    let Some(config) = &case.spec.destination_config else { return };
    if config.on_success.is_some() {
        findings
            .error(V116, "destination_config.on_success", "event source mappings support only `on_failure`")
            .help("use `on_failure`");
    }
    let field = "destination_config.on_failure.destination";
    let to = config.on_failure.as_ref().map(|to| to.destination.as_str()).unwrap_or_default();
    let (Some(source), false) = (case.source, to.is_empty() || has_reference(to)) else { return };
    let service = to.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(1));
    if to.starts_with("kafka://") {
        if !source.is_kafka() {
            findings
                .error(V115, field, format!("{} does not support a Kafka topic as destination", source.words()))
                .help("use an SQS queue, an SNS topic or an S3 bucket");
        }
    } else if !matches!(service, Some("sqs" | "sns" | "s3")) {
        findings
            .error(V115, field, format!("`{to}` is not a valid destination"))
            .help("use the ARN of an SQS queue, an SNS topic or an S3 bucket");
    } else if to.ends_with(".fifo") {
        findings.error(V115, field, "FIFO queues and topics cannot be destinations").help("use a standard one");
    }
}

fn shards(case: &Case<'_>, findings: &mut Findings) {
    let spec = case.spec;
    let (factor, window) = (spec.parallelization_factor.unwrap_or(1), spec.tumbling_window_in_seconds.unwrap_or(0));
    let Some(source) = case.source else { return };
    let fields = [("parallelization_factor", factor > 1), ("tumbling_window_in_seconds", window > 0)];
    for (field, _) in fields.into_iter().filter(|(_, given)| *given && !source.is_stream()) {
        findings
            .error(V109, FieldLocation::key(field), format!("{} has no shards", source.words()))
            .help(format!("remove `{field}`; it is for Kinesis and DynamoDB"));
    }
    if source.is_stream() && window > 0 && (factor > 1 || spec.bisect_batch_on_function_error == Some(true)) {
        findings
            .warning(
                V110,
                "tumbling_window_in_seconds",
                "a tumbling window requires one batch at a time per shard, in order",
            )
            .help("remove `parallelization_factor` and `bisect_batch_on_function_error`");
    }
}

fn concurrency(case: &Case<'_>, findings: &mut Findings) {
    let (spec, field) = (case.spec, "scaling_config.maximum_concurrency");
    let Some(maximum) = spec.scaling_config.as_ref().and_then(|scaling| scaling.maximum_concurrency) else { return };
    if let Some(source) = case.source.filter(|source| !source.is_queue()) {
        findings
            .error(V111, field, format!("{} does not support `maximum_concurrency`", source.words()))
            .help("remove `scaling_config`; it is for SQS");
    }
    if spec.provisioned_poller_config.is_some() {
        findings
            .error(V111, field, "`maximum_concurrency` and provisioned pollers cannot be combined")
            .help("keep one of `scaling_config` and `provisioned_poller_config`");
    }
    let reserved =
        case.of_function::<ReservedConcurrency>().and_then(|it| it.reserved_concurrent_executions.map(i64::from));
    if let Some(reserved) = reserved.filter(|reserved| i64::from(maximum) > *reserved) {
        findings
            .warning(
                V069,
                field,
                format!("the function reserves only {reserved} concurrent executions, so {maximum} cannot be reached"),
            )
            .help("raise `reserved_concurrent_executions`, or lower this");
    }
}

fn filters(case: &Case<'_>, findings: &mut Findings) {
    let spec = case.spec;
    let filters = spec.filter_criteria.as_ref().map(|criteria| criteria.filters.as_slice()).unwrap_or_default();
    for (at, filter) in filters.iter().enumerate().filter(|(_, filter)| !has_reference(&filter.pattern)) {
        let field = FieldPath::from("filter_criteria.filters").then(at.to_string()).then("pattern");
        if filter.pattern.chars().count() > 4096 {
            findings.error(V126, field, "the pattern is longer than 4096 characters").help("split it into two filters");
        } else if let Err(why) = filter_pattern::check(&filter.pattern) {
            findings
                .error(V126, field, format!("invalid filter pattern: {why}"))
                .help("write it like '{\"body\": {\"kind\": [\"order\"]}}'");
        }
    }
    if filters.len() > FILTERS {
        findings
            .warning(
                V126,
                "filter_criteria.filters",
                format!("{} filters are more than AWS's quota of 5", filters.len()),
            )
            .help("merge filters, or request a higher quota");
    }
    if spec.kms_key_arn.is_some() && filters.is_empty() {
        findings
            .warning(V127, FieldLocation::key("kms_key_arn"), "the key encrypts filters, but the mapping has none")
            .help("add `filter_criteria`, or remove the key");
    }
}

fn others(case: &Case<'_>, findings: &mut Findings) {
    let Some(source) = case.source else { return };
    let run = case.of_function::<Function>().map(|it| i64::from(it.timeout));
    if matches!(source, EventSource::Broker | EventSource::DocumentDb) && run.is_some_and(|run| run > LONGEST_RUN) {
        findings
            .error(V130, "", format!("{} requires a function timeout of at most 900 seconds", source.words()))
            .help("lower the function's `timeout`");
    }
    let mut mine = case.spec.clone();
    normalise(&mut mine);
    for (other, theirs) in case.siblings() {
        let mut theirs = theirs.clone();
        normalise(&mut theirs);
        theirs.function = Some(String::new());
        // Lambda compares topics and queues, and neither consumer groups, collections nor all brokers of a cluster.
        let is_same = match source.is_kafka() {
            true => same_cluster(&mine, &theirs) && mine.topics == theirs.topics,
            false => closeness(&mine, "", &theirs) != Closeness::Other,
        };
        if is_same {
            findings
                .error(V129, "", format!("{other} reads the same source for the same function"))
                .help("Lambda allows one mapping for a function and a source; merge them and use filters");
        }
    }
}

/// Reports settings that the source does not support, where no rule of its own does. Those that say nothing are not sent.
fn outside_the_matrix(case: &Case<'_>, findings: &mut Findings) {
    let (spec, Some(source)) = (case.spec, case.source) else { return };
    let mut sent = spec.clone();
    normalise(&mut sent);
    let gives_up = source.gives_up();
    let metered = !matches!(source, EventSource::Broker | EventSource::DocumentDb);
    let pollers = source.is_kafka() || source.is_queue();
    let (managed, own, documents) =
        (source == EventSource::ManagedKafka, source == EventSource::OwnKafka, source == EventSource::DocumentDb);
    // Lambda ignores filters and metrics where it does not support them, although they are sent.
    (sent.filter_criteria, sent.metrics_config) = (None, None);
    // A row names a field once: what the rule needs to know of it are its name, and if it is given and sent.
    macro_rules! unsupported {
        ($field:ident unless $supported:expr) => {
            (stringify!($field), (!$supported && spec.$field.is_some()).then_some(sent.$field.is_some()))
        };
    }
    let useless = [
        unsupported!(filter_criteria unless !documents),
        unsupported!(destination_config unless gives_up),
        unsupported!(maximum_record_age_in_seconds unless gives_up),
        unsupported!(maximum_retry_attempts unless gives_up),
        unsupported!(bisect_batch_on_function_error unless gives_up),
        unsupported!(provisioned_poller_config unless pollers),
        unsupported!(amazon_managed_kafka_event_source_config unless managed),
        unsupported!(self_managed_kafka_event_source_config unless own),
        unsupported!(document_db_event_source_config unless documents),
        unsupported!(metrics_config unless metered),
    ];
    for (field, is_sent) in useless {
        let (Some(is_sent), at) = (is_sent, FieldLocation::key(field)) else { continue };
        if is_sent {
            let message = format!("{} does not support `{field}`", source.words());
            findings.error(V098, at, message).help("remove it: Lambda rejects it");
        } else {
            let message = format!("{} has no use for `{field}`", source.words());
            findings.warning(V098, at, message).help("remove it: Lambda ignores it");
        }
    }
}
