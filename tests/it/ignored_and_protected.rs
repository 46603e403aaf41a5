//! Promise: ignored fields keep their values, protected resources are never deleted, and no plan has a cycle.

use aws_sdk_lambda::types::{AliasRoutingConfiguration, Cors, Environment, LogFormat, LoggingConfig, SystemLogLevel};
use trueup::apply::Verdict;
use trueup::model::{Address, KindId, Threshold};
use trueup::observe::Depth;
use trueup::plan::{Limits, Plan, PlanOptions};
use trueup::wire::{
    Call, GetAliasInputBuilder, GetFunctionInputBuilder, GetFunctionUrlConfigInputBuilder, Reply, TypedCall,
    UpdateAliasInputBuilder, UpdateFunctionConfigurationInputBuilder, UpdateFunctionUrlConfigInputBuilder,
};

use crate::harness::{Fixture, block_on, shown, undone};

fn spec(fields: &str) -> String {
    format!(
        "version: 1\nstack: shop\nfunctions:\n  orders:\n    runtime: python3.13\n    handler: app.handler\n    \
         role: arn:aws:iam::123456789012:role/r\n    code: {{zip: package.zip}}\n    {}\n",
        fields.trim().replace('\n', "\n    ")
    )
}

/// Applies the first spec, makes a manual change, applies the second, and returns the reply to `look`.
fn after(before: &str, by_hand: Call, then: &str, look: Call) -> Reply {
    block_on(async {
        let fixture = Fixture::new();
        assert_eq!(undone(&fixture.apply(&spec(before)).await), Vec::<String>::new());
        fixture.send(by_hand).await;
        let plan = fixture.plan(&spec(then)).await;
        let report = fixture.apply(&spec(then)).await;
        assert_eq!(report.verdict(), Verdict::Applied, "{}{:?}", shown(&plan), undone(&report));
        let again = fixture.plan(&spec(then)).await;
        assert!(again.is_empty(), "{}", shown(&again));
        fixture.send(look).await
    })
}

fn function() -> Call {
    GetFunctionInputBuilder::default().function_name("orders").call()
}

#[test]
fn an_ignored_field_next_to_a_changed_one_keeps_its_value() {
    let update = || UpdateFunctionConfigurationInputBuilder::default().function_name("orders");
    let variables = Environment::builder().variables("AA", "1").variables("HAND", "x").build();
    let ours =
        |value: &str| format!("ignore: [environment.variables.HAND]\nenvironment: {{variables: {{AA: '{value}'}}}}");
    for then in [ours("2"), "ignore: [environment.variables.HAND]".to_owned()] {
        let Reply::GetFunction(live) =
            after(&ours("1"), update().environment(variables.clone()).call(), &then, function())
        else {
            panic!("not a function")
        };
        let environment = live.configuration().unwrap().environment().unwrap();
        assert_eq!(environment.variables().unwrap().get("HAND").map(String::as_str), Some("x"), "{then}");
    }
    let json = LoggingConfig::builder().log_format(LogFormat::Json).system_log_level(SystemLogLevel::Warn).build();
    let logging = |level: &str| {
        format!(
            "ignore: [logging_config.system_log_level]\nlogging_config: {{log_format: JSON, application_log_level: {level}}}"
        )
    };
    let Reply::GetFunction(live) =
        after(&logging("INFO"), update().logging_config(json).call(), &logging("ERROR"), function())
    else {
        panic!("not a function")
    };
    let logging = live.configuration().unwrap().logging_config().unwrap();
    assert_eq!(logging.system_log_level(), Some(&SystemLogLevel::Warn));
}

#[test]
fn ignored_weights_and_origins_survive_a_change_of_other_fields() {
    let alias = |text: &str| {
        format!(
            "aliases: {{live: {{ignore: [routing_config], function_version: '1', description: {text}}}}}\npublish: true"
        )
    };
    let two = format!("{}\ntimeout: 9", alias("one"));
    let weights = AliasRoutingConfiguration::builder().additional_version_weights("2", 0.25).build();
    block_on(async {
        let fixture = Fixture::new();
        for text in [alias("one"), two.clone()] {
            assert_eq!(undone(&fixture.apply(&spec(&text)).await), Vec::<String>::new());
        }
        let by_hand = UpdateAliasInputBuilder::default().function_name("orders").name("live").routing_config(weights);
        fixture.send(by_hand.call()).await;
        let report = fixture.apply(&spec(&two.replace("description: one", "description: two"))).await;
        assert_eq!(report.verdict(), Verdict::Applied, "{:?}", undone(&report));
        let look = GetAliasInputBuilder::default().function_name("orders").name("live").call();
        let Reply::GetAlias(live) = fixture.send(look).await else { panic!("not an alias") };
        assert!(live.routing_config().is_some() && live.description() == Some("two"), "{live:?}");
    });
    let url = |age: u32| format!("url: {{auth_type: AWS_IAM, ignore: [cors.allow_origins], cors: {{max_age: {age}}}}}");
    let cors = Cors::builder().allow_origins("https://hand").max_age(5).build();
    let by_hand = UpdateFunctionUrlConfigInputBuilder::default().function_name("orders").cors(cors).call();
    let look = GetFunctionUrlConfigInputBuilder::default().function_name("orders").call();
    let Reply::GetFunctionUrlConfig(live) = after(&url(5), by_hand, &url(6), look) else { panic!("not a URL") };
    let cors = live.cors().unwrap();
    assert_eq!((cors.allow_origins(), cors.max_age()), (["https://hand".to_owned()].as_slice(), Some(6)));
}

#[test]
fn a_change_of_an_ignored_field_publishes_no_version() {
    let text = "ignore: [timeout]\npublish: true";
    let by_hand = UpdateFunctionConfigurationInputBuilder::default().function_name("orders").timeout(56).call();
    let Reply::GetFunction(live) = after(text, by_hand, text, function()) else { panic!("not a function") };
    assert_eq!(live.configuration().unwrap().timeout(), Some(56));
}

#[test]
fn a_plan_names_the_reason_for_which_a_resource_is_kept() {
    block_on(async {
        let fixture = Fixture::new();
        let text = "ignore: [timeout, description]\npublish: {enabled: false}";
        assert_eq!(undone(&fixture.apply(&spec(text)).await), Vec::<String>::new());
        assert_eq!(
            kept(&fixture.plan(&spec(text)).await),
            ["function/orders: unchanged", "version/orders: no_write_needed"]
        );
        let by_hand = UpdateFunctionConfigurationInputBuilder::default().function_name("orders").timeout(56).call();
        fixture.send(by_hand).await;
        let plan = fixture.plan(&spec(text)).await;
        assert_eq!(kept(&plan), ["function/orders: differences_ignored", "version/orders: no_write_needed"]);
        let json = serde_json::to_value(plan.masked()).unwrap();
        let reason = serde_json::json!({
            "code": "differences_ignored",
            "fields": [["timeout"]],
            "message": "only ignored fields differ: timeout",
        });
        assert_eq!(json["resources"][0]["kept"], reason);
    });
}

#[test]
fn a_plan_names_the_rule_that_would_delete_a_version_which_is_still_used() {
    block_on(async {
        let fixture = Fixture::new();
        let with = |timeout: u32| {
            let alias = "aliases: {old: {function_version: '1'}}";
            spec(&format!("timeout: {timeout}\npublish: {{retain_versions: 1}}\n{alias}"))
        };
        for timeout in [5, 6] {
            assert_eq!(undone(&fixture.apply(&with(timeout)).await), Vec::<String>::new());
        }
        let plan = fixture.plan(&with(6)).await;
        assert!(kept(&plan).contains(&"version/orders/1: still_used".to_owned()), "{:?}", kept(&plan));
        assert!(shown(&plan).contains("No changes. 3 resources"), "{}", shown(&plan));
    });
}

/// Each kept resource with the code of the reason.
fn kept(plan: &Plan) -> Vec<String> {
    let kept = plan.resources.iter().filter_map(|planned| {
        let reason = serde_json::to_value(planned.kept.as_ref()?).unwrap();
        Some(format!("{}: {}", planned.address, reason["code"].as_str().unwrap()))
    });
    kept.collect()
}

/// Plans the second spec on an account to which the first was applied.
fn planned(before: &str, then: &str, choice: &PlanOptions) -> Plan {
    block_on(async {
        let fixture = Fixture::new();
        assert_eq!(undone(&fixture.apply(&spec(before)).await), Vec::<String>::new());
        fixture.reconciler(&spec(then)).plan(choice, Depth::Declared).await.unwrap().plan
    })
}

fn refusals(plan: &Plan) -> Vec<String> {
    plan.refusals.iter().map(|refusal| refusal.message()).collect()
}

const DURABLE: &str = "durable_config: {execution_timeout: 3600}";

#[test]
fn a_replacement_is_refused_if_it_deletes_protected_or_excluded_resources() {
    let replace = PlanOptions { limits: Limits { allow_replace: true, ..Limits::default() }, ..PlanOptions::default() };
    let protected = "url: {auth_type: AWS_IAM, prevent_destroy: true}";
    let plan = planned(protected, &format!("{protected}\n{DURABLE}"), &replace);
    assert_eq!(
        refusals(&plan),
        ["url/orders would be deleted with its parent, which is replaced, but the spec sets `prevent_destroy`"]
    );
    let both = "url: {auth_type: AWS_IAM}\naliases: {live: {function_version: published}}";
    let then = format!("{both}\n{DURABLE}");
    let alone = PlanOptions { targets: vec![Address::new(KindId::Function, &["orders"])], ..replace.clone() };
    assert_eq!(refusals(&planned(both, &then, &alone)).len(), 3);
    let without = PlanOptions { excludes: vec![Address::new(KindId::Alias, &["orders", "live"])], ..replace.clone() };
    let plan = planned(both, &then, &without);
    assert_eq!(
        refusals(&plan),
        ["alias/orders/live is excluded, but would be deleted with its parent, which is replaced"]
    );
    let plan = planned(both, &then, &replace);
    assert_eq!(refusals(&plan), [""; 0]);
    assert!(shown(&plan).contains("-/+ url "), "{}", shown(&plan));
    let many =
        PlanOptions { limits: Limits { max_deletes: Some(Threshold::Count(1)), ..replace.limits.clone() }, ..replace };
    assert_eq!(refusals(&planned(both, &then, &many)).len(), 1);
}

#[test]
fn moving_concurrency_between_a_function_and_its_alias_causes_no_cycle() {
    let fields = |reserved: Option<u32>, provisioned: Option<u32>| {
        let reserved = reserved.map_or(String::new(), |count| format!("reserved_concurrent_executions: {count}\n"));
        let provisioned =
            provisioned.map_or(String::new(), |count| format!(", provisioned_concurrent_executions: {count}"));
        format!("prune: true\n{reserved}aliases: {{live: {{function_version: published{provisioned}}}}}")
    };
    let steps = [
        (Some(20), Some(5)),
        (None, Some(6)),
        (Some(30), None),
        (Some(10), Some(10)),
        (None, None),
        (Some(8), Some(8)),
    ];
    block_on(async {
        let fixture = Fixture::new();
        for (reserved, provisioned) in steps {
            let text = spec(&fields(reserved, provisioned));
            let report = fixture.apply(&text).await;
            assert_eq!(report.verdict(), Verdict::Applied, "{text}{:?}", undone(&report));
            let again = fixture.plan(&text).await;
            assert!(again.is_empty(), "{}", shown(&again));
        }
    });
}

#[test]
fn a_plan_that_names_a_missing_version_is_refused() {
    let alias = |version: &str| format!("publish: true\naliases: {{live: {{function_version: {version}}}}}");
    let choice = PlanOptions::default();
    assert_eq!(refusals(&planned(&alias("published"), &alias("'1'"), &choice)), [""; 0]);
    let plan = planned(&alias("published"), &alias("'99'"), &choice);
    assert_eq!(refusals(&plan), ["alias/orders/live names version 99, which does not exist"]);
    // A function that is created publishes what the spec says, and nothing else.
    let fixture = Fixture::new();
    let plan = block_on(fixture.plan(&spec("aliases: {live: {function_version: '7'}}")));
    let words = "alias/orders/live names version 7, but function/orders is created by this plan and publishes none";
    assert_eq!(refusals(&plan), [words]);
    let weight = "{live: {function_version: published, routing_config: {additional_version_weights: {'1': 0.5}}}}";
    let plan = planned(&alias("published"), &format!("publish: true\naliases: {weight}"), &choice);
    assert_eq!(refusals(&plan), ["alias/orders/live gives a weight to version 1, to which it points already"]);
}
