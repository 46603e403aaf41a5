//! Tests of what is peculiar to capacity providers: their rules, and the choices left to Lambda.

use std::collections::BTreeMap;

use aws_sdk_lambda::types as aws;
use serde_json::{Value, json};

use super::observe::*;
use super::spec::{CapacityProvider, *};
use crate::model::{Address, AttributeName, FieldPath, KindId, Template};
use crate::resource::testing::{TestContext, at, broken_rules};
use crate::resource::{PlanWrites as _, State};

fn spec(change: Value) -> CapacityProvider {
    let mut value = json!({
        "vpc_config": {"subnet_ids": ["subnet-1"], "security_group_ids": []},
        "permissions_config": {"capacity_provider_operator_role_arn": "arn:aws:iam::123456789012:role/r"},
    });
    for (key, field) in change.as_object().cloned().unwrap_or_default() {
        value[key] = field;
    }
    serde_json::from_value(value).unwrap()
}

/// The rules that a provider breaks, with or without a function of the architecture `arm64` that runs on it.
fn findings(change: Value, name: &str, function: bool) -> Vec<&'static str> {
    let pending = Template::reference(Address::new(KindId::CapacityProvider, &[name]), AttributeName::ARN);
    let field = "capacity_provider_config.lambda_managed_instances_capacity_provider_config.capacity_provider_arn";
    let pending = BTreeMap::from([(FieldPath::from(field), pending)]);
    let mut cx = TestContext::default();
    if function {
        cx = crate::kinds::testing::declaring(&[("function/orders", json!({"architectures": ["arm64"]}))]);
        cx.pending.insert(Address::new(KindId::Function, &["orders"]), pending);
    }
    broken_rules(&spec(change), &at(KindId::CapacityProvider, &[name]), &cx)
}

#[test]
fn each_rule_finds_what_breaks_it() {
    let requirements = |value: Value| json!({"instance_requirements": value});
    let scaling = |value: Value| json!({"capacity_provider_scaling_config": value});
    let policy = json!([{"predefined_metric_type": "LambdaCapacityProviderAverageCPUUtilization", "target_value": 50}]);
    let none: [&str; 0] = [];
    assert_eq!(findings(json!({}), "pool", false), none);
    assert_eq!(findings(json!({}), "po:ol", false), ["V135"]);
    let both = requirements(json!({"allowed_instance_types": ["m7g.*"], "excluded_instance_types": ["c7g.*"]}));
    assert_eq!(findings(both, "pool", false), ["V051"]);
    assert_eq!(findings(scaling(json!({"scaling_mode": "Manual"})), "pool", false), ["V052"]);
    assert_eq!(findings(scaling(json!({"scaling_policies": policy.clone()})), "pool", false), ["V052"]);
    let right = scaling(json!({"scaling_mode": "Manual", "scaling_policies": policy}));
    assert_eq!(findings(right, "pool", false), none);
    assert_eq!(findings(json!({"propagate_tags": {"explicit_tags": {"a": "b"}}}), "pool", false), ["V053"]);
    assert_eq!(findings(json!({"tags": {"aws:a": "b"}}), "pool", false), ["V096"]);
    assert_eq!(findings(json!({}), "pool", true), ["V044"]);
    assert_eq!(findings(requirements(json!({"architectures": ["arm64"]})), "pool", true), none);
}

#[test]
fn what_lambda_leaves_out_is_its_default() {
    let at = at(KindId::CapacityProvider, &["pool"]);
    let mut spec = spec(json!({}));
    CapacityProvider::apply_defaults(&mut spec, &at, None);
    let vpc = aws::CapacityProviderVpcConfig::builder().subnet_ids("subnet-1").set_security_group_ids(Some(Vec::new()));
    let role = "arn:aws:iam::123456789012:role/r";
    let permissions = aws::CapacityProviderPermissionsConfig::builder().capacity_provider_operator_role_arn(role);
    let bare = aws::CapacityProvider::builder()
        .capacity_provider_arn(arn(&at))
        .state(aws::CapacityProviderState::Active)
        .vpc_config(vpc.build().unwrap())
        .permissions_config(permissions.build().unwrap())
        .build()
        .unwrap();
    let live = observed(&at, &bare);
    assert_eq!(live.state, State::Settled);
    spec.tags = None;
    assert_eq!(spec, live.value);
}
