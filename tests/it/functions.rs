//! Promise: every form of a function reaches a fixpoint, and nothing is published twice.

use std::time::Duration;

use trueup::apply::Verdict;
use trueup::sim::{Options, Settle};
use trueup::wire::{TypedCall as _, UntagResourceInputBuilder, UpdateAliasInputBuilder};

use crate::harness::{Fixture, block_on, shown, undone};

fn spec(fields: &str) -> String {
    format!(
        "version: 1\nstack: shop\nfunctions:\n  orders:\n    role: arn:aws:iam::123456789012:role/r\n    \
         aliases: {{live: {{function_version: published}}}}\n    {}\n",
        fields.trim().replace('\n', "\n    ")
    )
}

/// Applies the fields, asserts that a second plan is empty, and returns the operations.
async fn settled(fixture: &Fixture, fields: &str) -> Vec<String> {
    let text = spec(fields);
    let plan = fixture.plan(&text).await;
    fixture.fixpoint(&text).await;
    plan.steps.iter().map(|step| format!("{} {}", step.operation, step.address)).collect()
}

/// Opens an account in which every change takes this many milliseconds to settle.
fn settling(milliseconds: u64) -> Fixture {
    let mut options = Options::default();
    options.settle = Settle::uniform(Duration::from_millis(milliseconds));
    Fixture::with(options, |router| router)
}

/// Writes a stack whose alias has these fields and provisioned concurrency.
fn provisioned(timeout: u32, alias: &str) -> String {
    spec(&format!("{PYTHON}\ncode: {{zip: package.zip}}\ntimeout: {timeout}"))
        .replace("{function_version: published}", &format!("{{{alias}, provisioned_concurrent_executions: 2}}"))
}

const PYTHON: &str = "runtime: python3.13\nhandler: app.handler";

#[test]
fn every_form_of_code_is_unchanged_in_a_second_plan() {
    for code in [
        "code: {image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:v1'}",
        "runtime: python3.13\nhandler: app.handler\ncode: {s3: {bucket: packages, key: orders.zip}}",
        "runtime: python3.13\nhandler: app.handler\ncode: {s3: {bucket: packages, key: orders.zip, object_version: v1}}",
        "runtime: python3.13\nhandler: app.handler\ncode: {zip: package.zip}\narchitectures: [arm64]",
    ] {
        block_on(async { drop(settled(&Fixture::new(), code).await) });
    }
}

#[test]
fn a_code_change_is_written_and_published_once() {
    let image = |tag: &str| format!("code: {{image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:{tag}'}}");
    let s3 = |key: &str| format!("{PYTHON}\ncode: {{s3: {{bucket: packages, key: {key}}}}}");
    block_on(async {
        let fixture = Fixture::new();
        settled(&fixture, &image("v1")).await;
        let writes = settled(&fixture, &image("v2")).await;
        let wanted =
            ["UpdateFunctionCode function/orders", "PublishVersion version/orders", "UpdateAlias alias/orders/live"];
        assert_eq!(writes, wanted);
        let fixture = Fixture::new();
        settled(&fixture, &s3("a.zip")).await;
        let writes = settled(&fixture, &s3("b.zip")).await;
        assert_eq!(writes[..2], ["UpdateFunctionCode function/orders", "TagResource function/orders"]);
        assert_eq!(writes[2..], wanted[1..]);
    });
}

#[test]
fn adopting_a_function_with_code_from_s3_writes_its_tags_in_one_call_and_deploys_nothing() {
    let s3 = |key: &str, more: &str| format!("{PYTHON}\ncode: {{s3: {{bucket: packages, key: {key}{more}}}}}");
    block_on(async {
        let adopted = async |wanted: &[&str], fields: String| {
            let fixture = Fixture::new();
            settled(&fixture, &s3("a.zip", "")).await;
            let arn = "arn:aws:lambda:us-east-1:123456789012:function:orders";
            let untag = UntagResourceInputBuilder::default().resource(arn);
            fixture.send(untag.tag_keys("trueup:stack").tag_keys("trueup:code").call()).await;
            let plan = fixture.plan(&spec(&fields)).await;
            let unsure = plan.not_compared.iter().any(|it| it.to_string() == "code.s3 of function/orders");
            let writes = settled(&fixture, &fields).await;
            assert_eq!(writes, wanted, "{}", shown(&plan));
            // Every later plan says it too, until the code is deployed.
            let again = fixture.plan(&spec(&fields)).await;
            unsure && again.not_compared.iter().any(|it| it.to_string() == "code.s3 of function/orders")
        };
        let tag = "TagResource function/orders";
        assert!(adopted(&[tag], s3("a.zip", "")).await, "what is not known is not said");
        // The first version of an object cannot be told from another one either.
        assert!(adopted(&[tag], s3("a.zip", ", object_version: v1")).await);
        // With a setting to change, and with a hash that tells that the code is another.
        let timeout = "UpdateFunctionConfiguration function/orders";
        let publish = ["PublishVersion version/orders", "UpdateAlias alias/orders/live"];
        let timed = format!("{}\ntimeout: 9", s3("a.zip", ""));
        assert!(adopted(&[timeout, tag, publish[0], publish[1]], timed).await);
    });
}

#[test]
fn changing_the_package_type_replaces_the_function_and_records_its_code() {
    block_on(async {
        let fixture = Fixture::new();
        settled(&fixture, "code: {image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:v1'}").await;
        let writes = settled(&fixture, &format!("{PYTHON}\ncode: {{s3: {{bucket: packages, key: a.zip}}}}")).await;
        let wanted = [
            "DeleteFunction function/orders",
            "CreateFunction function/orders",
            "TagResource function/orders",
            "CreateAlias alias/orders/live",
        ];
        assert_eq!(writes, wanted);
    });
}

#[test]
fn every_setting_can_be_set_and_removed() {
    let plain = format!("{PYTHON}\ncode: {{zip: package.zip}}");
    let settings = "
description: d
timeout: 30
memory_size: 512
ephemeral_storage: {size: 1024}
environment: {variables: {TABLE: orders, TOKEN: secret-value}}
kms_key_arn: arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000
dead_letter_config: {target_arn: arn:aws:sqs:us-east-1:123456789012:q}
tracing_config: {mode: Active}
vpc_config: {subnet_ids: [subnet-1], security_group_ids: [sg-1], ipv6_allowed_for_dual_stack: true}
layers: ['arn:aws:lambda:us-east-1:123456789012:layer:l:1']
file_system_configs:
  - arn: arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-00000000000000000
    local_mount_path: /mnt/a
logging_config: {log_format: JSON, system_log_level: WARN, log_group: mine}
tags: {team: payments}";
    let managed = "
memory_size: 2048
capacity_provider_config:
  lambda_managed_instances_capacity_provider_config:
    capacity_provider_arn: arn:aws:lambda:us-east-1:123456789012:capacity-provider:p";
    block_on(async {
        for all in [
            "",
            "snap_start: {apply_on: PublishedVersions}",
            "durable_config: {execution_timeout: 60}",
            "tenancy_config: {tenant_isolation_mode: PER_TENANT}",
            managed,
        ] {
            let fixture = Fixture::new();
            fixture.provide().await;
            settled(&fixture, &format!("{plain}\n{}", all.trim())).await;
            settled(&fixture, &plain).await;
        }
        let fixture = Fixture::new();
        fixture.provide().await;
        settled(&fixture, &plain).await;
        settled(&fixture, &format!("{plain}{settings}")).await;
        let kept = format!("{plain}\ntags: {{team: payments}}");
        settled(&fixture, &kept).await;
    });
}

#[test]
fn retention_deletes_old_versions_in_the_same_apply() {
    block_on(async {
        let fixture = Fixture::new();
        let with = |memory: u32| {
            format!("{PYTHON}\ncode: {{zip: package.zip}}\nmemory_size: {memory}\npublish: {{retain_versions: 2}}")
        };
        settled(&fixture, &with(128)).await;
        settled(&fixture, &with(129)).await;
        let writes = settled(&fixture, &with(130)).await;
        let wanted = [
            "UpdateFunctionConfiguration function/orders",
            "PublishVersion version/orders",
            "UpdateAlias alias/orders/live",
            "DeleteFunction version/orders/1",
        ];
        assert_eq!(writes, wanted);
        assert_eq!(settled(&fixture, &with(131)).await.last().unwrap(), "DeleteFunction version/orders/2");
    });
}

#[test]
fn a_replacement_waits_until_the_old_function_is_deleted() {
    block_on(async {
        let fixture = settling(40);
        let code = format!("{PYTHON}\ncode: {{zip: package.zip}}");
        settled(&fixture, &code).await;
        let writes = settled(&fixture, &format!("{code}\ndurable_config: {{execution_timeout: 3600}}")).await;
        assert_eq!(writes[..2], ["DeleteFunction function/orders", "CreateFunction function/orders"]);
    });
}

#[test]
fn declared_weights_are_distinguished_from_the_transition_weights_of_aws() {
    block_on(async {
        let fixture = settling(40);
        let first = provisioned(4, "function_version: published");
        assert_eq!(fixture.apply(&first).await.verdict(), Verdict::Applied);
        let weights = "routing_config: {additional_version_weights: {'1': 0.25}}";
        fixture.fixpoint(&provisioned(5, &format!("function_version: published, {weights}"))).await;
    });
}

#[test]
fn an_alias_in_transition_by_another_deployment_is_not_reverted() {
    block_on(async {
        let fixture = settling(500);
        for (timeout, version) in [(4, "published"), (5, "published"), (5, "'1'")] {
            let report = fixture.apply(&provisioned(timeout, &format!("function_version: {version}"))).await;
            assert_eq!(report.verdict(), Verdict::Applied, "{:?}", undone(&report));
        }
        let moved = UpdateAliasInputBuilder::default().function_name("orders").name("live").function_version("2");
        fixture.send(moved.call()).await;
        let plan = fixture.plan(&provisioned(5, "function_version: '2'")).await;
        assert!(plan.is_empty() && shown(&plan).contains("is moving the alias"), "{}", shown(&plan));
    });
}
