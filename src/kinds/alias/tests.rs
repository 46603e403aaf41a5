//! Tests of what is peculiar to aliases: AWS's own weights, the RevisionId, and versions that do not exist.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{
    AliasConfiguration, AliasRoutingConfiguration, ProvisionedConcurrencyConfigListItem,
    ProvisionedConcurrencyStatusEnum,
};
use serde_json::json;

use super::observe::listing;
use super::spec::*;
use crate::model::{Action, AttributeName, Change, FieldPath, KindId, StepReasonKind};
use crate::resource::testing::{TestContext, at, insert_reply, wanted};
use crate::resource::{
    ApplyWrites as _, Attribute, Observe as _, Observed, PlanWrites as _, PlannedWrite, PreconditionKind, State,
    WriteContext, WriteRequest,
};
use crate::wire::{
    GetAliasOutput, ListAliasesOutput, ListProvisionedConcurrencyConfigsInputBuilder,
    ListProvisionedConcurrencyConfigsOutput, Operation, ReadCache, ReadResult, Reply, TypedCall,
    UpdateAliasInputBuilder, UpdateAliasOutput,
};

fn spec(version: &str, weights: &[(&str, f64)]) -> Alias {
    let weights: BTreeMap<String, f64> =
        weights.iter().map(|(version, weight)| ((*version).to_owned(), *weight)).collect();
    let routing_config = Some(RoutingConfig { additional_version_weights: weights });
    let mut spec = Alias { function_version: version.to_owned(), description: String::new(), routing_config };
    Alias::apply_defaults(&mut spec, &at(KindId::Alias, &["orders", "live"]), None);
    spec
}

fn routing(weights: &[(&str, f64)]) -> AliasRoutingConfiguration {
    let weights = weights.iter().map(|(version, weight)| ((*version).to_owned(), *weight)).collect();
    AliasRoutingConfiguration::builder().set_additional_version_weights(Some(weights)).build()
}

/// An account whose alias `live` points to version 1 and has these weights.
fn account(weights: &[(&str, f64)]) -> ReadCache {
    let other = AliasConfiguration::builder().name("canary").function_version("2").build();
    let alias = AliasConfiguration::builder()
        .name("live")
        .function_version("1")
        .routing_config(routing(weights))
        .revision_id("r1")
        .build();
    let reply = ListAliasesOutput::builder().aliases(other).aliases(alias).build();
    let mut cache = ReadCache::default();
    insert_reply(&mut cache, listing("orders"), Reply::ListAliases(Box::new(reply)));
    cache
}

fn provisioned() -> ListProvisionedConcurrencyConfigsInputBuilder {
    ListProvisionedConcurrencyConfigsInputBuilder::default().function_name("orders")
}

fn with_provisioned(mut cache: ReadCache, status: ProvisionedConcurrencyStatusEnum) -> ReadCache {
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders:live";
    let item = ProvisionedConcurrencyConfigListItem::builder().function_arn(arn).status(status).build();
    let reply = ListProvisionedConcurrencyConfigsOutput::builder().provisioned_concurrency_configs(item).build();
    insert_reply(&mut cache, provisioned(), Reply::ListProvisionedConcurrencyConfigs(Box::new(reply)));
    cache
}

#[test]
fn one_listing_shows_every_alias_of_a_function() {
    let at = at(KindId::Alias, &["orders", "live"]);
    assert_eq!(wanted(Alias::observe(&at, None, &ReadCache::default())), [listing("orders").call()]);
    let live = Alias::observe(&at, Some(&spec("1", &[])), &account(&[])).unwrap().unwrap();
    assert_eq!((&live.value, live.revision.as_deref(), &live.state), (&spec("1", &[]), Some("r1"), &State::Settled));
    assert_eq!(live.text(&AttributeName::FUNCTION_VERSION), Some("1"));
    let function = crate::resource::testing::at(KindId::Function, &["orders"]);
    let found = Alias::discover(&function, &TestContext::default(), &account(&[])).unwrap();
    let found: Vec<String> = found.iter().map(|found| found.at.address.to_string()).collect();
    assert_eq!(found, ["alias/orders/canary", "alias/orders/live"]);
    let missing = crate::resource::testing::at(KindId::Alias, &["orders", "next"]);
    assert_eq!(Alias::observe(&missing, None, &account(&[])).unwrap(), None);
}

#[test]
fn weights_count_as_aws_s_own_only_while_it_moves_provisioned_concurrency() {
    let at = at(KindId::Alias, &["orders", "live"]);
    let desired = spec("1", &[]);
    let observe = |cache: &ReadCache| Alias::observe(&at, Some(&desired), cache);
    let shifted = account(&[("2", 0.5)]);
    assert_eq!(wanted(observe(&shifted)), [provisioned().call()], "a second read decides");
    let live = |cache: &ReadCache| observe(cache).unwrap().unwrap();
    let moving = live(&with_provisioned(shifted.clone(), ProvisionedConcurrencyStatusEnum::InProgress));
    assert_eq!(moving.value, desired);
    assert!(matches!(moving.state, State::Settling { .. }));
    let manual = live(&with_provisioned(shifted.clone(), ProvisionedConcurrencyStatusEnum::Ready));
    assert_eq!((manual.value, manual.state), (spec("1", &[("2", 0.5)]), State::Settled));
    let mut unlisted = shifted;
    unlisted.insert(&provisioned().call(), ReadResult::GivenUp);
    assert_eq!(live(&unlisted).value, spec("1", &[("2", 0.5)]), "without the listing they are a user's");
    let declared = spec("1", &[("2", 0.5)]);
    assert!(
        wanted(Alias::observe(&at, Some(&declared), &account(&[("2", 0.5)]))).is_empty(),
        "declared weights are ours"
    );
}

fn changed(path: &'static str) -> Change {
    Change {
        path: FieldPath::from(path),
        before: None,
        after: Some(json!("2").into()),
        unknown: false,
        secret: false,
        forces_replacement: false,
    }
}

#[test]
fn an_update_carries_the_revision_and_says_what_differs() {
    let at = at(KindId::Alias, &["orders", "live"]);
    let (desired, live) = (spec("2", &[]), Observed::new("live", spec("1", &[])));
    let write = |changes: &[Change]| {
        let change =
            WriteContext { at: &at, action: Action::Update, desired: Some(&desired), live: Some(&live), changes };
        Alias::writes(&change)
    };
    let update = |reason: StepReasonKind| {
        vec![PlannedWrite::new(Operation::UpdateAlias, reason).guarded(PreconditionKind::Revision)]
    };
    let moved = StepReasonKind::PointsElsewhere { version: "1".to_owned() };
    assert_eq!(write(&[changed("function_version"), changed("description")]), update(moved));
    let weights = changed("routing_config.additional_version_weights.2");
    assert_eq!(write(&[weights]), update(StepReasonKind::TrafficWeightsDiffer));
    let description = StepReasonKind::FieldsDiffer { fields: vec!["description".to_owned()] };
    assert_eq!(write(&[changed("description")]), update(description));
}

#[test]
fn an_update_always_sends_the_weights_because_lambda_keeps_those_that_are_left_out() {
    let at = at(KindId::Alias, &["orders", "live"]);
    let request = |operation: Operation, weights: &[(&str, f64)]| {
        let write = WriteRequest {
            at: &at,
            desired: Some(spec("2", weights)),
            live: None,
            covers: &[],
            package: None,
            also_creates: &[],
        };
        Alias::request(operation, &write).unwrap()
    };
    let update = UpdateAliasInputBuilder::default().function_name("orders").name("live").function_version("2");
    let update = update.description("");
    assert_eq!(request(Operation::UpdateAlias, &[]), update.clone().routing_config(routing(&[])).call());
    let half = [("3", 0.5)];
    assert_eq!(request(Operation::UpdateAlias, &half), update.routing_config(routing(&half)).call());
}

#[test]
fn an_updated_alias_has_settled_once_a_read_shows_no_more_weights() {
    let at = at(KindId::Alias, &["orders", "live"]);
    let desired = spec("2", &[]);
    let updated = UpdateAliasOutput::builder().function_version("2").build();
    let state = |reply: &Reply| Alias::read_response(&at, Some(&desired), reply).unwrap().state;
    assert!(matches!(state(&Reply::UpdateAlias(Box::new(updated))), State::Settling { .. }));
    let read = |weights: &[(&str, f64)]| {
        let reply = GetAliasOutput::builder().function_version("2").routing_config(routing(weights)).build();
        state(&Reply::GetAlias(Box::new(reply)))
    };
    assert!(matches!(read(&[("1", 0.5)]), State::Settling { .. }));
    assert_eq!(read(&[]), State::Settled);
    assert!(Alias::poll(&at, Operation::UpdateAlias, None).is_some());
    assert_eq!(Alias::poll(&at, Operation::DeleteAlias, None), None);
}

#[test]
fn a_version_that_neither_exists_nor_is_published_is_objected_to() {
    let at = at(KindId::Alias, &["orders", "live"]);
    let objections = |version: &str, weights: &[(&str, f64)]| {
        let mut cx = crate::kinds::testing::declaring(&[("version/orders", json!({}))]);
        cx.attributes.insert(AttributeName::VERSION, Attribute::Predicted(json!("3")));
        let desired = spec(version, weights);
        let change =
            WriteContext { at: &at, action: Action::Update, desired: Some(&desired), live: None, changes: &[] };
        Alias::review(&change, &cx).objections
    };
    assert_eq!(objections("3", &[]), [""; 0]);
    assert_eq!(objections("4", &[]), ["alias/orders/live names version 4, which does not exist"]);
    assert_eq!(objections("1", &[("9", 0.1)]), ["alias/orders/live names version 9, which does not exist"]);
    assert_eq!(objections("2", &[("2", 0.1)]).len(), 1);
}
