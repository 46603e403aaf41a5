//! Tests of what is peculiar to versions: publication, repeated publication, and retention.

use std::collections::BTreeMap;

use aws_sdk_lambda::types as aws;
use aws_sdk_lambda::types::{FunctionConfiguration, FunctionVersion};
use serde_json::json;

use super::listing::reading;
use super::spec::*;
use crate::diff::{Terms, diff};
use crate::kinds::{alias, function};
use crate::model::{Action, Address, AddressMap, AttributeName, FieldPath, KindId, Template};
use crate::resource::testing::TestContext;
use crate::resource::{
    Attribute, Document, KindEntry, Observe as _, Observed, PlanWrites as _, ResourceRef, WriteContext, testing,
};
use crate::wire::{
    Failure, FailureClass, GetFunctionOutput, ListAliasesOutput, ListEventSourceMappingsInputBuilder,
    ListEventSourceMappingsOutput, ListFunctionsInputBuilder, ListFunctionsOutput,
    ListProvisionedConcurrencyConfigsInputBuilder, ListProvisionedConcurrencyConfigsOutput,
    ListVersionsByFunctionInputBuilder, ListVersionsByFunctionOutput, Operation, ReadCache, ReadResult, Reply,
    TypedCall,
};

fn at() -> ResourceRef {
    testing::at(KindId::Version, &["orders"])
}

fn config(version: &str, memory: i32) -> FunctionConfiguration {
    FunctionConfiguration::builder()
        .function_name("orders")
        .function_arn(format!("arn:aws:lambda:eu-west-1:123456789012:function:orders:{version}"))
        .version(version)
        .memory_size(memory)
        .code_sha256("sha")
        .role("r")
        .build()
}

/// An account with versions of a function, some of which an alias points to and some of which failed.
fn account(versions: &[(&str, i32)], aliased: &[&str], failed: &[&str]) -> ReadCache {
    let mut cache = ReadCache::default();
    let list = versions.iter().map(|(version, memory)| config(version, *memory)).collect();
    let list = ListVersionsByFunctionOutput::builder().set_versions(Some(list)).build();
    let call = ListVersionsByFunctionInputBuilder::default().function_name("orders").call();
    cache.insert(&call, ReadResult::Pages(vec![Reply::ListVersionsByFunction(Box::new(list))]));
    let aliases = aliased.iter().map(|version| {
        aws::AliasConfiguration::builder().name(format!("v{version}")).function_version(*version).build()
    });
    let aliases = ListAliasesOutput::builder().set_aliases(Some(aliases.collect())).build();
    cache.insert(&alias::listing("orders").call(), ReadResult::Pages(vec![Reply::ListAliases(Box::new(aliases))]));
    for (version, memory) in versions {
        let mut one = config(version, *memory);
        one.state = Some(if failed.contains(version) { aws::State::Failed } else { aws::State::Active });
        let reply = GetFunctionOutput::builder().configuration(one).build();
        let answer = ReadResult::Pages(vec![Reply::GetFunction(Box::new(reply))]);
        cache.insert(&reading("orders", version).call(), answer);
        let none = Reply::ListEventSourceMappings(Box::new(ListEventSourceMappingsOutput::builder().build()));
        let call = ListEventSourceMappingsInputBuilder::default().function_name(format!("orders:{version}")).call();
        cache.insert(&call, ReadResult::Pages(vec![none]));
    }
    let none = ListProvisionedConcurrencyConfigsOutput::builder().build();
    let call = ListProvisionedConcurrencyConfigsInputBuilder::default().function_name("orders").call();
    cache.insert(&call, ReadResult::Pages(vec![Reply::ListProvisionedConcurrencyConfigs(Box::new(none))]));
    cache
}

fn plan(sha256: Attribute, memory: i32) -> TestContext {
    let function = function::configuration(&config("$LATEST", memory));
    let value = Document::of(function);
    let planned = BTreeMap::from([(Address::new(KindId::Function, &["orders"]), value)]);
    TestContext {
        planned,
        attributes: BTreeMap::from([(AttributeName::CODE_SHA256, sha256)]),
        ..TestContext::default()
    }
}

fn desired(plan: &TestContext) -> (Version, Vec<(FieldPath, Template)>) {
    let mut spec: Version = serde_json::from_value(json!({})).unwrap();
    let pending = Version::derive_from_plan(&mut spec, &at(), plan).pending;
    (spec, pending)
}

fn live(cache: &ReadCache) -> Observed<Version> {
    Version::observe(&at(), None, cache).unwrap().unwrap()
}

fn changed(spec: &Version, live: &Observed<Version>) -> Vec<String> {
    let (want, have) = (serde_json::to_value(spec).unwrap(), serde_json::to_value(&live.value).unwrap());
    let schema = KindEntry::new::<Version>().schema().clone();
    let terms = Terms { schema: &schema, ignore: &[], pending: &BTreeMap::new(), prune: false };
    diff(Some(&want), Some(&have), &terms).changes.iter().map(|change| change.path.to_string()).collect()
}

fn writes(spec: &Version, live: &Observed<Version>) -> Vec<&'static str> {
    let change =
        WriteContext { at: &at(), action: Action::Update, desired: Some(spec), live: Some(live), changes: &[] };
    Version::writes(&change).iter().map(|write| write.operation.name()).collect()
}

fn number_after(live: Option<&Observed<Version>>, action: Action) -> Attribute {
    let spec = serde_json::from_value(json!({})).unwrap();
    Version::attributes(&at(), &spec, live, action).remove(&AttributeName::VERSION).unwrap()
}

fn known(sha256: &str) -> Attribute {
    Attribute::Known(json!(sha256))
}

#[test]
fn a_version_is_known_by_its_content() {
    let newest = live(&account(&[("$LATEST", 512), ("1", 128), ("2", 256)], &[], &[]));
    assert_eq!(newest.identity, "2");
    let (same, pending) = desired(&plan(known("sha"), 256));
    assert!(pending.is_empty());
    assert_eq!(changed(&same, &newest), Vec::<String>::new());
    assert_eq!(number_after(Some(&newest), Action::Keep), Attribute::Known(json!("2")));
    let (other, _) = desired(&plan(known("sha"), 512));
    assert_eq!(changed(&other, &newest), ["content.memory_size"]);
    assert_eq!(writes(&other, &newest), ["PublishVersion"]);
    assert_eq!(number_after(Some(&newest), Action::Update), Attribute::Predicted(json!("3")));
    assert_eq!(number_after(None, Action::Create), Attribute::Predicted(json!("1")));
}

#[test]
fn code_that_lambda_has_yet_to_hash_is_an_operand_of_the_publication() {
    let (_, pending) = desired(&plan(Attribute::Unknown, 128));
    let function = Address::new(KindId::Function, &["orders"]);
    assert_eq!(
        pending,
        [(FieldPath::from("content.code.sha256"), Template::reference(function, AttributeName::CODE_SHA256))]
    );
}

#[test]
fn a_version_that_failed_does_not_count_and_is_published_again_after_a_touch() {
    let cache = account(&[("1", 128), ("2", 256)], &[], &["2"]);
    let healthy = live(&cache);
    assert_eq!(healthy.identity, "1");
    assert_eq!(number_after(Some(&healthy), Action::Update), Attribute::Predicted(json!("3")));
    let (same_as_failed, _) = desired(&plan(known("sha"), 256));
    assert_eq!(writes(&same_as_failed, &healthy), ["UpdateFunctionConfiguration", "PublishVersion"]);
    let (other, _) = desired(&plan(known("sha"), 512));
    assert_eq!(writes(&other, &healthy), ["PublishVersion"]);
    let none = live(&account(&[("1", 128)], &[], &["1"]));
    assert_eq!((none.identity.as_str(), none.value.content), ("", None));
}

#[test]
fn an_alias_vouches_for_a_version_and_spares_a_call() {
    let mut cache = account(&[("1", 128), ("2", 256)], &["2"], &[]);
    let gone = Failure {
        request: Operation::GetFunction.into(),
        class: FailureClass::Unavailable,
        code: String::new(),
        message: "must not be asked".into(),
        status: None,
        request_id: None,
        retry_after: None,
    };
    cache.insert(&reading("orders", "2").call(), ReadResult::Failed(gone));
    assert_eq!(live(&cache).identity, "2");
    assert_eq!(testing::wanted(Version::observe(&at(), None, &cache)), []);
}

#[test]
fn the_account_wide_listing_is_used_until_it_is_given_up() {
    let everyone = ListFunctionsInputBuilder::default().function_version(FunctionVersion::All).call();
    let mut cache = ReadCache::new(true);
    assert_eq!(testing::wanted(Version::observe(&at(), None, &cache)), std::slice::from_ref(&everyone));
    let mut given_up = cache.clone();
    given_up.insert(&everyone, ReadResult::GivenUp);
    let own = ListVersionsByFunctionInputBuilder::default().function_name("orders").call();
    assert_eq!(testing::wanted(Version::observe(&at(), None, &given_up)), [own]);
    let page = |versions: Vec<FunctionConfiguration>| {
        Reply::ListFunctions(Box::new(ListFunctionsOutput::builder().set_functions(Some(versions)).build()))
    };
    let mut other = config("9", 128);
    other.function_name = Some("payments".into());
    let pages = vec![page(vec![config("$LATEST", 128), config("1", 128), other]), page(vec![config("2", 128)])];
    cache.insert(&everyone, ReadResult::Pages(pages));
    assert_eq!(testing::wanted(Version::observe(&at(), None, &cache)), [reading("orders", "2").call()]);
    // A server that lists functions only.
    let unqualified = FunctionConfiguration::builder().function_name("orders").version("$LATEST").build();
    cache.insert(&everyone, ReadResult::Pages(vec![page(vec![unqualified])]));
    let own = ListVersionsByFunctionInputBuilder::default().function_name("orders").call();
    assert_eq!(testing::wanted(Version::observe(&at(), None, &cache)), [own]);
}

#[test]
fn retention_keeps_the_newest_and_what_is_used() {
    let versions = [("1", 1), ("2", 2), ("3", 3), ("4", 4), ("5", 5)];
    // Nobody declares the alias on version 2, and `live` is declared to leave version 3 for the one that is published.
    let mut cache = account(&versions, &["2", "3"], &[]);
    let of =
        |name: &str, version: &str| aws::AliasConfiguration::builder().name(name).function_version(version).build();
    let aliases = ListAliasesOutput::builder().aliases(of("theirs", "2")).aliases(of("live", "3")).build();
    cache.insert(&alias::listing("orders").call(), ReadResult::Pages(vec![Reply::ListAliases(Box::new(aliases))]));
    let live_alias = Address::new(KindId::Alias, &["orders", "live"]);
    let declared = AddressMap::from_iter([
        (Address::new(KindId::Version, &["orders"]), json!({"retain_versions": 2}).into()),
        (live_alias.clone(), json!({"function_version": "published"}).into()),
    ]);
    let function = ResourceRef { address: Address::new(KindId::Function, &["orders"]), ..at() };
    let surplus = |number: Attribute, alias: &str| -> Vec<String> {
        let planned = BTreeMap::from([(live_alias.clone(), json!({"function_version": alias}).into())]);
        let attributes = BTreeMap::from([(AttributeName::VERSION, number)]);
        let plan = TestContext { declared: declared.clone(), planned, attributes, ..TestContext::default() };
        let found = Version::discover(&function, &plan, &cache).unwrap();
        found
            .into_iter()
            .filter(|found| {
                let at = function.below(KindId::Version, &found.identity, &found.identity);
                let live = Version::observe(&at, None, &cache).unwrap().unwrap();
                Version::still_surplus(&at, &live, &plan)
            })
            .map(|found| found.identity)
            .collect()
    };
    assert_eq!(surplus(known("5"), "3"), ["1"]);
    assert_eq!(surplus(known("5"), "5"), ["1", "3"]);
    assert_eq!(surplus(Attribute::Predicted(json!("6")), "6"), ["1", "3", "4"]);
    // The function is replaced, and its versions go with it.
    assert_eq!(surplus(Attribute::Predicted(json!("1")), "1"), Vec::<String>::new());
}
