//! Tests of what is peculiar to function URLs: authentication and CORS.

use aws_sdk_lambda::types::{Cors as LambdaCors, InvokeMode};
use serde_json::{Value, json};

use super::spec::*;
use crate::resource::{ApplyWrites as _, PlanWrites as _, ResourceRef, WriteRequest, testing};
use crate::wire::{Call, Operation};

fn at() -> ResourceRef {
    testing::at(KIND, &["orders"])
}

fn spec(value: Value) -> Url {
    serde_json::from_value(value).unwrap()
}

#[test]
fn each_rule_finds_its_mistake_and_leaves_what_is_right_alone() {
    let codes = |value: Value, declared: &[(&str, Value)]| {
        testing::broken_rules(&spec(value), &at(), &crate::kinds::testing::declaring(declared))
    };
    let cors =
        |origin: &str| json!({"auth_type": "AWS_IAM", "cors": {"allow_origins": [origin], "allow_credentials": true}});
    assert_eq!(codes(cors("https://shop.example"), &[]), [""; 0]);
    assert_eq!(codes(cors("*"), &[]), ["V072"]);
    let tenants = ("function/orders", json!({"tenancy_config": {"tenant_isolation_mode": "PER_TENANT"}}));
    assert_eq!(codes(json!({"auth_type": "AWS_IAM"}), &[tenants]), ["V033"]);
    assert_eq!(codes(json!({"auth_type": "NONE"}), &[("function/orders", json!({"tenancy_config": null}))]), [""; 0]);
    let alone = json!({"auth_type": "NONE", "public_statements": false});
    assert_eq!(codes(alone.clone(), &[]), ["V073"]);
    let open = json!({
        "a": {"action": "lambda:InvokeFunctionUrl", "principal": "*", "function_url_auth_type": "NONE"},
        "b": {"action": "lambda:InvokeFunction", "principal": "*", "invoked_via_function_url": true},
    });
    assert_eq!(codes(alone, &[("permissions/orders", open)]), [""; 0]);
}

#[test]
fn headers_have_no_case_and_cors_that_allows_nothing_is_none() {
    let mut live = spec(json!({"auth_type": "NONE", "cors": {"allow_headers": ["content-type", "x-other"]}}));
    let desired = spec(json!({"auth_type": "NONE", "cors": {"allow_headers": ["Content-Type"]}}));
    Url::canonicalize(&desired, &mut live);
    assert_eq!(live.cors.unwrap().allow_headers, ["Content-Type", "x-other"]);
    let mut empty = spec(json!({"auth_type": "NONE", "cors": {}}));
    Url::apply_defaults(&mut empty, &at(), None);
    assert_eq!(empty.cors, None);
}

#[test]
fn an_update_sends_everything_and_removes_cors_by_an_empty_one() {
    let write = WriteRequest {
        at: &at(),
        desired: Some(spec(json!({"auth_type": "NONE"}))),
        live: None,
        covers: &[],
        package: None,
        also_creates: &[],
    };
    let Ok(Call::UpdateFunctionUrlConfig(update)) = Url::request(Operation::UpdateFunctionUrlConfig, &write) else {
        panic!("another call")
    };
    assert_eq!(update.get_cors(), &Some(LambdaCors::builder().build()));
    assert_eq!(update.get_invoke_mode(), &Some(InvokeMode::Buffered));
    assert!(update.get_qualifier().is_none());
}
