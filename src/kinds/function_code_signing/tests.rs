//! Tests of what is peculiar to functions' code signing configurations: their order, and code that cannot be signed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::observe::reading;
use super::spec::*;
use crate::kinds::code_signing_config::unused;
use crate::model::{Action, Address, AttributeName, FieldPath, KindId, StepReasonKind, Template};
use crate::resource::testing::{TestContext, at, broken_rules, insert_reply, wanted};
use crate::resource::{
    ApplyWrites as _, Observe as _, Observed, PlanWrites as _, ResourceRef, WriteContext, WriteRequest,
};
use crate::wire::{
    DeleteFunctionCodeSigningConfigInputBuilder, Failure, FailureClass, GetFunctionCodeSigningConfigOutput, Operation,
    PutFunctionCodeSigningConfigInputBuilder, ReadCache, ReadResult, Reply, TypedCall,
};

const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-0123456789abcdef0";
const OLD: &str = "arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-00000000000000000";

fn place() -> ResourceRef {
    at(KindId::FunctionCodeSigning, &["orders"])
}

fn spec(arn: &str) -> FunctionCodeSigning {
    FunctionCodeSigning { code_signing_config_arn: arn.to_owned(), at_creation: None }
}

/// The rules that a function of this code breaks, with a layer from a directory, under a configuration with this policy.
fn codes(code: Value, policy: &str) -> Vec<&'static str> {
    let config = json!({
        "allowed_publishers": {"signing_profile_version_arns": ["arn:p"]},
        "code_signing_policies": {"untrusted_artifact_on_deployment": policy},
    });
    let mut cx = crate::kinds::testing::declaring(&[
        ("function/orders", json!({"code": code})),
        ("code_signing_config/ours", config),
        ("layer/common", json!({"code": {"dir": "layer"}})),
    ]);
    let mut refer = |from: &ResourceRef, field: &'static str, kind: KindId, key: &str| {
        let target = Template::reference(Address::new(kind, &[key]), AttributeName::ARN);
        cx.pending.insert(from.address.clone(), BTreeMap::from([(FieldPath::from(field), target)]));
    };
    refer(&place(), "code_signing_config_arn", KindId::CodeSigningConfig, "ours");
    refer(&at(KindId::Function, &["orders"]), "layers.0", KindId::Layer, "common");
    broken_rules(&spec(ARN), &place(), &cx)
}

#[test]
fn packages_that_nobody_has_signed_are_pointed_out_only_where_signatures_are_enforced() {
    assert_eq!(codes(json!({"zip": "signed.zip"}), "Enforce"), ["V091"], "the layer");
    assert_eq!(codes(json!({"dir": "src"}), "Enforce"), ["V091", "V091"], "the function and the layer");
    assert_eq!(codes(json!({"dir": "src"}), "Warn"), [""; 0]);
    assert_eq!(codes(json!({"image": "i"}), "Warn"), ["V091"], "images are not signed by Lambda");
}

#[test]
fn an_empty_arn_is_no_configuration() {
    let observe = |cache: &ReadCache| FunctionCodeSigning::observe(&place(), None, cache);
    assert_eq!(wanted(observe(&ReadCache::default())), [reading(&place()).call()]);
    let live = |arn: &str| {
        let reply = GetFunctionCodeSigningConfigOutput::builder()
            .code_signing_config_arn(arn)
            .function_name("orders")
            .build()
            .unwrap();
        let mut cache = ReadCache::default();
        insert_reply(&mut cache, reading(&place()), Reply::GetFunctionCodeSigningConfig(Box::new(reply)));
        observe(&cache).unwrap().map(|live| live.value)
    };
    assert_eq!(live(ARN), Some(spec(ARN)));
    assert_eq!(live(""), None);
}

#[test]
fn a_container_image_has_none_and_any_other_failure_is_one() {
    let discover = |class: FailureClass| {
        let failure = Failure {
            request: Operation::GetFunctionCodeSigningConfig.into(),
            class,
            code: "InvalidParameterValueException".to_owned(),
            message: String::new(),
            status: Some(400),
            request_id: None,
            retry_after: None,
        };
        let mut cache = ReadCache::default();
        cache.insert(&reading(&place()).call(), ReadResult::Failed(failure));
        let function = at(KindId::Function, &["orders"]);
        FunctionCodeSigning::discover(&function, &TestContext::default(), &cache).map(|found| found.len()).ok()
    };
    assert_eq!(discover(FailureClass::Invalid), Some(0));
    assert_eq!(discover(FailureClass::AccessDenied), None);
}

#[test]
fn writes_run_before_the_code_is_updated_and_release_the_old_configuration() {
    let (place, live) = (place(), Observed::new("code signing", spec(OLD)));
    let write = |desired: Option<&FunctionCodeSigning>, live| {
        let action = if desired.is_some() { Action::Update } else { Action::Delete };
        FunctionCodeSigning::writes(&WriteContext { at: &place, action, desired, live, changes: &[] })
    };
    let put = write(Some(&spec(ARN)), Some(&live)).remove(0);
    assert_eq!((put.operation, put.ahead), (Operation::PutFunctionCodeSigningConfig, true));
    assert_eq!((put.reason, put.frees), (StepReasonKind::CheckNextCode.into(), vec![unused(OLD)]));
    let delete = write(None, Some(&live)).remove(0);
    assert_eq!((delete.operation, delete.ahead), (Operation::DeleteFunctionCodeSigningConfig, true));
    assert_eq!(delete.frees, [unused(OLD)]);
    let at_creation = FunctionCodeSigning { at_creation: Some(true), ..spec(ARN) };
    assert_eq!(write(Some(&at_creation), None), [], "CreateFunction has set it");
}

#[test]
fn a_declared_configuration_is_put_and_an_undeclared_one_deleted() {
    let place = place();
    let request = |desired: Option<FunctionCodeSigning>| {
        let operation = Operation::PutFunctionCodeSigningConfig;
        let write = WriteRequest { at: &place, desired, live: None, covers: &[], package: None, also_creates: &[] };
        FunctionCodeSigning::request(operation, &write).unwrap()
    };
    let put = PutFunctionCodeSigningConfigInputBuilder::default();
    let put = put.function_name("orders").code_signing_config_arn(ARN);
    assert_eq!(request(Some(spec(ARN))), put.call());
    assert_eq!(request(None), DeleteFunctionCodeSigningConfigInputBuilder::default().function_name("orders").call());
}
