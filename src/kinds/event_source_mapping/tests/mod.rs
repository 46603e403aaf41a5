//! Tests of what is peculiar to event source mappings.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::EventSourceMappingConfiguration;
use serde_json::{Value, json};

use super::spec::EventSourceMapping;
use super::*;
use crate::diff::{Terms, diff};
use crate::kinds::alias;
use crate::model::{Action, Address, Change, Findings, KindId};
use crate::resource::testing::TestContext;
use crate::resource::{
    Document, KindEntry, Observed, PlanWrites as _, ResourceRef, STACK_TAG, State, WriteContext, WriteRequest, testing,
};
use crate::wire::{
    Call, CreateEventSourceMappingInputBuilder, GetEventSourceMappingInputBuilder, ListAliasesOutput,
    ListEventSourceMappingsInputBuilder, ListEventSourceMappingsOutput, ListFunctionsOutput, ListTagsInputBuilder,
    ListTagsOutput, Operation, ReadCache, ReadResult, Reply, TypedCall,
};

mod find;
mod rules;
mod writes;

const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:orders";
const FIFO: &str = "arn:aws:sqs:eu-west-1:123456789012:orders.fifo";
const STREAM: &str = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders";
const TABLE: &str = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000";
const MSK: &str = "arn:aws:kafka:eu-west-1:123456789012:cluster/orders/1-2";
const BROKER: &str = "arn:aws:mq:eu-west-1:123456789012:broker:orders:b-1";
const DOCUMENTS: &str = "arn:aws:rds:eu-west-1:123456789012:cluster:orders";
const GLUE: &str = "arn:aws:glue:eu-west-1:123456789012:registry/orders";

fn at(names: &[&str]) -> ResourceRef {
    testing::at(KIND, names)
}

fn spec(value: Value) -> EventSourceMapping {
    serde_json::from_value(value).unwrap()
}

fn complete(value: Value, at: &ResourceRef) -> EventSourceMapping {
    let mut spec = spec(value);
    EventSourceMapping::apply_defaults(&mut spec, at, None);
    spec
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

fn insert(
    cache: &mut ReadCache,
    call: ListEventSourceMappingsInputBuilder,
    mappings: Vec<EventSourceMappingConfiguration>,
) {
    let page = ListEventSourceMappingsOutput::builder().set_event_source_mappings(Some(mappings)).build();
    cache.insert(&call.call(), ReadResult::Pages(vec![Reply::ListEventSourceMappings(Box::new(page))]));
}

fn insert_tags(cache: &mut ReadCache, uuid: &str, tags: &[(&str, &str)]) {
    let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let reply = ListTagsOutput::builder().set_tags(Some(tags)).build();
    let call = ListTagsInputBuilder::default().resource(arn(uuid)).call();
    cache.insert(&call, ReadResult::Pages(vec![Reply::ListTags(Box::new(reply))]));
}

fn differences(desired: &EventSourceMapping, live: &EventSourceMapping) -> Vec<Change> {
    let entry = KindEntry::new::<EventSourceMapping>();
    let pending = BTreeMap::new();
    let terms = Terms { schema: entry.schema(), ignore: &[], pending: &pending, prune: false };
    let mut live = live.clone();
    EventSourceMapping::canonicalize(desired, &mut live);
    let value = |spec: &EventSourceMapping| serde_json::to_value(spec).unwrap();
    diff(Some(&value(desired)), Some(&value(&live)), &terms).changes
}

fn paths(desired: &EventSourceMapping, live: &EventSourceMapping) -> Vec<String> {
    let changes = differences(desired, live);
    let mark = |change: &Change| if change.forces_replacement { " (replaces)" } else { "" };
    changes.iter().map(|change| format!("{}{}", change.path, mark(change))).collect()
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
