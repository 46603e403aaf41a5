//! Promise: offline and service agree. What `validate` passes, Lambda does not reject for a reason that the spec shows.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use crate::harness::{ACCOUNT, Fixture, REGION, block_on, undone};
use trueup::apply::Verdict;
use trueup::declaration::{self, Files, Inputs};

/// Event sources of every kind, with what each requires.
const SOURCES: [&str; 8] = [
    "event_source_arn: 'arn:aws:sqs:us-east-1:123456789012:orders'",
    "event_source_arn: 'arn:aws:sqs:us-east-1:123456789012:orders.fifo'",
    "event_source_arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/orders', starting_position: LATEST",
    "event_source_arn: 'arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026-01-01T00:00:00.000', \
     starting_position: LATEST",
    "event_source_arn: 'arn:aws:kafka:us-east-1:123456789012:cluster/c/11111111-1111-1111-1111-111111111111-1', \
     topics: [orders], starting_position: LATEST",
    "self_managed_event_source: {endpoints: {KAFKA_BOOTSTRAP_SERVERS: ['a:9092']}}, topics: [orders], \
     starting_position: LATEST, source_access_configurations: [{type: BASIC_AUTH, uri: \
     'arn:aws:secretsmanager:us-east-1:123456789012:secret:kafka-AbCdEf'}]",
    "event_source_arn: 'arn:aws:mq:us-east-1:123456789012:broker:b:b-11111111-1111-1111-1111-111111111111', \
     queues: [orders], source_access_configurations: [{type: BASIC_AUTH, uri: \
     'arn:aws:secretsmanager:us-east-1:123456789012:secret:mq-AbCdEf'}]",
    "event_source_arn: 'arn:aws:rds:us-east-1:123456789012:cluster:docs', starting_position: LATEST, \
     document_db_event_source_config: {database_name: d}, source_access_configurations: [{type: BASIC_AUTH, uri: \
     'arn:aws:secretsmanager:us-east-1:123456789012:secret:docs-AbCdEf'}]",
];

/// Settings of mappings, each of which some sources have and others do not.
const SETTINGS: [&str; 42] = [
    "enabled: false",
    "batch_size: 1",
    "batch_size: 10",
    "batch_size: 11",
    "batch_size: 10000",
    "maximum_batching_window_in_seconds: 0",
    "maximum_batching_window_in_seconds: 5",
    "batch_size: 100, maximum_batching_window_in_seconds: 5",
    "maximum_record_age_in_seconds: -1",
    "maximum_record_age_in_seconds: 59",
    "maximum_record_age_in_seconds: 60",
    "maximum_retry_attempts: -1",
    "maximum_retry_attempts: 0",
    "maximum_retry_attempts: 3",
    "bisect_batch_on_function_error: false",
    "bisect_batch_on_function_error: true",
    "parallelization_factor: 1",
    "parallelization_factor: 2",
    "tumbling_window_in_seconds: 0",
    "tumbling_window_in_seconds: 30",
    "function_response_types: [ReportBatchItemFailures]",
    "destination_config: {on_failure: {destination: 'arn:aws:sqs:us-east-1:123456789012:failed'}}",
    "destination_config: {on_failure: {destination: 'arn:aws:sqs:us-east-1:123456789012:failed.fifo'}}",
    "destination_config: {on_failure: {destination: 'arn:aws:lambda:us-east-1:123456789012:function:f'}}",
    "destination_config: {on_success: {destination: 'arn:aws:sqs:us-east-1:123456789012:done'}}",
    "scaling_config: {maximum_concurrency: 2}",
    "provisioned_poller_config: {minimum_pollers: 1, maximum_pollers: 3}",
    "provisioned_poller_config: {minimum_pollers: 2, maximum_pollers: 3}",
    "provisioned_poller_config: {minimum_pollers: 2}, scaling_config: {maximum_concurrency: 2}",
    "amazon_managed_kafka_event_source_config: {consumer_group_id: g}",
    "self_managed_kafka_event_source_config: {consumer_group_id: g}",
    "metrics_config: {metrics: [EventCount]}",
    "metrics_config: {metrics: [ErrorCount]}",
    "logging_config: {system_log_level: DEBUG}",
    "kms_key_arn: 'arn:aws:kms:us-east-1:123456789012:key/k'",
    "filter_criteria: {filters: [{pattern: '{\"a\": [\"b\"]}'}]}",
    "filter_criteria: {filters: [{pattern: '{\"a\": \"b\"}'}]}",
    "filter_criteria: {filters: [{pattern: '{\"a\": []}'}]}",
    "filter_criteria: {filters: [{pattern: '{\"a\": [{\"prefix\": \"x\", \"suffix\": \"y\"}]}'}]}",
    "filter_criteria: {filters: [{pattern: '[]'}]}",
    "tags: {team: payments}",
    "tags: {'aws:team': payments}",
];

/// Settings of functions that the service looks at without knowing anything else. Runtimes are not among them: AWS adds and
/// retires them, so trueup only warns.
const FUNCTIONS: [&str; 80] = [
    "role: 'arn:aws:iam::210987654321:role/r'",
    "dead_letter_config: {target_arn: 'arn:aws:sqs:us-east-1:123456789012:dead'}",
    "dead_letter_config: {target_arn: 'arn:aws:sqs:us-east-1:123456789012:dead.fifo'}",
    "dead_letter_config: {target_arn: 'arn:aws:sqs:eu-west-1:123456789012:dead'}",
    "dead_letter_config: {target_arn: 'arn:aws:sns:us-east-1:123456789012:dead'}",
    "dead_letter_config: {target_arn: 'arn:aws:s3:::dead'}",
    "layers: ['arn:aws:lambda:eu-west-1:123456789012:layer:l:1']",
    "layers: ['arn:aws:lambda:us-east-1:210987654321:layer:l:1', 'arn:aws:lambda:us-east-1:210987654321:layer:l:2']",
    "timeout: 900",
    "timeout: 901",
    "memory_size: 10240",
    "memory_size: 10241",
    "ephemeral_storage: {size: 10241}",
    "environment: {variables: {AWS_REGION: here}}",
    "tags: {'aws:team': payments}",
    "snap_start: {apply_on: PublishedVersions}",
    "snap_start: {apply_on: PublishedVersions}, runtime: nodejs22.x",
    "snap_start: {apply_on: PublishedVersions}, runtime: python3.11",
    "snap_start: {apply_on: PublishedVersions}, ephemeral_storage: {size: 1024}",
    "vpc_config: {subnet_ids: [subnet-1], security_group_ids: []}",
    "vpc_config: {subnet_ids: [subnet-1], security_group_ids: [sg-1]}",
    "logging_config: {log_format: Text, application_log_level: DEBUG}",
    "file_system_configs: [{arn: 'arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-11111111111111111', \
     local_mount_path: /mnt/a}]",
    "kms_key_arn: 'arn:aws:kms:eu-west-1:123456789012:key/k'",
    "permissions: {cron: {action: 'lambda:InvokeFunction', principal: events.amazonaws.com, event_source_token: some}}",
    "permissions: {china: {action: 'lambda:InvokeFunction', principal: events.amazonaws.com.cn}}",
    "permissions: {odd: {action: 'lambda:InvokeFunction', principal: nobody}}",
    "durable_config: {retention_period_in_days: 1, execution_timeout: 60}",
    // Of another partition.
    "role: 'arn:aws-cn:iam::123456789012:role/r'",
    "kms_key_arn: 'arn:aws-cn:kms:us-east-1:123456789012:key/k'",
    "dead_letter_config: {target_arn: 'arn:aws-cn:sqs:us-east-1:123456789012:dead'}",
    "layers: ['arn:aws-us-gov:lambda:us-east-1:210987654321:layer:l:1']",
    "event_invoke_config: {destination_config: {on_failure: {destination: 'arn:aws-cn:sqs:us-east-1:123456789012:q'}}}",
    "event_invoke_config: {destination_config: {on_success: {destination: \
     'arn:aws-iso:lambda:us-east-1:123456789012:function:other'}}}",
    "event_source_mappings: {feed: {event_source_arn: 'arn:aws-cn:sqs:us-east-1:123456789012:orders'}}",
    "event_source_mappings: {feed: {event_source_arn: 'arn:aws:sqs:eu-west-1:123456789012:orders'}}",
    "permissions: {other: {action: 'lambda:InvokeFunction', principal: 'arn:aws-cn:iam::123456789012:root'}}",
    // Sizes and numbers.
    "function_name: a234567890123456789012345678901234567890123456789012345678901234",
    "function_name: a2345678901234567890123456789012345678901234567890123456789012345",
    "environment: {variables: {LARGE: LARGE}}",
    "layers: [A1, A2, A3, A4, A5]",
    "layers: [A1, A2, A3, A4, A5, A6]",
    "reserved_concurrent_executions: 3, aliases: {live: {function_version: published, provisioned_concurrent_executions: 4}}",
    "reserved_concurrent_executions: unreserved, aliases: {live: {function_version: published, \
     provisioned_concurrent_executions: 4}}",
    "aliases: {live: {function_version: published, provisioned_concurrent_executions: none}}",
    "aliases: {a: {function_version: published, provisioned_concurrent_executions: 1}, \
     b: {function_version: published, provisioned_concurrent_executions: 1}}",
    // Aliases, URLs and asynchronous invocations.
    "aliases: {live: {function_version: $LATEST}}",
    "aliases: {live: {function_version: $LATEST, provisioned_concurrent_executions: 1}}",
    "aliases: {live: {function_version: published, routing_config: {additional_version_weights: {'$LATEST': 0.1}}}}",
    "aliases: {live: {function_version: $LATEST, routing_config: {additional_version_weights: {'1': 0.1}}}}",
    "aliases: {'12': {function_version: published}}",
    "url: {auth_type: NONE}",
    "url: {auth_type: AWS_IAM, cors: {max_age: 86401}}",
    "url: {auth_type: AWS_IAM, invoke_mode: RESPONSE_STREAM, cors: {allow_origins: ['*']}}",
    "event_invoke_config: {}",
    "event_invoke_config: {maximum_event_age_in_seconds: 59}",
    "event_invoke_config: {destination_config: {on_success: {destination: 'arn:aws:s3:::bucket'}}}",
    "event_invoke_config: {destination_config: {on_failure: {destination: 'arn:aws:s3:::bucket'}}}",
    "event_invoke_config: {destination_config: {on_failure: {destination: 'arn:aws:kinesis:us-east-1:123456789012:stream/s'}}}",
    "event_invoke_config: {destination_config: {on_failure: {destination: \
     'arn:aws:lambda:us-east-1:123456789012:function:orders'}}}",
    "event_invoke_config: {destination_config: {on_failure: {destination: \
     'arn:aws:lambda:eu-west-1:123456789012:function:other'}}}",
    "event_invoke_config: {destination_config: {on_failure: {destination: \
     'arn:aws:lambda:us-east-1:210987654321:function:other'}}}",
    "event_invoke_config: {destination_config: {on_failure: {destination: 'arn:aws:sqs:us-east-1:123456789012:q.fifo'}}}",
    "event_invoke_config: {destination_config: {on_failure: {destination: 'kafka://topic'}}}",
    "event_invoke_config: {destination_config: {on_success: {destination: 'kafka://topic'}}}",
    // Kinds of functions.
    "code: {image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/r:1'}",
    "code: {image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/r:1'}, runtime: null, handler: null",
    "code: {image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/r'}, runtime: null, handler: null",
    "code: {image: 'docker.io/library/ubuntu:latest'}, runtime: null, handler: null",
    "code: {image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/r:1'}, runtime: null, handler: null, layers: [A1]",
    "code: {image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/r:1'}, runtime: null, handler: null, \
     snap_start: {apply_on: PublishedVersions}",
    "code: {image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/r:1'}, runtime: null, handler: null, \
     runtime_management_config: {update_runtime_on: FunctionUpdate}",
    "runtime: null",
    "handler: null",
    "durable_config: {retention_period_in_days: 1}",
    "tenancy_config: {tenant_isolation_mode: PER_TENANT}",
    "runtime_management_config: {update_runtime_on: Manual}",
    "function_scaling_config: {min_execution_environments: 1}",
    "snap_start: {apply_on: PublishedVersions}, file_system_configs: [{arn: \
     'arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-11111111111111111', local_mount_path: /mnt/a}], \
     vpc_config: {subnet_ids: [subnet-1], security_group_ids: [sg-1]}",
    "permissions: {'a.b': {action: 'lambda:InvokeFunction', principal: '210987654321'}}",
];

/// Words that stand for long texts.
fn spelt(fields: &str) -> String {
    let mut fields = fields.replace("LARGE: LARGE", &format!("LARGE: {}", "x".repeat(4_100)));
    for number in 1..=6 {
        let layer = format!("'arn:aws:lambda:us-east-1:210987654321:layer:l{number}:1'");
        fields = fields.replace(&format!("A{number}"), &layer);
    }
    fields
}

/// One file in memory.
struct Text<'t>(&'t str);

impl Files for Text<'_> {
    fn read(&self, _path: &Path, _: Option<&Path>) -> io::Result<Vec<u8>> {
        Ok(self.0.as_bytes().to_vec())
    }
}

fn is_valid(text: &str) -> bool {
    let inputs = Inputs { files: vec!["stack.yaml".into()], environment: BTreeMap::new(), ..Inputs::default() };
    let known = Some((ACCOUNT.to_owned(), REGION.to_owned()));
    declaration::load(&inputs, &Text(text), known).stack.is_some()
}

/// Returns a spec with one function of these fields.
fn function(fields: &str) -> String {
    let required = [
        ("code", "{zip: package.zip}"),
        ("role", "'arn:aws:iam::123456789012:role/r'"),
        ("runtime", "python3.13"),
        ("handler", "app.handler"),
    ];
    let missing = required.iter().filter(|(name, _)| !fields.contains(&format!("{name}: ")));
    let all: Vec<String> = missing.map(|(name, value)| format!("{name}: {value}")).chain([fields.to_owned()]).collect();
    format!("version: 1\nstack: shop\nfunctions:\n  orders: {{{}}}\n", all.join(", "))
}

/// Applies the specs that are valid offline; returns the number of those that are not, and what Lambda rejected of the others.
fn rejected(specs: impl Iterator<Item = String>) -> (usize, Vec<String>) {
    let (mut invalid, mut wrong) = (0, Vec::new());
    block_on(async {
        for text in specs {
            if !is_valid(&text) {
                invalid += 1;
                continue;
            }
            let report = Fixture::new().apply(&text).await;
            if report.verdict() != Verdict::Applied {
                wrong.push(format!("{text}{:?}\n", undone(&report)));
            }
        }
    });
    (invalid, wrong)
}

#[test]
fn what_is_valid_offline_is_accepted_for_every_setting_of_every_source() {
    let specs = SOURCES.iter().flat_map(|source| {
        SETTINGS
            .iter()
            .map(move |setting| function(&format!("event_source_mappings: {{feed: {{{source}, {setting}}}}}")))
    });
    let (invalid, wrong) = rejected(specs);
    assert!(wrong.is_empty(), "{} of {invalid} others:\n{}", wrong.len(), wrong.join("\n"));
    assert!(invalid > 60, "the service rejects many of these, and only {invalid} are invalid offline");
}

#[test]
fn what_is_valid_offline_is_accepted_for_every_setting_of_functions() {
    let (invalid, wrong) = rejected(FUNCTIONS.iter().map(|fields| function(&spelt(fields))));
    assert!(wrong.is_empty(), "{} of {invalid} others:\n{}", wrong.len(), wrong.join("\n"));
    assert!(invalid > 10, "the service rejects many of these, and only {invalid} are invalid offline");
}

#[test]
fn what_is_valid_offline_is_accepted_for_two_mappings_of_one_function() {
    let others = [
        ("", ""),
        ("topics: [orders]", "topics: [returns]"),
        ("topics: [orders]", "topics: [orders], self_managed_kafka_event_source_config: {consumer_group_id: other}"),
        ("topics: [orders]", "topics: [orders], amazon_managed_kafka_event_source_config: {consumer_group_id: other}"),
        ("['a:9092']", "['b:9092', 'a:9092']"),
        ("['a:9092']", "['b:9092']"),
        ("queues: [orders]", "queues: [returns]"),
        ("{database_name: d}", "{database_name: d, collection_name: c}"),
        ("{database_name: d}", "{database_name: e}"),
        (":orders", ":returns"),
    ];
    let specs = SOURCES.iter().flat_map(|source| {
        let others = others.iter().map(|(from, to)| source.replacen(from, to, 1));
        others.map(move |other| function(&format!("event_source_mappings: {{feed: {{{source}}}, more: {{{other}}}}}")))
    });
    let (invalid, wrong) = rejected(specs);
    assert!(wrong.is_empty(), "{} of {invalid} others:\n{}", wrong.len(), wrong.join("\n"));
    assert!(invalid > SOURCES.len(), "the service rejects every mapping that is declared twice");
}

#[test]
fn the_same_source_under_two_aliases_is_two_mappings() {
    for source in SOURCES {
        let alias = format!("{{function_version: published, event_source_mappings: {{feed: {{{source}}}}}}}");
        let text = function(&format!("aliases: {{blue: {alias}, green: {alias}}}"));
        block_on(async { Fixture::new().fixpoint(&text).await });
    }
}
