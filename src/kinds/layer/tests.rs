//! Tests of what is peculiar to layers: rules, observation by several reads, version numbers, and deletion version by version.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{LayerVersionContentOutput, LayerVersionsListItem};
use serde_json::{Value, json};

use super::observe::Numbers;
use super::spec::*;
use super::versions::{listing, reading};
use crate::kinds::shared::retention::NewerVersions;
use crate::model::{Action, Address, AttributeName, FieldPath, KindId, StepReasonKind, Template};
use crate::resource::testing::{at, broken_rules, insert_reply, wanted};
use crate::resource::{
    ApplyWrites as _, Attribute, Document, Extra, Observe as _, Observed, PlanWrites as _, ResourceRef, WriteContext,
    WriteRequest,
};
use crate::wire::{
    DeleteLayerVersionInputBuilder, GetLayerVersionOutput, ListLayerVersionsOutput, Operation, ReadCache, Reply,
    TypedCall,
};

fn place() -> ResourceRef {
    at(KindId::Layer, &["common"])
}

/// The rules that a layer breaks which an arm64 function on python3.13 uses.
fn findings(spec: Value, name: &str) -> Vec<&'static str> {
    let pending = Template::reference(Address::new(KindId::Layer, &["common"]), AttributeName::ARN);
    let function = json!({"role": "r", "code": {}, "runtime": "python3.13", "architectures": ["arm64"]});
    let pending = BTreeMap::from([(FieldPath::from("layers.0"), pending)]);
    let mut cx = crate::kinds::testing::declaring(&[("function/orders", function)]);
    cx.pending.insert(Address::new(KindId::Function, &["orders"]), pending);
    let at = ResourceRef { names: [name.to_owned()].into(), ..place() };
    broken_rules::<Layer>(&serde_json::from_value(spec).unwrap(), &at, &cx)
}

#[test]
fn each_rule_finds_what_breaks_it() {
    let zip = json!({"zip": "a.zip"});
    assert_eq!(findings(json!({"code": zip}), "common"), [""; 0]);
    assert_eq!(findings(json!({"code": zip}), "com:mon"), ["V088"]);
    assert_eq!(findings(json!({"code": {}}), "common"), ["V088"]);
    assert_eq!(findings(json!({"code": {"zip": "a.zip", "dir": "a"}}), "common"), ["V088"]);
    assert_eq!(findings(json!({"code": {"zip": "a.zip", "links": "keep"}}), "common"), ["V088"]);
    assert_eq!(findings(json!({"code": {"dir": "a", "links": "keep"}}), "common"), [""; 0]);
    assert_eq!(findings(json!({"code": {"s3": {"bucket": "b", "key": "k"}}}), "common"), ["V088"]);
    let pinned = json!({"s3": {"bucket": "b", "key": "k", "sha256": "s"}});
    assert_eq!(findings(json!({"code": pinned}), "common"), [""; 0]);
    assert_eq!(findings(json!({"code": zip, "compatible_runtimes": ["python3.12"]}), "common"), ["V089"]);
    assert_eq!(findings(json!({"code": zip, "compatible_architectures": ["x86_64"]}), "common"), ["V089"]);
    let both = json!({"code": zip, "compatible_runtimes": ["python3.13"], "compatible_architectures": ["arm64"]});
    assert_eq!(findings(both, "common"), [""; 0]);
}

/// The listing of these versions, without the content of the newest one.
fn listed(versions: &[i64]) -> ReadCache {
    let item = |version: &i64| LayerVersionsListItem::builder().version(*version).license_info("MIT").build();
    let reply = ListLayerVersionsOutput::builder().set_layer_versions(Some(versions.iter().map(item).collect()));
    let mut cache = ReadCache::default();
    insert_reply(&mut cache, listing("common"), Reply::ListLayerVersions(Box::new(reply.build())));
    cache
}

fn account(versions: &[i64]) -> ReadCache {
    let mut cache = listed(versions);
    if let Some(newest) = versions.iter().max() {
        let content = LayerVersionContentOutput::builder().code_sha256(format!("sha {newest}")).build();
        let reply = GetLayerVersionOutput::builder().version(*newest).license_info("MIT").content(content).build();
        insert_reply(&mut cache, reading("common", *newest), Reply::GetLayerVersion(Box::new(reply)));
    }
    cache
}

#[test]
fn a_layer_is_its_newest_version_whose_hash_takes_a_second_read() {
    let observe = |cache: &ReadCache| Layer::observe(&place(), None, cache);
    assert_eq!(wanted(observe(&ReadCache::default())), [listing("common").call()]);
    assert_eq!(wanted(observe(&listed(&[9, 10, 2]))), [reading("common", 10).call()]);
    let live = observe(&account(&[9, 10, 2])).unwrap().unwrap();
    assert_eq!(live.value.code.sha256.as_deref(), Some("sha 10"));
    assert_eq!(live.text(&AttributeName::VERSION), Some("10"));
    assert_eq!(live.text(&AttributeName::ARN), Some("arn:aws:lambda:eu-west-1:123456789012:layer:common:10"));
    assert_eq!(live.extra.get::<Numbers>().map(|numbers| numbers.0.clone()), Some(vec![2, 9, 10]));
    assert_eq!(observe(&account(&[])).unwrap(), None, "a layer without versions does not exist");
}

#[test]
fn an_old_version_needs_the_listing_only() {
    let old =
        |number: &str| Layer::observe(&at(KindId::Layer, &["common", number]), None, &listed(&[3, 2, 1])).unwrap();
    let live = old("1").unwrap();
    assert_eq!((live.identity.as_str(), live.extra.get::<NewerVersions>().map(|newer| newer.0)), ("1", Some(2)));
    assert_eq!(old("4"), None);
}

#[test]
fn old_versions_are_surplus_only_where_the_spec_limits_them_and_no_function_uses_them() {
    let top = ResourceRef::top(&place().scope, KindId::Layer);
    let code = json!({"zip": "a.zip"});
    let discover = |spec: Value| {
        let cx = crate::kinds::testing::declaring(&[("layer/common", spec)]);
        let found = Layer::discover(&top, &cx, &account(&[1, 2, 3, 4])).unwrap();
        found.into_iter().map(|found| found.at.address.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(discover(json!({"code": code})), [""; 0]);
    let old = ["layer/common/1", "layer/common/2", "layer/common/3"];
    assert_eq!(discover(json!({"code": code, "retain_versions": 2})), old, "one more, as this plan may publish one");
    let still_surplus = |number: &str, used: &str, publishes: bool| {
        let mut cx = crate::kinds::testing::declaring(&[
            ("layer/common", json!({"code": code, "retain_versions": 2})),
            ("function/orders", json!({})),
        ]);
        let function = json!({"role": "r", "code": {}, "layers": [arn(&place(), used)]});
        cx.planned.insert(Address::new(KindId::Function, &["orders"]), function.into());
        if publishes {
            cx.attributes.insert(AttributeName::VERSION, Attribute::Predicted(json!("5")));
        }
        let place = at(KindId::Layer, &["common", number]);
        let live = Layer::observe(&place, None, &account(&[1, 2, 3, 4])).unwrap().unwrap();
        Layer::still_surplus(&place, &live, &cx)
    };
    assert!(still_surplus("2", "4", false) && !still_surplus("2", "2", false), "a function will use it");
    assert!(still_surplus("3", "4", true) && !still_surplus("3", "4", false), "only a publication makes it too many");
}

#[test]
fn the_next_number_follows_deleted_versions_too() {
    let version = |newest: Option<i64>, used: Option<u64>, action: Action| {
        let live = newest.map(|newest| Layer::observe(&place(), None, &account(&[newest])).unwrap().unwrap());
        let after = Layer { used, ..Layer::default() };
        Layer::attributes(&place(), &after, live.as_ref(), action).remove(&AttributeName::VERSION)
    };
    assert_eq!(version(Some(3), None, Action::Update), Some(Attribute::Predicted(json!("4"))));
    assert_eq!(version(Some(3), Some(7), Action::Update), Some(Attribute::Predicted(json!("8"))));
    assert_eq!(version(None, None, Action::Create), Some(Attribute::Predicted(json!("1"))));
    assert_eq!(version(Some(3), None, Action::Keep), Some(Attribute::Known(json!("3"))));
}

#[test]
fn versions_that_functions_use_are_compared_with_the_newest_one() {
    let notes = |newest: Option<i64>, used: &str| {
        let mut cx = crate::kinds::testing::declaring(&[("function/orders", json!({}))]);
        let function = json!({"role": "r", "code": {}, "layers": [arn(&place(), used)]});
        let live = Observed::new("orders", Document::from(function));
        cx.observed.insert(Address::new(KindId::Function, &["orders"]), live);
        let mut desired = Layer::default();
        Layer::derive_from_plan(&mut desired, &place(), &cx);
        let live = newest.map(|newest| Layer::observe(&place(), None, &account(&[newest])).unwrap().unwrap());
        let (at, desired) = (place(), Some(&desired));
        let change = WriteContext { at: &at, action: Action::Update, desired, live: live.as_ref(), changes: &[] };
        Layer::review(&change, &cx).notes
    };
    assert_eq!(notes(Some(3), "3"), [""; 0]);
    assert!(notes(Some(4), "3")[0].contains("version 4 is not the one that the functions of this spec use"));
    assert_eq!(notes(None, "3"), ["version 3, which functions of this spec use, has been deleted"]);
}

#[test]
fn a_layer_is_deleted_version_by_version_and_the_oldest_goes_first() {
    let (place, mut live) = (place(), Observed::new("10", Layer::default()));
    live.extra = Extra::of(Numbers(vec![2, 9, 10]));
    let change = WriteContext { at: &place, action: Action::Delete, desired: None, live: Some(&live), changes: &[] };
    let calls: Vec<_> = Layer::writes(&change)
        .iter()
        .map(|write| {
            let request = WriteRequest {
                at: &place,
                desired: None,
                live: None,
                covers: &write.covers,
                package: None,
                also_creates: &[],
            };
            Layer::request(write.operation, &request).unwrap()
        })
        .collect();
    let delete = |number: i64| DeleteLayerVersionInputBuilder::default().layer_name("common").version_number(number);
    assert_eq!(calls, [2, 9, 10].map(|number| delete(number).call()));
}

#[test]
fn a_publication_says_which_version_it_differs_from() {
    let reason = |live: Option<&Observed<Layer>>| {
        let (place, desired) = (place(), Layer::default());
        let change = WriteContext { at: &place, action: Action::Update, desired: Some(&desired), live, changes: &[] };
        let write = Layer::writes(&change).remove(0);
        assert_eq!(write.operation, Operation::PublishLayerVersion);
        write.reason
    };
    let live = Layer::observe(&place(), None, &account(&[3])).unwrap();
    assert_eq!(reason(live.as_ref()), StepReasonKind::ContentDiffers { version: "3".to_owned() }.into());
    assert_eq!(reason(None), StepReasonKind::Unpublished.into());
}
