//! Tests of finding the declared mapping, its owner, and undeclared mappings.

use super::*;
use crate::model::{AttributeName, Ownership};
use crate::resource::Observe as _;

#[test]
fn a_mapping_made_from_defaults_is_found_and_differs_in_nothing() {
    let at = at(&["orders", "live", "feed"]);
    let desired = complete(json!({"event_source_arn": QUEUE}), &at);
    let mut cache = ReadCache::default();
    assert_eq!(testing::wanted(EventSourceMapping::observe(&at, Some(&desired), &cache)), [list("orders:live").call()]);
    let others = mapping("b", "orders:live").event_source_arn(FIFO).build();
    insert(&mut cache, list("orders:live"), vec![others, mapping("a", "orders:live").build()]);
    assert!(testing::wanted(EventSourceMapping::observe(&at, Some(&desired), &cache)).is_empty());
    let live = EventSourceMapping::observe(&at, Some(&desired), &cache).unwrap().unwrap();
    assert_eq!((live.identity.as_str(), &live.state), ("a", &State::Settled));
    assert_eq!(live.attributes[&AttributeName::ARN], json!(arn("a")));
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
    let mut cache = ReadCache::default();
    insert(&mut cache, list("orders"), vec![mapping("a", "orders").build()]);
    assert!(testing::wanted(EventSourceMapping::observe(&at, Some(&desired), &cache)).is_empty());
    let tags = ListTagsInputBuilder::default().resource(arn("a")).call();
    assert_eq!(testing::wanted(EventSourceMapping::observe(&at, Some(&faster), &cache)), std::slice::from_ref(&tags));
    insert_tags(&mut cache, "a", &[]);
    let live = EventSourceMapping::observe(&at, Some(&faster), &cache).unwrap().unwrap();
    assert_eq!((live.owner, live.value.tags), (Ownership::Untagged, None));
    cache.insert(&tags, ReadResult::Pages(Vec::new()));
    assert_eq!(EventSourceMapping::observe(&at, Some(&faster), &cache).unwrap().unwrap().owner, Ownership::Untaggable);
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
    let mut cache = ReadCache::default();
    insert(&mut cache, list("orders:live"), vec![mapping("a", "orders:live").build()]);
    let by_source = ListEventSourceMappingsInputBuilder::default().event_source_arn(FIFO);
    assert_eq!(testing::wanted(EventSourceMapping::observe(&at, Some(&desired), &cache)), [by_source.clone().call()]);
    // The one with the source invokes the function itself, so it is about to move to the alias.
    let moving = mapping("b", "orders").event_source_arn(FIFO).build();
    insert(&mut cache, by_source, vec![moving, mapping("c", "mail:live").event_source_arn(FIFO).build()]);
    assert_eq!(testing::wanted(EventSourceMapping::observe(&at, Some(&desired), &cache)).len(), 2);
    insert_tags(&mut cache, "a", &[(STACK_TAG, "shop"), (MAPPING_TAG, "event_source_mapping/orders/live/feed")]);
    insert_tags(&mut cache, "b", &[]);
    let live = EventSourceMapping::observe(&at, Some(&desired), &cache).unwrap().unwrap();
    assert_eq!((live.identity.as_str(), live.owner), ("a", Ownership::Stack("shop".to_owned())));
    assert_eq!(paths(&desired, &live.value), ["event_source_arn (replaces)"]);

    insert_tags(&mut cache, "a", &[]);
    insert_tags(&mut cache, "b", &[(STACK_TAG, "shop"), (MAPPING_TAG, "event_source_mapping/orders/feed")]);
    let live = EventSourceMapping::observe(&at, Some(&desired), &cache).unwrap().unwrap();
    assert_eq!((live.identity.as_str(), paths(&desired, &live.value)), ("b", vec!["function".to_owned()]));

    // Ours that reads the source for another function moves here, if nothing else is found.
    insert_tags(&mut cache, "b", &[(STACK_TAG, "other"), (MAPPING_TAG, "event_source_mapping/orders/feed")]);
    assert_eq!(testing::wanted(EventSourceMapping::observe(&at, Some(&desired), &cache)).len(), 1);
    insert_tags(&mut cache, "c", &[(STACK_TAG, "shop"), (MAPPING_TAG, "event_source_mapping/mail/live/feed")]);
    let live = EventSourceMapping::observe(&at, Some(&desired), &cache).unwrap().unwrap();
    assert_eq!((live.identity.as_str(), live.presumed), ("c", true));

    insert_tags(&mut cache, "c", &[(STACK_TAG, "other"), (MAPPING_TAG, "event_source_mapping/mail/live/feed")]);
    assert_eq!(EventSourceMapping::observe(&at, Some(&desired), &cache).unwrap(), None);
}

#[test]
fn a_tag_that_another_declaration_outlived_destroys_nothing() {
    let (mine, other) = (at(&["orders", "feed"]), at(&["orders", "renamed"]));
    let theirs = json!({"event_source_arn": QUEUE});
    let live = super::live::observed(&mine, &mapping("a", "orders").build(), None);
    let live = live.map(Document::of);
    let mut cx = TestContext::default();
    cx.declared.extend([(mine.address.clone(), json!({"event_source_arn": FIFO}).into())]);
    cx.declared.extend([(other.address.clone(), theirs.clone().into())]);
    cx.observed.insert(mine.address.clone(), live.clone());
    cx.observed.insert(other.address.clone(), live.clone());
    let mut desired = complete(json!({"event_source_arn": FIFO}), &mine);
    EventSourceMapping::derive_from_plan(&mut desired, &mine, &cx);
    let typed = live.map(|live| live.get::<EventSourceMapping>().unwrap().clone());
    let changes = differences(&desired, &typed.value);
    let change = WriteContext {
        at: &mine,
        action: Action::Replace,
        desired: Some(&desired),
        live: Some(&typed),
        changes: &changes,
    };
    let operations: Vec<&str> =
        EventSourceMapping::writes(&change).iter().map(|write| write.operation.name()).collect();
    assert_eq!(operations, ["CreateEventSourceMapping", "TagResource"]);
    let mut desired = complete(theirs, &other);
    EventSourceMapping::derive_from_plan(&mut desired, &other, &cx);
    assert_eq!(desired.misplaced_tag, None);
}

#[test]
fn equal_mappings_are_distinguished_by_tag_and_otherwise_the_first_uuid_counts() {
    let at = at(&["orders", "feed"]);
    let desired = complete(json!({"event_source_arn": QUEUE}), &at);
    let mut cache = ReadCache::default();
    insert(&mut cache, list("orders"), vec![mapping("b", "orders:$LATEST").build(), mapping("a", "orders").build()]);
    assert_eq!(testing::wanted(EventSourceMapping::observe(&at, Some(&desired), &cache)).len(), 2);
    insert_tags(&mut cache, "a", &[]);
    insert_tags(&mut cache, "b", &[]);
    let live = EventSourceMapping::observe(&at, Some(&desired), &cache).unwrap().unwrap();
    assert_eq!((live.identity.as_str(), live.notes.len()), ("a", 1));
    insert_tags(&mut cache, "b", &[(STACK_TAG, "shop"), (MAPPING_TAG, "event_source_mapping/orders/feed")]);
    let live = EventSourceMapping::observe(&at, Some(&desired), &cache).unwrap().unwrap();
    assert_eq!((live.identity.as_str(), live.notes.len()), ("b", 0));
}

#[test]
fn the_listing_of_the_account_serves_every_mapping_until_it_is_given_up() {
    let at = at(&["orders", "feed"]);
    let desired = complete(json!({"event_source_arn": QUEUE}), &at);
    let mut cache = ReadCache::new(true);
    let whole = ListEventSourceMappingsInputBuilder::default();
    assert_eq!(testing::wanted(EventSourceMapping::observe(&at, Some(&desired), &cache)), [whole.clone().call()]);
    insert(&mut cache, whole.clone(), vec![mapping("a", "orders").build(), mapping("b", "mail").build()]);
    assert_eq!(EventSourceMapping::observe(&at, Some(&desired), &cache).unwrap().unwrap().identity, "a");
    cache.insert(&whole.call(), ReadResult::GivenUp);
    assert_eq!(testing::wanted(EventSourceMapping::observe(&at, Some(&desired), &cache)), [list("orders").call()]);
}

#[test]
fn unmanaged_mappings_are_those_of_exactly_this_parent_that_match_no_declaration() {
    let parent = ResourceRef { address: Address::new(KindId::Function, &["orders"]), ..at(&["orders"]) };
    let mut cache = ReadCache::default();
    let mappings = ["a", "b"].map(|uuid| mapping(uuid, "orders").build());
    let others = [("c", "orders:live"), ("d", "orders:1"), ("e", "orders:$LATEST.PUBLISHED"), ("f", "orders:gone")];
    let others = others.map(|(uuid, function)| mapping(uuid, function).build());
    insert(&mut cache, list("orders"), mappings.into_iter().chain(others).collect());
    let mut cx = TestContext::default();
    let moving = Address::new(KIND, &["orders", "live", "feed"]);
    cx.declared.extend([(moving.clone(), json!({}).into())]);
    cx.observed.insert(moving, Observed::new("b", json!({}).into()));
    // Only a mapping that invokes an existing alias is left to the alias.
    assert_eq!(testing::wanted(EventSourceMapping::discover(&parent, &cx, &cache)), [alias::listing("orders").call()]);
    let live = aws_sdk_lambda::types::AliasConfiguration::builder().name("live").build();
    let reply = Reply::ListAliases(Box::new(ListAliasesOutput::builder().aliases(live).build()));
    cache.insert(&alias::listing("orders").call(), ReadResult::Pages(vec![reply]));
    let found = EventSourceMapping::discover(&parent, &cx, &cache).unwrap();
    let found: Vec<&str> = found.iter().map(|found| found.identity.as_str()).collect();
    assert_eq!(found, ["a", "d", "e", "f"]);
    // Their tags, where they may be deleted.
    cx.is_thorough = true;
    assert_eq!(testing::wanted(EventSourceMapping::discover(&parent, &cx, &cache)).len(), 4);
}

#[test]
fn an_unmanaged_mapping_is_recognised_by_its_uuid_under_any_qualifier() {
    let uuid = "b78eb261-acb7-4607-98f5-8737cba066c6";
    let stray = at(&["orders", uuid]);
    let mut cache = ReadCache::default();
    let single = GetEventSourceMappingInputBuilder::default().uuid(uuid);
    assert_eq!(testing::wanted(EventSourceMapping::observe(&stray, None, &cache)), [single.call()]);
    insert(&mut cache, list("orders"), vec![mapping("a", "orders").build(), mapping(uuid, "orders:1").build()]);
    assert_eq!(EventSourceMapping::observe(&stray, None, &cache).unwrap().unwrap().identity, uuid);
}

#[test]
fn a_mapping_of_ours_whose_function_is_gone_is_found_at_the_top() {
    let root = ResourceRef::top(&at(&["orders"]).scope, KIND);
    let cx = TestContext::default();
    let mut cache = ReadCache::new(true);
    let whole = ListEventSourceMappingsInputBuilder::default();
    let functions = crate::wire::ListFunctionsInputBuilder::default();
    assert_eq!(
        testing::wanted(EventSourceMapping::discover(&root, &cx, &cache)),
        [functions.clone().call(), whole.clone().call()]
    );
    let there = aws_sdk_lambda::types::FunctionConfiguration::builder().function_name("orders").build();
    let there = ListFunctionsOutput::builder().functions(there).build();
    cache.insert(&functions.call(), ReadResult::Pages(vec![Reply::ListFunctions(Box::new(there))]));
    let all = [("a", "orders:live"), ("b", "gone:live"), ("c", "gone"), ("d", "gone:1")];
    insert(&mut cache, whole, all.map(|(uuid, function)| mapping(uuid, function).build()).to_vec());
    assert_eq!(testing::wanted(EventSourceMapping::discover(&root, &cx, &cache)).len(), 3);
    for (uuid, stack) in [("b", "shop"), ("c", "other"), ("d", "shop")] {
        let arn = super::live::arn_of(&root, &mapping(uuid, "gone").build());
        let tags = ListTagsOutput::builder().tags(STACK_TAG, stack).build();
        let read = ListTagsInputBuilder::default().resource(arn).call();
        cache.insert(&read, ReadResult::Pages(vec![Reply::ListTags(Box::new(tags))]));
    }
    let found = EventSourceMapping::discover(&root, &cx, &cache).unwrap();
    let places: Vec<String> = found.iter().map(|found| found.at.address.to_string()).collect();
    assert_eq!(places, ["event_source_mapping/gone/live/b", "event_source_mapping/gone/1/d"]);
    assert_eq!(found[0].at.names[..], ["gone", "live", "b"]);
}

#[test]
fn the_state_shows_if_a_mapping_is_enabled_and_problems_are_noted() {
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
        let live = super::live::observed(&at, &mapping, Some(&off));
        assert_eq!((live.value.enabled, live.state == State::Settled), (enabled, settled), "{state}");
    }
    let broken = mapping("a", "orders").last_processing_result("PROBLEM: Connection error.").build();
    let live = super::live::observed(&at, &broken, None);
    assert_eq!(live.notes, ["Lambda reports: PROBLEM: Connection error."]);
}
