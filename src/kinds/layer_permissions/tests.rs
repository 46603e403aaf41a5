//! Tests of what is peculiar to layers' policies.

use serde_json::Value;

use super::spec::*;
use crate::model::KindId;
use crate::resource::testing::TestContext;
use crate::resource::{ApplyWrites as _, PlanWrites as _, ResourceRef, testing};
use crate::wire::{GetLayerVersionPolicyOutput, Reply};

fn at() -> ResourceRef {
    testing::at(KindId::LayerPermissions, &["common"])
}

#[test]
fn a_policy_is_read_in_the_words_of_the_spec() {
    let policy = r#"{"Version": "2012-10-17", "Id": "default", "Statement": [
        {"Sid": "a", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
         "Action": "lambda:GetLayerVersion", "Resource": "arn:aws:lambda:eu-west-1:123456789012:layer:common:7"},
        {"Sid": "b", "Effect": "Allow", "Principal": "*", "Action": "lambda:GetLayerVersion",
         "Resource": "arn:aws:lambda:eu-west-1:123456789012:layer:common:7",
         "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}]}"#;
    let reply = GetLayerVersionPolicyOutput::builder().policy(policy).revision_id("r1").build();
    let mut live =
        LayerPermissions::read_response(&at(), None, &Reply::GetLayerVersionPolicy(Box::new(reply))).unwrap();
    assert_eq!((live.identity.as_str(), live.revision.as_deref()), ("7", Some("r1")));
    let spec = |a: &str| {
        let spec =
            serde_json::json!({"a": {"principal": a}, "b": {"principal": "*", "organization_id": "o-a1b2c3d4e5"}});
        LayerPermissions { version: Some("7".into()), ..serde_json::from_value(spec).unwrap() }
    };
    assert_eq!(live.value, spec("210987654321"));
    let desired = spec("arn:aws:iam::210987654321:root");
    LayerPermissions::canonicalize(&desired, &mut live.value);
    assert_eq!(live.value, desired);
}

#[test]
fn an_organization_goes_with_everybody_and_ids_are_plain() {
    let rules = |value: Value| {
        testing::broken_rules::<LayerPermissions>(
            &serde_json::from_value(value).unwrap(),
            &at(),
            &TestContext::default(),
        )
    };
    let organization = |principal: &str| serde_json::json!({"principal": principal, "organization_id": "o-a1b2c3d4e5"});
    assert_eq!(rules(serde_json::json!({"a": organization("*")})), [""; 0]);
    assert_eq!(rules(serde_json::json!({"a": organization("210987654321")})), ["V087"]);
    assert_eq!(rules(serde_json::json!({"a b": {"principal": "*"}})), ["V087"]);
}
