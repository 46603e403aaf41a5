//! Tests of what is peculiar to functions: defaults, clearing, and the order of the writes.

mod code_identity;

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
    let write = WriteRequest {
        at: &at(),
        desired: Some(desired),
        live: Some(live),
        covers: &covers,
        package: None,
        also_creates: &[],
    };
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
