//! What is peculiar to capacity providers: their rules, and what is left to Lambda.

use serde_json::{Value, json};

use super::*;
use crate::kinds::Kind;
use crate::model::{Scope, Template};

fn at(kind: &str, key: &str) -> At {
    let scope = Scope { account: "123456789012".into(), region: "eu-west-1".into(), stack: "shop".into() };
    At { scope, address: Address::new(kind, &[key]), names: vec![key.into()] }
}

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

/// A function of the architecture `arm64` that runs on the provider.
struct Beside(Vec<Address>, Value, BTreeMap<Path, Template>);

impl Around for Beside {
    fn declared(&self, _: &Address) -> Option<&Value> {
        Some(&self.1)
    }
    fn planned(&self, _: &Address) -> Option<&Value> {
        None
    }
    fn attribute(&self, _: &Address, _: &str) -> Option<Attribute> {
        None
    }
    fn all(&self, _: &str) -> Vec<&Address> {
        self.0.iter().collect()
    }
    fn observed(&self, _: &Address) -> Option<&crate::kinds::Live> {
        None
    }
    fn pending(&self, _: &Address) -> Option<&BTreeMap<Path, Template>> {
        Some(&self.2)
    }
}

fn findings(change: Value, name: &str, function: bool) -> Vec<&'static str> {
    let pending = Template::reference(Address::new("capacity_provider", &[name]), "arn");
    let field = "capacity_provider_config.lambda_managed_instances_capacity_provider_config.capacity_provider_arn";
    let pending = BTreeMap::from([(Path::parse(field), pending)]);
    let functions = if function { vec![Address::new("function", &["orders"])] } else { Vec::new() };
    let around = Beside(functions, json!({"architectures": ["arm64"]}), pending);
    let mut findings = Findings::default();
    crate::kinds::Room::check(&Room, &spec(change), &at("capacity_provider", name), &around, &mut findings);
    findings.0.into_iter().map(|finding| finding.code).collect()
}

#[test]
fn each_rule_finds_what_breaks_it() {
    let requirements = |value: Value| json!({"instance_requirements": value});
    let scaling = |value: Value| json!({"capacity_provider_scaling_config": value});
    let policy = json!([{"predefined_metric_type": "LambdaCapacityProviderAverageCPUUtilization", "target_value": 50}]);
    let none: [&str; 0] = [];
    assert_eq!(findings(json!({}), "pool", false), none);
    assert_eq!(findings(json!({}), "po:ol", false), ["V045"]);
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
    let at = at("capacity_provider", "pool");
    let mut spec = serde_json::to_value(spec(json!({}))).unwrap();
    Kind::complete(&Room, &mut spec, &at, None);
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
    spec["tags"].take();
    assert_eq!(serde_json::from_value::<CapacityProvider>(spec).unwrap(), live.value);
}
