//! Tests of what is peculiar to functions: defaults, clearing, the identity of code, and the order of the writes.

use std::collections::BTreeMap;

use aws_sdk_lambda::types as aws;
use aws_sdk_lambda::types::{FunctionConfiguration, LastUpdateStatus, State as LambdaState};
use serde_json::{Value, json};

use super::observe::*;
use super::spec::Function;
use super::*;
use crate::diff::{Difference, Terms, diff};
use crate::model::{Action, AttributeName, Change, Contents, FieldPath, KindId, Ownership, Package};
use crate::resource::testing::TestContext;
use crate::resource::{
    ApplyWrites as _, Attribute, Declare as _, KindEntry, Observe as _, Observed, PlanWrites as _, ResourceRef, State,
    WriteContext, WriteRequest, testing,
};
use crate::wire::{Call, CreateFunctionOutput, GetFunctionOutput, Operation, ReadCache, ReadResult, Reply, TypedCall};

const SHA: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

fn at() -> ResourceRef {
    testing::at(KindId::Function, &["orders"])
}

fn spec(change: Value) -> Function {
    let mut value = json!({
        "role": "arn:aws:iam::123456789012:role/r", "runtime": "python3.13", "handler": "a.h", "code": {"zip": "a.zip"},
    });
    for (key, field) in change.as_object().cloned().unwrap_or_default() {
        value[key] = field;
    }
    serde_json::from_value(value).unwrap()
}

fn completed(change: Value) -> Function {
    let mut spec = spec(change);
    let package = Package { bytes: b"".to_vec().into(), sha256: SHA.to_owned(), contents: Contents::default() };
    let is_ours = Function::package_source(&spec).is_some();
    Function::apply_defaults(&mut spec, &at(), is_ours.then_some(&package));
    spec
}

/// The ids of the rules that a changed function breaks, among other declared resources: their addresses, and perhaps their
/// fields as JSON.
pub fn findings(change: &str, others: &[&'static str]) -> Vec<&'static str> {
    let spec = spec(serde_json::from_str(change).unwrap());
    let mut at = at();
    at.names = [Function::name(&spec, "orders")].into();
    let other = |text: &&'static str| match text.split_once(' ') {
        Some((address, fields)) => (address, serde_json::from_str(fields).unwrap()),
        None => (*text, json!({})),
    };
    let others: Vec<_> = others.iter().map(other).collect();
    testing::broken_rules(&spec, &at, &crate::kinds::testing::declaring(&others))
}

/// The least that a server returns of a function.
fn configuration() -> aws::builders::FunctionConfigurationBuilder {
    FunctionConfiguration::builder()
        .function_name("orders")
        .role("arn:aws:iam::123456789012:role/r")
        .runtime(aws::Runtime::from("python3.13"))
        .handler("a.h")
        .code_sha256(SHA)
}

fn replies(config: FunctionConfiguration, code: aws::FunctionCodeLocation, tags: &[(&str, &str)]) -> ReadCache {
    let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let reply = GetFunctionOutput::builder().configuration(config).code(code).set_tags(Some(tags)).build();
    let mut replies = ReadCache::default();
    replies.insert(&reading("orders").call(), ReadResult::Pages(vec![Reply::GetFunction(Box::new(reply))]));
    replies
}

fn ours(config: FunctionConfiguration, code: aws::FunctionCodeLocation) -> ReadCache {
    replies(config, code, &[("trueup:stack", "shop")])
}

fn nowhere() -> aws::FunctionCodeLocation {
    aws::FunctionCodeLocation::builder().build()
}

fn observe(desired: &Function, replies: &ReadCache) -> Observed<Function> {
    Function::observe(&at(), Some(desired), replies).unwrap().unwrap()
}

fn compare(desired: &Function, live: &Observed<Function>) -> Difference {
    let mut replies = live.value.clone();
    Function::canonicalize(desired, &mut replies);
    let (desired, replies) = (serde_json::to_value(desired).unwrap(), serde_json::to_value(&replies).unwrap());
    let schema = KindEntry::new::<Function>().schema().clone();
    let terms = Terms { schema: &schema, ignore: &[], pending: &BTreeMap::new(), prune: false };
    diff(Some(&desired), Some(&replies), &terms)
}

fn changed(desired: &Function, live: &Observed<Function>) -> Vec<String> {
    compare(desired, live).changes.iter().map(|change| change.path.to_string()).collect()
}

fn planned_writes(
    action: Action,
    desired: &Function,
    live: Option<&Observed<Function>>,
    changes: &[Change],
) -> Vec<&'static str> {
    let change = WriteContext { at: &at(), action, desired: Some(desired), live, changes };
    Function::writes(&change).iter().map(|write| write.operation.name()).collect()
}

fn known(desired: &Function, live: Option<&Observed<Function>>, action: Action) -> Option<Attribute> {
    Function::attributes(&at(), desired, live, action).remove(&AttributeName::CODE_SHA256)
}

#[test]
fn absent_means_the_default_even_where_a_server_leaves_members_out() {
    let desired = completed(json!({}));
    let live = observe(&desired, &ours(configuration().build(), nowhere()));
    assert_eq!(changed(&desired, &live), Vec::<String>::new());
    assert_eq!(live.owner, Ownership::Stack("shop".to_owned()));
}

#[test]
fn what_was_emptied_is_absent() {
    let emptied = configuration()
        .environment(aws::EnvironmentResponse::builder().set_variables(Some([].into())).build())
        .vpc_config(aws::VpcConfigResponse::builder().vpc_id("").build())
        .dead_letter_config(aws::DeadLetterConfig::builder().target_arn("").build())
        .kms_key_arn("")
        .layers(aws::Layer::builder().build());
    let desired = completed(json!({"environment": {"variables": {}}, "layers": []}));
    assert_eq!(changed(&desired, &observe(&desired, &ours(emptied.build(), nowhere()))), Vec::<String>::new());
}

#[test]
fn an_update_sends_what_changes_and_clears_in_the_form_that_lambda_takes() {
    let config = configuration()
        .timeout(30)
        .description("old")
        .kms_key_arn("arn:aws:kms:eu-west-1:123456789012:key/k")
        .dead_letter_config(aws::DeadLetterConfig::builder().target_arn("arn:aws:sqs:eu-west-1:1:q").build())
        .vpc_config(aws::VpcConfigResponse::builder().subnet_ids("subnet-1").security_group_ids("sg-1").build())
        .layers(aws::Layer::builder().arn("arn:aws:lambda:eu-west-1:123456789012:layer:l:1").build())
        .logging_config(aws::LoggingConfig::builder().log_format(aws::LogFormat::Json).log_group("mine").build());
    let desired = completed(json!({}));
    let live = observe(&desired, &ours(config.build(), nowhere()));
    let changes = compare(&desired, &live).changes;
    assert_eq!(planned_writes(Action::Update, &desired, Some(&live), &changes), ["UpdateFunctionConfiguration"]);
    let covers: Vec<FieldPath> = changes.iter().map(|change| change.path.clone()).collect();
    let write = WriteRequest { at: &at(), desired: Some(desired), live: Some(live), covers: &covers, package: None };
    let Call::UpdateFunctionConfiguration(call) =
        Function::request(Operation::UpdateFunctionConfiguration, &write).unwrap()
    else {
        panic!("another call")
    };
    let empty = aws::VpcConfig::builder().set_subnet_ids(Some(vec![])).set_security_group_ids(Some(vec![])).build();
    let text = aws::LoggingConfig::builder().log_format(aws::LogFormat::Text).log_group("/aws/lambda/orders").build();
    let wanted = crate::wire::UpdateFunctionConfigurationInputBuilder::default()
        .function_name("orders")
        .timeout(3)
        .description("")
        .kms_key_arn("")
        .environment(aws::Environment::builder().set_variables(Some([].into())).build())
        .dead_letter_config(aws::DeadLetterConfig::builder().target_arn("").build())
        .vpc_config(empty)
        .set_layers(Some(vec![]))
        .logging_config(text);
    assert_eq!(*call, wanted);
}

#[test]
fn configuration_comes_before_code_and_code_before_tags() {
    let desired = completed(json!({"timeout": 9, "architectures": ["arm64"], "tags": {"a": "1"}}));
    let live = observe(&desired, &ours(configuration().build(), nowhere()));
    let changes = compare(&desired, &live).changes;
    let writes = ["UpdateFunctionConfiguration", "UpdateFunctionCode", "TagResource"];
    assert_eq!(planned_writes(Action::Update, &desired, Some(&live), &changes), writes);
}

#[test]
fn what_cannot_change_in_place_replaces() {
    let desired = completed(json!({"tenancy_config": {"tenant_isolation_mode": "PER_TENANT"}}));
    let live = observe(&desired, &ours(configuration().build(), nowhere()));
    let difference = compare(&desired, &live);
    assert!(difference.changes.iter().all(|change| change.forces_replacement), "{difference:?}");
    let from_s3 = completed(json!({"code": {"s3": {"bucket": "bucket", "key": "k"}}}));
    let writes = ["DeleteFunction", "CreateFunction", "TagResource"];
    assert_eq!(planned_writes(Action::Replace, &from_s3, Some(&live), &difference.changes), writes);
    let durable = completed(json!({"durable_config": {"execution_timeout": 60}}));
    assert!(compare(&durable, &live).changes.iter().all(|change| change.forces_replacement));
}

#[test]
fn code_from_s3_is_known_by_the_tag_as_long_as_the_hash_is_the_live_one() {
    let desired = completed(json!({"code": {"s3": {"bucket": "bucket", "key": "k"}}}));
    assert_eq!(planned_writes(Action::Create, &desired, None, &[]), ["CreateFunction", "TagResource"]);
    assert_eq!(known(&desired, None, Action::Create), Some(Attribute::Unknown));
    let tag = code::remembered(desired.code.s3.as_ref().unwrap(), SHA);
    let tagged = |sha256: &str, tag: &str| {
        let config = configuration().code_sha256(sha256).build();
        observe(&desired, &replies(config, nowhere(), &[("trueup:stack", "shop"), ("trueup:code", tag)]))
    };
    let same = tagged(SHA, &tag);
    assert_eq!(changed(&desired, &same), Vec::<String>::new());
    assert_eq!(compare(&desired, &same).unmanaged, Vec::<FieldPath>::new());
    assert_eq!(known(&desired, Some(&same), Action::Keep), Some(Attribute::Known(json!(SHA))));
    let overwritten = tagged("another", &tag);
    assert!(changed(&desired, &overwritten).iter().all(|path| path.starts_with("code.s3")));
    assert!(!changed(&desired, &overwritten).is_empty());
    assert!(!changed(&desired, &observe(&desired, &ours(configuration().build(), nowhere()))).is_empty());
}

#[test]
fn a_hash_next_to_the_s3_object_needs_no_tag() {
    let desired = completed(json!({"code": {"s3": {"bucket": "bucket", "key": "k", "sha256": SHA}}}));
    assert_eq!(planned_writes(Action::Create, &desired, None, &[]), ["CreateFunction"]);
    assert_eq!(known(&desired, None, Action::Create), Some(Attribute::Known(json!(SHA))));
    let live = observe(&desired, &ours(configuration().build(), nowhere()));
    assert_eq!(changed(&desired, &live), Vec::<String>::new());
    let live = observe(&desired, &ours(configuration().code_sha256("another").build(), nowhere()));
    assert_eq!(changed(&desired, &live), ["code.sha256"]);
}

#[test]
fn the_s3_object_that_lambda_returns_is_the_live_one() {
    let object = |version: &str| {
        let object = aws::ResolvedS3Object::builder().s3_bucket("bucket").s3_key("k").s3_object_version(version);
        aws::FunctionCodeLocation::builder().resolved_s3_object(object.build()).build()
    };
    let code = |version: Value| json!({"code": {"s3": {"bucket": "bucket", "key": "k", "object_version": version}}});
    let unpinned = completed(code(Value::Null));
    let live = observe(&unpinned, &ours(configuration().build(), object("v1")));
    assert_eq!(changed(&unpinned, &live), Vec::<String>::new());
    assert_eq!(changed(&completed(code(json!("v2"))), &live), ["code.s3.object_version"]);
}

#[test]
fn an_image_is_known_by_tag_or_by_digest() {
    let config = configuration().package_type(aws::PackageType::Image).code_sha256("abc").set_runtime(None);
    let location = aws::FunctionCodeLocation::builder()
        .image_uri("1.dkr.ecr/repo:v1")
        .resolved_image_uri("1.dkr.ecr/repo@sha256:abc")
        .build();
    let replies = ours(config.set_handler(None).build(), location);
    let image = |uri: &str| completed(json!({"runtime": null, "handler": null, "code": {"image": uri}}));
    for same in ["1.dkr.ecr/repo:v1", "1.dkr.ecr/repo@sha256:abc"] {
        let desired = image(same);
        let live = observe(&desired, &replies);
        assert_eq!(changed(&desired, &live), Vec::<String>::new());
        assert_eq!(known(&desired, Some(&live), Action::Keep), Some(Attribute::Known(json!("abc"))), "{same}");
    }
    let other = image("1.dkr.ecr/repo:v2");
    let live = observe(&other, &replies);
    assert_eq!(changed(&other, &live), ["code.image"]);
    assert_eq!(known(&other, Some(&live), Action::Update), Some(Attribute::Unknown));
}

#[test]
fn a_package_made_here_is_known_before_it_is_sent() {
    let desired = completed(json!({"architectures": ["arm64"]}));
    let live = observe(&desired, &ours(configuration().code_sha256("another").build(), nowhere()));
    assert_eq!(changed(&desired, &live), ["architectures", "code.sha256"]);
    // What a plan makes of it: the live value with the changes, which knows nothing of where the package came from.
    let mut after = live.value.clone();
    after.architectures = desired.architectures.clone();
    after.code.sha256 = desired.code.sha256.clone();
    assert_eq!(known(&after, Some(&live), Action::Update), Some(Attribute::Known(json!(SHA))));
    assert_eq!(known(&desired, Some(&live), Action::Replace), Some(Attribute::Known(json!(SHA))));
}

#[test]
fn external_code_is_neither_compared_nor_created() {
    let desired = completed(json!({"code": {"external": true}}));
    let config = configuration().code_sha256("another").architectures(aws::Architecture::Arm64).build();
    let live = observe(&desired, &ours(config, nowhere()));
    assert_eq!(changed(&desired, &live), Vec::<String>::new());
    for (action, objections) in [(Action::Update, 0), (Action::Create, 1), (Action::Replace, 1)] {
        let change = WriteContext { at: &at(), action, desired: Some(&desired), live: None, changes: &[] };
        assert_eq!(Function::review(&change, &TestContext::default()).objections.len(), objections, "{action:?}");
    }
    let write = WriteRequest { at: &at(), desired: Some(desired), live: None, covers: &[], package: None };
    let error = Function::request(Operation::CreateFunction, &write).unwrap_err().to_string();
    assert!(error.contains("`external`"), "{error}");
}

#[test]
fn a_failed_update_is_history_when_planning_and_the_end_when_waiting() {
    let failed = configuration()
        .state(LambdaState::Active)
        .last_update_status(LastUpdateStatus::Failed)
        .last_update_status_reason_code(aws::LastUpdateStatusReasonCode::EniLimitExceeded)
        .build();
    let replies = ours(failed, nowhere());
    let live = observe(&completed(json!({})), &replies);
    assert_eq!(live.state, State::Settled);
    assert!(live.notes[0].contains("EniLimitExceeded"));
    let reply = Reply::GetFunction(Box::new(replies.reply(reading("orders")).unwrap().unwrap().clone()));
    let polled = Function::read_response(&at(), None, &reply).unwrap();
    assert!(matches!(polled.state, State::Failed { code, .. } if code == "EniLimitExceeded"));
}

#[test]
fn a_reply_without_tags_is_no_observation() {
    let reply = Reply::CreateFunction(Box::new(CreateFunctionOutput::builder().function_name("orders").build()));
    assert!(Function::read_response(&at(), None, &reply).is_none());
}
