//! Tests of what is peculiar to provisioned concurrency.

use aws_sdk_lambda::types::{
    FunctionConfiguration, ProvisionedConcurrencyConfigListItem, ProvisionedConcurrencyStatusEnum,
};
use serde_json::{Value, json};

use super::observe::*;
use super::spec::*;
use crate::model::{Action, Change, KindId};
use crate::resource::testing::TestContext;
use crate::resource::{Observe as _, Observed, PlanWrites as _, ResourceRef, State, WriteContext, testing};
use crate::wire::{
    ListProvisionedConcurrencyConfigsOutput, ListVersionsByFunctionInputBuilder, ListVersionsByFunctionOutput,
    ReadCache, ReadResult, Reply, TypedCall,
};

fn at() -> ResourceRef {
    testing::at(KindId::ProvisionedConcurrency, &["orders", "live"])
}

fn spec(executions: i32) -> ProvisionedConcurrency {
    ProvisionedConcurrency { provisioned_concurrent_executions: Some(executions), failed: Some(false) }
}

fn codes(executions: i32, other_allocations: &[(&str, Value)]) -> Vec<&'static str> {
    testing::broken_rules(&spec(executions), &at(), &crate::kinds::testing::declaring(other_allocations))
}

#[test]
fn each_rule_finds_its_mistake_and_leaves_what_is_right_alone() {
    let alias = |version: &str| ("alias/orders/live", json!({"function_version": version}));
    let reserved = |n: i64| ("reserved_concurrency/orders", json!({"reserved_concurrent_executions": n}));
    let other = ("provisioned_concurrency/orders/canary", json!({"provisioned_concurrent_executions": 3}));
    let next = |version: &str| ("alias/orders/canary", json!({"function_version": version}));
    let shared = json!({"function_version": "1", "routing_config": {"additional_version_weights": {"2": 0.1}}});
    assert_eq!(codes(4, &[alias("7"), reserved(7), other.clone(), next("8")]), [""; 0]);
    assert_eq!(codes(4, &[alias("$LATEST")]), ["V065"]);
    assert_eq!(codes(4, &[alias("7"), reserved(6), other.clone(), next("8")]), ["V066"]);
    assert_eq!(codes(1, &[alias("7"), reserved(0)]), ["V066"]);
    assert_eq!(codes(4, &[alias("published"), other, next("published")]), ["V067"]);
    assert_eq!(codes(4, &[("alias/orders/live", shared)]), ["V068"]);
    let fixed = |number: &str| {
        let at = testing::at(KindId::ProvisionedConcurrency, &["orders", number]);
        let other_allocations = [alias("7"), ("provisioned_concurrency/orders/live", json!({}))];
        testing::broken_rules(&spec(1), &at, &crate::kinds::testing::declaring(&other_allocations))
    };
    assert_eq!(fixed("8"), [""; 0]);
    assert_eq!(fixed("seven"), ["V132"]);
    let function = |value: Value| ("function/orders", value);
    let codes = |executions: i32, other_allocations: &[(&str, Value)]| {
        codes(executions, &[other_allocations, &[alias("7")]].concat())
    };
    assert_eq!(codes(4, &[function(json!({"snap_start": {"apply_on": "PublishedVersions"}}))]), ["V028"]);
    assert_eq!(codes(4, &[function(json!({"tenancy_config": {"tenant_isolation_mode": "PER_TENANT"}}))]), ["V033"]);
    assert_eq!(codes(4, &[function(json!({"snap_start": {"apply_on": "None"}, "tenancy_config": null}))]), [""; 0]);
}

#[test]
fn the_listing_suffices_where_the_server_knows_it() {
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders:";
    let fixed = ProvisionedConcurrencyConfigListItem::builder().function_arn(format!("{arn}7"));
    let item = ProvisionedConcurrencyConfigListItem::builder()
        .function_arn(format!("{arn}live"))
        .requested_provisioned_concurrent_executions(4)
        .status(ProvisionedConcurrencyStatusEnum::Failed)
        .status_reason("FUNCTION_ERROR_INIT_FAILURE")
        .build();
    let mut cache = ReadCache::default();
    let reply = ListProvisionedConcurrencyConfigsOutput::builder()
        .provisioned_concurrency_configs(item)
        .provisioned_concurrency_configs(fixed.build())
        .build();
    cache.insert(
        &listing("orders").call(),
        ReadResult::Pages(vec![Reply::ListProvisionedConcurrencyConfigs(Box::new(reply))]),
    );
    assert!(testing::wanted(ProvisionedConcurrency::observe(&at(), None, &cache)).is_empty());
    let live = ProvisionedConcurrency::observe(&at(), None, &cache).unwrap().unwrap();
    assert_eq!(live.value.failed, Some(true));
    let function = testing::at(KindId::Function, &["orders"]);
    let versions = ListVersionsByFunctionInputBuilder::default().function_name("orders");
    let seven = FunctionConfiguration::builder().version("7").build();
    let reply = ListVersionsByFunctionOutput::builder().versions(seven).build();
    testing::insert_reply(&mut cache, versions, Reply::ListVersionsByFunction(Box::new(reply)));
    let found = ProvisionedConcurrency::discover(&function, &TestContext::default(), &cache).unwrap();
    let found: Vec<_> = found.iter().map(|found| found.at.address.to_string()).collect();
    assert_eq!(found, ["provisioned_concurrency/orders/7"]);
    assert!(matches!(live.state, State::Failed { reason, .. } if reason == "FUNCTION_ERROR_INIT_FAILURE"));

    let unmodelled = ListProvisionedConcurrencyConfigsOutput::builder().build();
    cache.insert(
        &listing("orders").call(),
        ReadResult::Pages(vec![Reply::ListProvisionedConcurrencyConfigs(Box::new(unmodelled))]),
    );
    assert_eq!(testing::wanted(ProvisionedConcurrency::observe(&at(), None, &cache)), [reading(&at()).call()]);
}

#[test]
fn lowering_frees_capacity_and_raising_takes_it() {
    let write = |before: Option<i32>, after: Option<i32>| {
        let (live, desired) = (before.map(|before| Observed::new("live", spec(before))), after.map(spec));
        let changes: &[Change] = &[];
        let at = at();
        let change =
            WriteContext { at: &at, action: Action::Update, desired: desired.as_ref(), live: live.as_ref(), changes };
        let write = ProvisionedConcurrency::writes(&change).remove(0);
        (write.operation.name(), !write.frees.is_empty(), !write.takes.is_empty())
    };
    assert_eq!(write(None, Some(2)), ("PutProvisionedConcurrencyConfig", false, true));
    assert_eq!(write(Some(4), Some(2)), ("PutProvisionedConcurrencyConfig", true, false));
    assert_eq!(write(Some(4), None), ("DeleteProvisionedConcurrencyConfig", true, false));
}

#[test]
fn declared_with_none_the_allocation_is_deleted_and_nothing_is_written_where_there_is_none() {
    let desired = ProvisionedConcurrency { provisioned_concurrent_executions: None, failed: Some(false) };
    let writes = |live: Option<i32>| {
        let live = live.map(|live| Observed::new("live", spec(live)));
        let (at, changes): (_, &[Change]) = (at(), &[]);
        let change =
            WriteContext { at: &at, action: Action::Update, desired: Some(&desired), live: live.as_ref(), changes };
        ProvisionedConcurrency::writes(&change).iter().map(|write| write.operation.name()).collect::<Vec<_>>()
    };
    assert_eq!(writes(None), [""; 0]);
    assert_eq!(writes(Some(4)), ["DeleteProvisionedConcurrencyConfig"]);
    for (text, expected) in [("null", None), ("0", None), ("1", Some(1))] {
        let text = format!("{{\"provisioned_concurrent_executions\": {text}}}");
        let read: ProvisionedConcurrency = serde_json::from_str(&text).unwrap();
        assert_eq!(read.provisioned_concurrent_executions, expected, "{text}");
    }
    // What only several allocations together may not be, none is.
    let beside = [
        ("alias/orders/live", json!({"function_version": "$LATEST"})),
        ("function/orders", json!({"tenancy_config": {"tenant_isolation_mode": "PER_TENANT"}})),
        ("reserved_concurrency/orders", json!({"reserved_concurrent_executions": 0})),
    ];
    assert_eq!(testing::broken_rules(&desired, &at(), &crate::kinds::testing::declaring(&beside)), [""; 0]);
}
