//! The rules: what breaks each, and that what is right breaks none.

use super::*;
use crate::resource::Declare as _;

fn codes(value: Value, declared: &[(&str, Value)]) -> Vec<&'static str> {
    testing::broken_rules(&spec(value), &at(&["orders", "live", "feed"]), &crate::kinds::testing::declaring(declared))
}

/// The rule's id, the mapping that breaks it, and the other declarations.
type Wrong<'a> = (&'a str, Value, &'a [(&'a str, Value)]);

#[test]
fn what_is_no_event_source_is_said_so() {
    let found = |arn: &str| {
        let mut findings = Findings::default();
        let spec = spec(json!({"event_source_arn": arn, "starting_position": "LATEST"}));
        EventSourceMapping::check(&spec, &at(&["orders", "live", "feed"]), &TestContext::default(), &mut findings);
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
    let twin = [("event_source_mapping/orders/live/alike", with(QUEUE, json!({})))];
    let none: [(&str, Value); 0] = [];
    let filters = |patterns: &[&str]| json!({"filter_criteria": {"filters": patterns.iter().map(|it| json!({"pattern": it})).collect::<Vec<_>>()}});
    let to = |arn: &str| json!({"destination_config": {"on_failure": {"destination": arn}}});
    let at = json!({"starting_position": "AT_TIMESTAMP", "starting_position_timestamp": "2026-01-01T00:00:00Z"});
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
        ("V101", with(TABLE, at), &none),
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
    let same = [("event_source_mapping/billing/feed", with(MSK, group.clone()))];
    let many = [(
        "event_source_mapping/billing/feed",
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
        ("V136", with(MSK, registry(glue)), &none),
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
