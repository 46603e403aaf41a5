use std::collections::BTreeMap;

use aws_sdk_lambda::types::EventSourceMappingConfiguration;
use serde_json::{Value, json};

use super::*;
use crate::diff::{Terms, diff};
use crate::kinds::beside::{self, Beside};
use crate::kinds::{Entry, Room as _, STACK_TAG, State, alias};
use crate::model::{Action, Change};
use crate::wire::{
    Answer, CreateEventSourceMappingInputBuilder, ListAliasesOutput, ListEventSourceMappingsInputBuilder,
    ListEventSourceMappingsOutput, ListFunctionsOutput, ListTagsInputBuilder, ListTagsOutput,
};

const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:orders";
const FIFO: &str = "arn:aws:sqs:eu-west-1:123456789012:orders.fifo";
const STREAM: &str = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders";
const TABLE: &str = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000";
const MSK: &str = "arn:aws:kafka:eu-west-1:123456789012:cluster/orders/1-2";
const BROKER: &str = "arn:aws:mq:eu-west-1:123456789012:broker:orders:b-1";
const DOCUMENTS: &str = "arn:aws:rds:eu-west-1:123456789012:cluster:orders";
const GLUE: &str = "arn:aws:glue:eu-west-1:123456789012:registry/orders";

fn at(names: &[&str]) -> At {
    beside::at(KIND, names)
}

fn spec(value: Value) -> EventSourceMapping {
    serde_json::from_value(value).unwrap()
}

fn complete(value: Value, at: &At) -> EventSourceMapping {
    let mut spec = spec(value);
    Room.complete(&mut spec, at, None);
    spec
}

fn codes(value: Value, declared: &[(&str, Value)]) -> Vec<&'static str> {
    beside::broken(&Room, &spec(value), &at(&["orders", "live", "feed"]), &Beside::declaring(declared))
}

/// A value of that source that breaks no rule, with `more` in it.
fn with(arn: &str, more: Value) -> Value {
    let mut value = match arn {
        STREAM | TABLE => json!({"starting_position": "LATEST"}),
        MSK => json!({"starting_position": "LATEST", "topics": ["orders"], "provisioned_poller_config": {}}),
        BROKER => json!({"queues": ["orders"], "source_access_configurations": [{"type": "BASIC_AUTH", "uri": "s"}]}),
        DOCUMENTS => json!({
            "starting_position": "LATEST", "document_db_event_source_config": {"database_name": "orders"},
            "source_access_configurations": [{"type": "BASIC_AUTH", "uri": "s"}],
        }),
        _ => json!({}),
    };
    value["event_source_arn"] = json!(arn);
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    value
}

fn own_kafka(more: Value) -> Value {
    let mut value = json!({
        "self_managed_event_source": {"endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["b:1", "a:1"]}}, "topics": ["orders"],
        "starting_position": "LATEST", "source_access_configurations": [{"type": "SASL_SCRAM_256_AUTH", "uri": "s"}],
    });
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    value
}

fn access(kinds: &[&str]) -> Value {
    json!({"source_access_configurations": kinds.iter().map(|kind| json!({"type": kind, "uri": "u"})).collect::<Vec<_>>()})
}

fn registry(of: Value) -> Value {
    json!({"amazon_managed_kafka_event_source_config": {"schema_registry_config": of}})
}

/// The rule's id, the mapping that breaks it, and what is declared beside it.
type Wrong<'a> = (&'a str, Value, &'a [(&'a str, Value)]);

#[test]
fn what_is_no_event_source_is_said_so() {
    let found = |arn: &str| {
        let mut findings = Findings::default();
        let spec = spec(json!({"event_source_arn": arn, "starting_position": "LATEST"}));
        Room.check(&spec, &at(&["orders", "live", "feed"]), &Beside::default(), &mut findings);
        let found = findings.0.iter().filter(|finding| finding.code == "V134");
        found.map(|finding| finding.severity).collect::<Vec<_>>()
    };
    use crate::model::Severity::{Error, Warning};
    assert_eq!(found("arn:aws:s3:::uploads"), [Error]);
    assert_eq!(found("arn:aws:sns:eu-west-1:123456789012:topic"), [Error]);
    assert_eq!(found("arn:aws:dynamodb:eu-west-1:123456789012:table/orders"), [Error]);
    assert_eq!(found("arn:aws:newest:eu-west-1:123456789012:thing"), [Warning]);
    for right in [QUEUE, STREAM, TABLE, "${functions.orders.arn}"] {
        assert_eq!(found(right), []);
    }
}

#[test]
fn what_is_right_breaks_no_rule() {
    let right = [
        with(
            QUEUE,
            json!({"batch_size": 100, "maximum_batching_window_in_seconds": 1, "scaling_config": {"maximum_concurrency": 2}}),
        ),
        with(
            QUEUE,
            json!({"function_response_types": ["ReportBatchItemFailures"], "provisioned_poller_config": {"minimum_pollers": 2}}),
        ),
        with(FIFO, json!({"batch_size": 10})),
        with(
            STREAM,
            json!({"starting_position": "AT_TIMESTAMP", "starting_position_timestamp": "2026-01-01T00:00:00Z"}),
        ),
        with(
            STREAM,
            json!({"tumbling_window_in_seconds": 60, "maximum_record_age_in_seconds": 60, "batch_size": 1000}),
        ),
        with(
            TABLE,
            json!({"destination_config": {"on_failure": {"destination": QUEUE}}, "parallelization_factor": 10}),
        ),
        with(MSK, json!({"maximum_retry_attempts": 3, "logging_config": {"system_log_level": "INFO"}})),
        with(MSK, json!({"destination_config": {"on_failure": {"destination": "kafka://failed"}}})),
        with(
            MSK,
            registry(
                json!({"schema_registry_uri": GLUE, "event_record_format": "JSON", "schema_validation_configs": [{"attribute": "KEY"}]}),
            ),
        ),
        with(BROKER, access(&["BASIC_AUTH", "VIRTUAL_HOST"])),
        with(DOCUMENTS, json!({})),
        with(
            QUEUE,
            json!({"filter_criteria": {"filters": [{"pattern": "{\"body\": {}}"}]}, "kms_key_arn": "arn:aws:kms:k"}),
        ),
        own_kafka(json!({})),
        own_kafka(access(&["VPC_SUBNET", "VPC_SECURITY_GROUP", "IAM_OAUTHBEARER_AUTH", "OAUTHBEARER_AUDIENCE"])),
        json!({"event_source_arn": "${something.arn}", "topics": ["t"], "queues": ["q"]}),
    ];
    for value in right {
        assert_eq!(codes(value.clone(), &[]), [""; 0], "{value}");
    }
}

#[test]
fn each_rule_of_the_common_part_finds_its_mistake() {
    let reserved = [("reserved_concurrency/orders", json!({"reserved_concurrent_executions": 4}))];
    let slow = [("function/orders", json!({"timeout": 901}))];
    let twin = [("event_source_mapping/orders/live/twin", with(QUEUE, json!({})))];
    let none: [(&str, Value); 0] = [];
    let filters = |patterns: &[&str]| json!({"filter_criteria": {"filters": patterns.iter().map(|it| json!({"pattern": it})).collect::<Vec<_>>()}});
    let to = |arn: &str| json!({"destination_config": {"on_failure": {"destination": arn}}});
    let wrong: Vec<Wrong<'_>> = vec![
        ("V097", json!({}), &none),
        ("V098", with(QUEUE, to(QUEUE)), &none),
        ("V098", with(DOCUMENTS, filters(&["{}"])), &none),
        ("V099", with(MSK, json!({"topics": []})), &none),
        ("V099", with(QUEUE, json!({"topics": ["t"]})), &none),
        ("V099", with(BROKER, json!({"queues": []})), &none),
        ("V099", with(STREAM, json!({"queues": ["q"]})), &none),
        ("V100", json!({"event_source_arn": STREAM}), &none),
        ("V100", with(QUEUE, json!({"starting_position": "LATEST"})), &none),
        ("V100", with(MSK, json!({"starting_position": null})), &none),
        (
            "V101",
            with(
                TABLE,
                json!({"starting_position": "AT_TIMESTAMP", "starting_position_timestamp": "2026-01-01T00:00:00Z"}),
            ),
            &none,
        ),
        ("V102", with(STREAM, json!({"starting_position": "AT_TIMESTAMP"})), &none),
        ("V102", with(STREAM, json!({"starting_position_timestamp": "2026-01-01T00:00:00Z"})), &none),
        (
            "V102",
            with(STREAM, json!({"starting_position": "AT_TIMESTAMP", "starting_position_timestamp": "soon"})),
            &none,
        ),
        ("V103", with(FIFO, json!({"batch_size": 11})), &none),
        ("V104", with(QUEUE, json!({"batch_size": 11})), &none),
        ("V105", with(FIFO, json!({"maximum_batching_window_in_seconds": 1})), &none),
        ("V106", with(MSK, json!({"maximum_batching_window_in_seconds": 1})), &none),
        ("V107", with(STREAM, json!({"maximum_record_age_in_seconds": 59})), &none),
        (
            "V108",
            own_kafka(
                json!({"starting_position": null, "maximum_retry_attempts": -1, "self_managed_kafka_event_source_config": {"consumption_mode": "Queue"}}),
            ),
            &none,
        ),
        ("V109", with(MSK, json!({"parallelization_factor": 2})), &none),
        ("V109", with(QUEUE, json!({"tumbling_window_in_seconds": 1})), &none),
        ("V110", with(STREAM, json!({"tumbling_window_in_seconds": 1, "parallelization_factor": 2})), &none),
        ("V111", with(STREAM, json!({"scaling_config": {"maximum_concurrency": 2}})), &none),
        (
            "V111",
            with(QUEUE, json!({"scaling_config": {"maximum_concurrency": 2}, "provisioned_poller_config": {}})),
            &none,
        ),
        ("V069", with(QUEUE, json!({"scaling_config": {"maximum_concurrency": 5}})), &reserved),
        ("V114", with(MSK, json!({"maximum_retry_attempts": 3, "provisioned_poller_config": null})), &none),
        ("V115", with(STREAM, to("kafka://failed")), &none),
        ("V115", with(STREAM, to("arn:aws:lambda:eu-west-1:123456789012:function:f")), &none),
        ("V115", with(STREAM, to(FIFO)), &none),
        ("V116", with(STREAM, json!({"destination_config": {"on_success": {"destination": QUEUE}}})), &none),
        ("V117", with(BROKER, json!({"function_response_types": ["ReportBatchItemFailures"]})), &none),
        ("V126", with(QUEUE, filters(&["{"])), &none),
        ("V126", with(QUEUE, filters(&["{}", "{}", "{}", "{}", "{}", "{}"])), &none),
        ("V127", with(QUEUE, json!({"kms_key_arn": "arn:aws:kms:k"})), &none),
        ("V129", with(QUEUE, json!({})), &twin),
        ("V130", with(BROKER, json!({})), &slow),
        ("V131", with(&QUEUE.replace("eu-west-1", "us-east-1"), json!({})), &none),
        ("V131", with(BROKER, json!({"event_source_arn": BROKER.replace("123456789012", "210987654321")})), &none),
    ];
    for (code, value, declared) in wrong {
        assert_eq!(codes(value.clone(), declared), [code], "{value}");
    }
}

#[test]
fn each_rule_of_kafka_mq_and_documents_finds_its_mistake() {
    let pollers = |of: Value| json!({"provisioned_poller_config": of});
    let group = json!({"amazon_managed_kafka_event_source_config": {"consumer_group_id": "g"}});
    let same = [("event_source_mapping/mail/feed", with(MSK, group.clone()))];
    let many = [(
        "event_source_mapping/mail/feed",
        with(MSK, pollers(json!({"poller_group_name": "g", "maximum_pollers": 1990}))),
    )];
    let none: [(&str, Value); 0] = [];
    let queue_mode = |more: Value| {
        let mut value = own_kafka(json!({"self_managed_kafka_event_source_config": {"consumption_mode": "Queue"}}));
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        value
    };
    let glue = json!({
        "schema_registry_uri": GLUE, "event_record_format": "JSON", "schema_validation_configs": [{"attribute": "KEY"}],
        "access_configs": [{"type": "BASIC_AUTH", "uri": "s"}],
    });
    let bare = json!({"schema_registry_uri": "https://registry", "schema_validation_configs": [{"attribute": "KEY"}], "event_record_format": "JSON"});
    let vague = json!({"schema_registry_uri": GLUE, "event_record_format": "JSON"});
    let many_accesses: Vec<&str> = ["BASIC_AUTH"; 23].to_vec();
    let wrong: Vec<Wrong<'_>> = vec![
        ("V112", with(QUEUE, pollers(json!({"minimum_pollers": 1}))), &none),
        ("V112", with(MSK, pollers(json!({"minimum_pollers": 5, "maximum_pollers": 4}))), &none),
        ("V113", with(QUEUE, pollers(json!({"poller_group_name": "g"}))), &none),
        ("V113", with(MSK, pollers(json!({"poller_group_name": "g", "maximum_pollers": 11}))), &many),
        ("V118", with(QUEUE, json!({"logging_config": {"system_log_level": "INFO"}})), &none),
        ("V118", with(QUEUE, json!({"metrics_config": {"metrics": ["EventCount", "ErrorCount"]}})), &none),
        ("V119", with(MSK, registry(glue)), &none),
        ("V119", with(MSK, registry(bare)), &none),
        ("V119", with(MSK, registry(vague)), &none),
        ("V120", with(MSK, group), &same),
        ("V121", queue_mode(json!({})), &none),
        ("V121", queue_mode(json!({"starting_position": null, "maximum_batching_window_in_seconds": 1})), &none),
        ("V122", with(QUEUE, access(&["BASIC_AUTH"])), &none),
        ("V122", with(MSK, access(&["BASIC_AUTH"])), &none),
        ("V122", with(BROKER, access(&[])), &none),
        ("V122", own_kafka(access(&["OAUTHBEARER_SCOPE"])), &none),
        ("V122", own_kafka(access(&["OAUTHBEARER_AUDIENCE"])), &none),
        ("V122", own_kafka(access(&["IAM_OAUTHBEARER_AUTH"])), &none),
        ("V122", own_kafka(access(&many_accesses)), &none),
        ("V123", with(DOCUMENTS, access(&["BASIC_AUTH", "VIRTUAL_HOST"])), &none),
        ("V124", own_kafka(access(&["VPC_SUBNET"])), &none),
        ("V125", with(DOCUMENTS, json!({"document_db_event_source_config": {}})), &none),
    ];
    for (code, value, declared) in wrong {
        assert_eq!(codes(value.clone(), declared), [code], "{value}");
    }
}

fn mapping(uuid: &str, function: &str) -> aws_sdk_lambda::types::builders::EventSourceMappingConfigurationBuilder {
    EventSourceMappingConfiguration::builder()
        .uuid(uuid)
        .function_arn(format!("arn:aws:lambda:eu-west-1:123456789012:function:{function}"))
        .event_source_mapping_arn(arn(uuid))
        .event_source_arn(QUEUE)
        .state("Enabled")
        .state_transition_reason("USER_INITIATED")
        .batch_size(10)
        .maximum_batching_window_in_seconds(0)
        .set_function_response_types(Some(Vec::new()))
}

fn arn(uuid: &str) -> String {
    format!("arn:aws:lambda:eu-west-1:123456789012:event-source-mapping:{uuid}")
}

fn list(function: &str) -> ListEventSourceMappingsInputBuilder {
    ListEventSourceMappingsInputBuilder::default().function_name(function)
}

fn note(seen: &mut Seen, call: ListEventSourceMappingsInputBuilder, mappings: Vec<EventSourceMappingConfiguration>) {
    let page = ListEventSourceMappingsOutput::builder().set_event_source_mappings(Some(mappings)).build();
    seen.note(&call.call(), Answer::Pages(vec![Reply::ListEventSourceMappings(Box::new(page))]));
}

fn note_tags(seen: &mut Seen, uuid: &str, tags: &[(&str, &str)]) {
    let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let reply = ListTagsOutput::builder().set_tags(Some(tags)).build();
    let call = ListTagsInputBuilder::default().resource(arn(uuid)).call();
    seen.note(&call, Answer::Pages(vec![Reply::ListTags(Box::new(reply))]));
}

fn differences(desired: &EventSourceMapping, live: &EventSourceMapping) -> Vec<Change> {
    let entry = Entry::new(&Room);
    let pending = BTreeMap::new();
    let terms = Terms { schema: entry.schema(), ignore: &[], pending: &pending, prune: false };
    let mut live = live.clone();
    Room.agree(desired, &mut live);
    let value = |spec: &EventSourceMapping| serde_json::to_value(spec).unwrap();
    diff(Some(&value(desired)), Some(&value(&live)), &terms).changes
}

fn paths(desired: &EventSourceMapping, live: &EventSourceMapping) -> Vec<String> {
    let changes = differences(desired, live);
    let mark = |change: &Change| if change.forces_replacement { " (replaces)" } else { "" };
    changes.iter().map(|change| format!("{}{}", change.path, mark(change))).collect()
}

#[test]
fn a_mapping_made_from_defaults_is_found_and_differs_in_nothing() {
    let at = at(&["orders", "live", "feed"]);
    let desired = complete(json!({"event_source_arn": QUEUE}), &at);
    let mut seen = Seen::default();
    assert_eq!(Room.reads(&at, Some(&desired), &seen), [list("orders:live").call()]);
    let others = mapping("b", "orders:live").event_source_arn(FIFO).build();
    note(&mut seen, list("orders:live"), vec![others, mapping("a", "orders:live").build()]);
    assert!(Room.reads(&at, Some(&desired), &seen).is_empty());
    let live = Room.live(&at, Some(&desired), &seen).unwrap().unwrap();
    assert_eq!((live.identity.as_str(), &live.state), ("a", &State::Settled));
    assert_eq!(live.attributes["arn"], json!(arn("a")));
    assert_eq!(paths(&desired, &live.value), [""; 0]);
}

#[test]
fn servers_that_show_or_hide_defaults_are_all_right() {
    let at = at(&["orders", "feed"]);
    let stream = complete(with(STREAM, json!({"starting_position": "LATEST"})), &at);
    let shown = EventSourceMapping {
        maximum_retry_attempts: Some(-1),
        parallelization_factor: Some(1),
        bisect_batch_on_function_error: Some(false),
        ..stream.clone()
    };
    assert_eq!(shown, stream);
    let own = complete(own_kafka(json!({})), &at);
    let mut live = own.clone();
    live.self_managed_kafka_event_source_config = Some(super::spec::SelfManagedKafkaEventSourceConfig {
        consumer_group_id: Some("u".into()),
        ..Default::default()
    });
    live.source_access_configurations.reverse();
    assert_eq!(paths(&own, &live), [""; 0]);
    let unknown = complete(json!({"event_source_arn": "arn:aws:new:eu-west-1:123456789012:thing"}), &at);
    let live = EventSourceMapping { batch_size: Some(7), ..unknown.clone() };
    assert_eq!(paths(&unknown, &live), [""; 0]);
}

#[test]
fn whose_it_is_is_asked_only_before_a_write() {
    let at = at(&["orders", "feed"]);
    let desired = complete(json!({"event_source_arn": QUEUE}), &at);
    let faster = complete(json!({"event_source_arn": QUEUE, "batch_size": 5}), &at);
    let mut seen = Seen::default();
    note(&mut seen, list("orders"), vec![mapping("a", "orders").build()]);
    assert!(Room.reads(&at, Some(&desired), &seen).is_empty());
    let tags = ListTagsInputBuilder::default().resource(arn("a")).call();
    assert_eq!(Room.reads(&at, Some(&faster), &seen), std::slice::from_ref(&tags));
    note_tags(&mut seen, "a", &[]);
    let live = Room.live(&at, Some(&faster), &seen).unwrap().unwrap();
    assert_eq!((live.owner, live.value.tags), (Some(None), None));
    seen.note(&tags, Answer::Pages(Vec::new()));
    assert_eq!(Room.live(&at, Some(&faster), &seen).unwrap().unwrap().owner, None);
}

#[test]
fn what_cannot_change_in_place_forces_a_replacement() {
    let at = at(&["orders", "feed"]);
    let desired = complete(with(MSK, json!({})), &at);
    let live = EventSourceMapping { maximum_batching_window_in_seconds: Some(5), ..desired.clone() };
    let changed = paths(&desired, &live);
    assert_eq!(changed, ["maximum_batching_window_in_seconds (replaces)"]);
    let slower = complete(with(MSK, json!({"maximum_batching_window_in_seconds": 5})), &at);
    assert_eq!(paths(&slower, &desired), ["maximum_batching_window_in_seconds"]);
    let host = complete(with(BROKER, access(&["BASIC_AUTH", "VIRTUAL_HOST"])), &at);
    let bare = complete(with(BROKER, access(&["BASIC_AUTH"])), &at);
    let changed = paths(&host, &bare);
    assert_eq!(changed, ["source_access_configurations", "virtual_host (replaces)"]);
    let earlier = complete(with(STREAM, json!({"starting_position": "TRIM_HORIZON"})), &at);
    let later = complete(with(STREAM, json!({})), &at);
    assert_eq!(paths(&earlier, &later), ["starting_position (replaces)"]);
}

#[test]
fn another_source_under_our_tag_is_the_same_declaration() {
    let at = at(&["orders", "live", "feed"]);
    let desired = complete(json!({"event_source_arn": FIFO}), &at);
    let mut seen = Seen::default();
    note(&mut seen, list("orders:live"), vec![mapping("a", "orders:live").build()]);
    let by_source = ListEventSourceMappingsInputBuilder::default().event_source_arn(FIFO);
    assert_eq!(Room.reads(&at, Some(&desired), &seen), [by_source.clone().call()]);
    // The one with the source invokes the function itself, so it is about to move to the alias.
    let moving = mapping("b", "orders").event_source_arn(FIFO).build();
    note(&mut seen, by_source, vec![moving, mapping("c", "mail:live").event_source_arn(FIFO).build()]);
    assert_eq!(Room.reads(&at, Some(&desired), &seen).len(), 2);
    note_tags(&mut seen, "a", &[(STACK_TAG, "shop"), (MAPPING_TAG, "event_source_mapping/orders/live/feed")]);
    note_tags(&mut seen, "b", &[]);
    let live = Room.live(&at, Some(&desired), &seen).unwrap().unwrap();
    assert_eq!((live.identity.as_str(), live.owner), ("a", Some(Some("shop".to_owned()))));
    assert_eq!(paths(&desired, &live.value), ["event_source_arn (replaces)"]);

    note_tags(&mut seen, "a", &[]);
    note_tags(&mut seen, "b", &[(STACK_TAG, "shop"), (MAPPING_TAG, "event_source_mapping/orders/feed")]);
    let live = Room.live(&at, Some(&desired), &seen).unwrap().unwrap();
    assert_eq!((live.identity.as_str(), paths(&desired, &live.value)), ("b", vec!["function".to_owned()]));

    note_tags(&mut seen, "b", &[(STACK_TAG, "other"), (MAPPING_TAG, "event_source_mapping/orders/feed")]);
    assert_eq!(Room.live(&at, Some(&desired), &seen).unwrap(), None);
}

#[test]
fn a_tag_that_another_declaration_outlived_destroys_nothing() {
    let (mine, other) = (at(&["orders", "feed"]), at(&["orders", "renamed"]));
    let theirs = json!({"event_source_arn": QUEUE});
    let live = super::observed::observed(&mine, &mapping("a", "orders").build(), None);
    let live = live.map(|spec| serde_json::to_value(spec).unwrap());
    let mut beside = Beside::default();
    beside.declared.insert(mine.address.clone(), json!({"event_source_arn": FIFO}));
    beside.declared.insert(other.address.clone(), theirs.clone());
    beside.observed.insert(mine.address.clone(), live.clone());
    beside.observed.insert(other.address.clone(), live.clone());
    let mut desired = complete(json!({"event_source_arn": FIFO}), &mine);
    Room.derive(&mut desired, &mine, &beside);
    let typed = live.map(spec);
    let changes = differences(&desired, &typed.value);
    let work =
        Work { at: &mine, action: Action::Replace, desired: Some(&desired), live: Some(&typed), changes: &changes };
    let operations: Vec<&str> = Room.drafts(&work).iter().map(|draft| draft.operation).collect();
    assert_eq!(operations, ["CreateEventSourceMapping", "TagResource"]);
    let mut desired = complete(theirs, &other);
    Room.derive(&mut desired, &other, &beside);
    assert_eq!(desired.mistaken, None);
}

#[test]
fn alike_mappings_are_told_by_tag_and_else_by_the_first_uuid() {
    let at = at(&["orders", "feed"]);
    let desired = complete(json!({"event_source_arn": QUEUE}), &at);
    let mut seen = Seen::default();
    note(&mut seen, list("orders"), vec![mapping("b", "orders:$LATEST").build(), mapping("a", "orders").build()]);
    assert_eq!(Room.reads(&at, Some(&desired), &seen).len(), 2);
    note_tags(&mut seen, "a", &[]);
    note_tags(&mut seen, "b", &[]);
    let live = Room.live(&at, Some(&desired), &seen).unwrap().unwrap();
    assert_eq!((live.identity.as_str(), live.notes.len()), ("a", 1));
    note_tags(&mut seen, "b", &[(STACK_TAG, "shop"), (MAPPING_TAG, "event_source_mapping/orders/feed")]);
    let live = Room.live(&at, Some(&desired), &seen).unwrap().unwrap();
    assert_eq!((live.identity.as_str(), live.notes.len()), ("b", 0));
}

#[test]
fn the_listing_of_the_account_serves_every_mapping_until_it_is_given_up() {
    let at = at(&["orders", "feed"]);
    let desired = complete(json!({"event_source_arn": QUEUE}), &at);
    let mut seen = Seen::new(true);
    let whole = ListEventSourceMappingsInputBuilder::default();
    assert_eq!(Room.reads(&at, Some(&desired), &seen), [whole.clone().call()]);
    note(&mut seen, whole.clone(), vec![mapping("a", "orders").build(), mapping("b", "mail").build()]);
    assert_eq!(Room.live(&at, Some(&desired), &seen).unwrap().unwrap().identity, "a");
    seen.note(&whole.call(), Answer::GivenUp);
    assert_eq!(Room.reads(&at, Some(&desired), &seen), [list("orders").call()]);
}

#[test]
fn strays_are_those_of_exactly_this_parent_that_nothing_declared_is() {
    let parent = At { address: Address::new("function", &["orders"]), ..at(&["orders"]) };
    let mut seen = Seen::default();
    let mappings = ["a", "b"].map(|uuid| mapping(uuid, "orders").build());
    let others = [("c", "orders:live"), ("d", "orders:1"), ("e", "orders:$LATEST.PUBLISHED"), ("f", "orders:gone")];
    let others = others.map(|(uuid, function)| mapping(uuid, function).build());
    note(&mut seen, list("orders"), mappings.into_iter().chain(others).collect());
    let mut beside = Beside::default();
    let moving = Address::new(KIND, &["orders", "live", "feed"]);
    beside.declared.insert(moving.clone(), json!({}));
    beside.observed.insert(moving, Live::new("b", json!({})));
    // Only what invokes an alias that is there is left to the alias.
    assert_eq!(Room.found_reads(&parent, &beside, &seen), [alias::listing("orders").call()]);
    let live = aws_sdk_lambda::types::AliasConfiguration::builder().name("live").build();
    let reply = Reply::ListAliases(Box::new(ListAliasesOutput::builder().aliases(live).build()));
    seen.note(&alias::listing("orders").call(), Answer::Pages(vec![reply]));
    let found = Room.found(&parent, &beside, &seen).unwrap();
    let found: Vec<&str> = found.iter().map(|found| found.identity.as_str()).collect();
    assert_eq!(found, ["a", "d", "e", "f"]);
    // Their tags.
    assert_eq!(Room.found_reads(&parent, &beside, &seen).len(), 4);
}

#[test]
fn a_stray_is_known_by_its_uuid_under_whichever_qualifier() {
    let uuid = "b78eb261-acb7-4607-98f5-8737cba066c6";
    let stray = at(&["orders", uuid]);
    let mut seen = Seen::default();
    let single = GetEventSourceMappingInputBuilder::default().uuid(uuid);
    assert_eq!(Room.reads(&stray, None, &seen), [single.call()]);
    note(&mut seen, list("orders"), vec![mapping("a", "orders").build(), mapping(uuid, "orders:1").build()]);
    assert_eq!(Room.live(&stray, None, &seen).unwrap().unwrap().identity, uuid);
}

#[test]
fn a_mapping_of_ours_whose_function_is_gone_is_found_at_the_top() {
    let root =
        At { address: Address { kind: "stack".to_owned(), keys: Vec::new() }, names: Vec::new(), ..at(&["orders"]) };
    let beside = Beside::default();
    let mut seen = Seen::new(true);
    let whole = ListEventSourceMappingsInputBuilder::default();
    let functions = crate::wire::ListFunctionsInputBuilder::default();
    assert_eq!(Room.found_reads(&root, &beside, &seen), [functions.clone().call(), whole.clone().call()]);
    let there = aws_sdk_lambda::types::FunctionConfiguration::builder().function_name("orders").build();
    let there = ListFunctionsOutput::builder().functions(there).build();
    seen.note(&functions.call(), Answer::Pages(vec![Reply::ListFunctions(Box::new(there))]));
    let all = [("a", "orders:live"), ("b", "gone:live"), ("c", "gone"), ("d", "gone:1")];
    note(&mut seen, whole, all.map(|(uuid, function)| mapping(uuid, function).build()).to_vec());
    assert_eq!(Room.found_reads(&root, &beside, &seen).len(), 3);
    for (uuid, stack) in [("b", "shop"), ("c", "other"), ("d", "shop")] {
        let arn = super::observed::arn_of(&root, &mapping(uuid, "gone").build());
        let tags = ListTagsOutput::builder().tags(STACK_TAG, stack).build();
        let read = ListTagsInputBuilder::default().resource(arn).call();
        seen.note(&read, Answer::Pages(vec![Reply::ListTags(Box::new(tags))]));
    }
    let found = Room.found(&root, &beside, &seen).unwrap();
    let places: Vec<String> = found.iter().map(|found| found.at.address.to_string()).collect();
    assert_eq!(places, ["event_source_mapping/gone/live/b", "event_source_mapping/gone/1/d"]);
    assert_eq!(found[0].at.names, ["gone", "live", "b"]);
}

#[test]
fn states_tell_whether_it_reads_and_problems_are_noted() {
    let at = at(&["orders", "feed"]);
    let off = spec(json!({"event_source_arn": QUEUE, "enabled": false}));
    let cases = [
        ("Enabled", true, true),
        ("Creating", true, false),
        ("Disabled", false, true),
        ("Disabling", false, false),
        ("Updating", false, false),
    ];
    for (state, enabled, settled) in cases {
        let mapping = mapping("a", "orders").state(state).build();
        let live = super::observed::observed(&at, &mapping, Some(&off));
        assert_eq!((live.value.enabled, live.state == State::Settled), (enabled, settled), "{state}");
    }
    let broken = mapping("a", "orders").last_processing_result("PROBLEM: Connection error.").build();
    let live = super::observed::observed(&at, &broken, None);
    assert_eq!(live.notes, ["Lambda says of it: PROBLEM: Connection error."]);
}

fn update(before: Value, after: Value) -> Call {
    let at = at(&["orders", "feed"]);
    let (live, desired) = (complete(before, &at), complete(after, &at));
    let changes = differences(&desired, &live);
    let live = Live::new("a", live);
    let work = Work { at: &at, action: Action::Update, desired: Some(&desired), live: Some(&live), changes: &changes };
    let drafts = Room.drafts(&work);
    assert_eq!(drafts.len(), 1, "{drafts:?}");
    let doing =
        Doing { at: &at, desired: Some(desired), live: Some(live), covers: &drafts[0].covers.clone(), package: None };
    Room.call(drafts[0].operation, &doing).unwrap()
}

#[test]
fn an_update_says_what_changes_and_clears_each_field_in_its_own_way() {
    use aws_sdk_lambda::types as sdk;
    let bare = || crate::wire::UpdateEventSourceMappingInputBuilder::default().uuid("a");
    let filters = json!({"filter_criteria": {"filters": [{"pattern": "{}"}]}});
    let to = json!({"destination_config": {"on_failure": {"destination": QUEUE}}});
    let response = json!({"function_response_types": ["ReportBatchItemFailures"]});
    let nothing = || json!({});
    let cases = [
        (QUEUE, json!({"enabled": false}), nothing(), bare().enabled(true)),
        (QUEUE, json!({"batch_size": 5}), nothing(), bare().batch_size(10)),
        (STREAM, json!({"maximum_retry_attempts": 3}), nothing(), bare().maximum_retry_attempts(-1)),
        (STREAM, json!({"parallelization_factor": 3}), nothing(), bare().parallelization_factor(1)),
        (QUEUE, filters, nothing(), bare().filter_criteria(sdk::FilterCriteria::builder().build())),
        (STREAM, to, nothing(), bare().destination_config(sdk::DestinationConfig::builder().build())),
        (QUEUE, response, nothing(), bare().set_function_response_types(Some(Vec::new()))),
        (
            QUEUE,
            json!({"scaling_config": {"maximum_concurrency": 2}}),
            nothing(),
            bare().scaling_config(sdk::ScalingConfig::builder().build()),
        ),
        (
            QUEUE,
            json!({"metrics_config": {"metrics": ["EventCount"]}}),
            nothing(),
            bare()
                .metrics_config(sdk::EventSourceMappingMetricsConfig::builder().set_metrics(Some(Vec::new())).build()),
        ),
        (
            QUEUE,
            json!({"provisioned_poller_config": {"minimum_pollers": 3}}),
            nothing(),
            bare().provisioned_poller_config(sdk::ProvisionedPollerConfig::builder().build()),
        ),
        (QUEUE, json!({"kms_key_arn": "arn:aws:kms:k"}), nothing(), bare().kms_key_arn("")),
    ];
    for (arn, before, after, call) in cases {
        assert_eq!(update(with(arn, before), with(arn, after)), call.call());
    }
}

#[test]
fn creating_says_no_defaults_and_bears_our_tags() {
    let at = at(&["orders", "live", "feed"]);
    let desired = complete(json!({"event_source_arn": QUEUE, "tags": {"team": "shop"}}), &at);
    let doing = Doing { at: &at, desired: Some(desired), live: None, covers: &[], package: None };
    let expected = CreateEventSourceMappingInputBuilder::default()
        .function_name("orders:live")
        .event_source_arn(QUEUE)
        .enabled(true)
        .tags(STACK_TAG, "shop")
        .tags(MAPPING_TAG, "event_source_mapping/orders/live/feed")
        .tags("team", "shop");
    assert_eq!(Room.call("CreateEventSourceMapping", &doing).unwrap(), expected.call());
}

#[test]
fn tags_are_written_by_key() {
    let at = at(&["orders", "feed"]);
    let value = |tags: Value| complete(json!({"event_source_arn": QUEUE, "tags": tags}), &at);
    let (live, desired) = (value(json!({"a": "1", "b": "1"})), value(json!({"a": "2"})));
    let entry = Entry::new(&Room);
    let pending = BTreeMap::new();
    let terms = Terms { schema: entry.schema(), ignore: &[], pending: &pending, prune: true };
    let to_json = |spec: &EventSourceMapping| serde_json::to_value(spec).unwrap();
    let changes = diff(Some(&to_json(&desired)), Some(&to_json(&live)), &terms).changes;
    let mut live = Live::new("a", live);
    live.attributes.insert("arn", json!("arn"));
    let work = Work { at: &at, action: Action::Update, desired: Some(&desired), live: Some(&live), changes: &changes };
    let drafts = Room.drafts(&work);
    let calls = drafts.iter().map(|draft| {
        let doing = Doing {
            at: &at,
            desired: Some(desired.clone()),
            live: Some(live.clone()),
            covers: &draft.covers,
            package: None,
        };
        Room.call(draft.operation, &doing).unwrap()
    });
    let untag = crate::wire::UntagResourceInputBuilder::default().resource("arn").tag_keys("b");
    let tag = crate::wire::TagResourceInputBuilder::default()
        .resource("arn")
        .tags("a", "2")
        .tags(STACK_TAG, "shop")
        .tags(MAPPING_TAG, "event_source_mapping/orders/feed");
    assert_eq!(calls.collect::<Vec<_>>(), [untag.call(), tag.call()]);
}

#[test]
fn filters_are_compared_as_json_and_encrypted_ones_are_asked_for() {
    let at = at(&["orders", "feed"]);
    let filtered =
        |pattern: &str| json!({"event_source_arn": QUEUE, "filter_criteria": {"filters": [{"pattern": pattern}]}});
    let (desired, live) = (complete(filtered("{ \"a\": [1] }"), &at), complete(filtered("{\"a\":[1]}"), &at));
    assert_eq!(paths(&desired, &live), [""; 0]);
    let mut seen = Seen::default();
    note(&mut seen, list("orders"), vec![mapping("a", "orders").kms_key_arn("arn:aws:kms:k").build()]);
    let get = GetEventSourceMappingInputBuilder::default().uuid("a").call();
    assert_eq!(Room.reads(&at, Some(&desired), &seen), [get]);
}
