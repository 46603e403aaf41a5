//! Tests of the writes.

use super::*;
use crate::model::AttributeName;
use crate::resource::{ApplyWrites as _, Observe as _};

fn update(before: Value, after: Value) -> Call {
    let at = at(&["orders", "feed"]);
    let (live, desired) = (complete(before, &at), complete(after, &at));
    let changes = differences(&desired, &live);
    let live = Observed::new("a", live);
    let change =
        WriteContext { at: &at, action: Action::Update, desired: Some(&desired), live: Some(&live), changes: &changes };
    let planned_writes = EventSourceMapping::writes(&change);
    assert_eq!(planned_writes.len(), 1, "{planned_writes:?}");
    let write = WriteRequest {
        at: &at,
        desired: Some(desired),
        live: Some(live),
        covers: &planned_writes[0].covers.clone(),
        package: None,
        also_creates: &[],
    };
    EventSourceMapping::request(planned_writes[0].operation, &write).unwrap()
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
    let write =
        WriteRequest { at: &at, desired: Some(desired), live: None, covers: &[], package: None, also_creates: &[] };
    let expected = CreateEventSourceMappingInputBuilder::default()
        .function_name("orders:live")
        .event_source_arn(QUEUE)
        .enabled(true)
        .tags(STACK_TAG, "shop")
        .tags(MAPPING_TAG, "event_source_mapping/orders/live/feed")
        .tags("team", "shop");
    assert_eq!(EventSourceMapping::request(Operation::CreateEventSourceMapping, &write).unwrap(), expected.call());
}

#[test]
fn tags_are_written_by_key() {
    let at = at(&["orders", "feed"]);
    let value = |tags: Value| complete(json!({"event_source_arn": QUEUE, "tags": tags}), &at);
    let (live, desired) = (value(json!({"a": "1", "b": "1"})), value(json!({"a": "2"})));
    let entry = KindEntry::new::<EventSourceMapping>();
    let pending = BTreeMap::new();
    let terms = Terms { schema: entry.schema(), ignore: &[], pending: &pending, prune: true };
    let to_json = |spec: &EventSourceMapping| serde_json::to_value(spec).unwrap();
    let changes = diff(Some(&to_json(&desired)), Some(&to_json(&live)), &terms).changes;
    let mut live = Observed::new("a", live);
    live.attributes = BTreeMap::from([(AttributeName::ARN, json!("arn"))]).into();
    let change =
        WriteContext { at: &at, action: Action::Update, desired: Some(&desired), live: Some(&live), changes: &changes };
    let planned_writes = EventSourceMapping::writes(&change);
    let calls = planned_writes.iter().map(|planned| {
        let write = WriteRequest {
            at: &at,
            desired: Some(desired.clone()),
            live: Some(live.clone()),
            covers: &planned.covers,
            package: None,
            also_creates: &[],
        };
        EventSourceMapping::request(planned.operation, &write).unwrap()
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
    let mut cache = ReadCache::default();
    insert(&mut cache, list("orders"), vec![mapping("a", "orders").kms_key_arn("arn:aws:kms:k").build()]);
    let get = GetEventSourceMappingInputBuilder::default().uuid("a").call();
    assert_eq!(testing::wanted(EventSourceMapping::observe(&at, Some(&desired), &cache)), [get]);
}
