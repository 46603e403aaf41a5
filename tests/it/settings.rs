//! Promise: a function's children are reset when the spec no longer declares them, and created again when it is replaced.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::UpdateRuntimeOn;
use trueup::apply::Verdict;
use trueup::observe::Depth;
use trueup::plan::{Operand, Plan, PlanOptions, Precondition};
use trueup::wire::{PutRuntimeManagementConfigInputBuilder, TypedCall as _, UpdateFunctionCodeInputBuilder};

use crate::harness::{Fixture, block_on, run, shown, undone, zip};

fn spec(fields: &str) -> String {
    format!(
        "version: 1\nstack: shop\nfunctions:\n  orders:\n    role: arn:aws:iam::123456789012:role/r\n    {}\n",
        fields.trim().replace('\n', "\n    ")
    )
}

const ZIP: &str = "runtime: python3.13\nhandler: app.handler\ncode: {zip: package.zip}";

const MANAGED: &str = "runtime: python3.13
handler: app.handler
code: {zip: package.zip}
memory_size: 2048
capacity_provider_config:
  lambda_managed_instances_capacity_provider_config:
    capacity_provider_arn: arn:aws:lambda:us-east-1:123456789012:capacity-provider:p
publish: {publish_to: LATEST_PUBLISHED}";

fn operations(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(|step| format!("{} {}", step.operation, step.address)).collect()
}

/// Applies a spec by a full plan, and asserts that nothing is left to do or to report.
async fn settled(fixture: &Fixture, text: &str, choice: &PlanOptions) -> Plan {
    let reconciler = fixture.reconciler(text);
    let prepared = reconciler.plan(choice, Depth::Full).await.unwrap();
    let plan = prepared.plan.clone();
    let report = run(&reconciler, prepared).await;
    assert_eq!(report.verdict(), Verdict::Applied, "{}\n{:#?}", shown(&plan), undone(&report));
    let again = reconciler.plan(choice, Depth::Full).await.unwrap().plan;
    assert!(again.is_empty() && again.unmanaged.is_empty(), "{text}\n{}\n{:?}", shown(&again), again.unmanaged);
    plan
}

#[test]
fn settings_that_the_spec_no_longer_declares_are_found_and_reset() {
    let settings = "recursive_loop: Allow
runtime_management_config: {update_runtime_on: FunctionUpdate}
event_invoke_config: {maximum_retry_attempts: 0}
publish: true
versions: {'1': {event_invoke_config: {maximum_retry_attempts: 1}}}
aliases: {live: {function_version: published, event_invoke_config: {}}}";
    block_on(async {
        let fixture = Fixture::new();
        settled(&fixture, &spec(&format!("{ZIP}\n{settings}")), &PlanOptions::default()).await;
        let bare = spec(&format!("{ZIP}\npublish: true\naliases: {{live: {{function_version: published}}}}"));
        let unmanaged =
            fixture.reconciler(&bare).plan(&PlanOptions::default(), Depth::Full).await.unwrap().plan.unmanaged;
        let unmanaged: Vec<String> = unmanaged.iter().map(|it| it.address.to_string()).collect();
        let wanted = [
            "event_invoke_config/orders",
            "event_invoke_config/orders/1",
            "event_invoke_config/orders/live",
            "recursion/orders",
            "runtime_management/orders",
            "runtime_management/orders/1",
        ];
        assert_eq!(unmanaged, wanted);
        let plan = settled(&fixture, &bare, &PlanOptions { prune: true, ..PlanOptions::default() }).await;
        assert_eq!(plan.steps.len(), wanted.len(), "{}", shown(&plan));
    });
}

#[test]
fn children_of_an_alias_are_created_again_when_the_function_is_replaced() {
    let image = "code: {image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:v1'}";
    let alias = "aliases: {live: {function_version: published, event_invoke_config: {maximum_retry_attempts: 0}}}";
    block_on(async {
        let fixture = Fixture::new();
        settled(&fixture, &spec(&format!("{ZIP}\nrecursive_loop: Allow\n{alias}")), &PlanOptions::default()).await;
        let replaced = spec(&format!("{image}\nrecursive_loop: Allow\n{alias}"));
        let operations = operations(&settled(&fixture, &replaced, &PlanOptions::default()).await);
        assert!(operations.contains(&"PutFunctionEventInvokeConfig event_invoke_config/orders/live".to_owned()));
        assert!(operations.contains(&"PutFunctionRecursionConfig recursion/orders".to_owned()), "{operations:?}");
    });
}

#[test]
fn a_version_inherits_the_runtime_management_of_its_function() {
    let on = |on: &str| spec(&format!("{ZIP}\npublish: true\nruntime_management_config: {{update_runtime_on: {on}}}"));
    block_on(async {
        let fixture = Fixture::new();
        let plan = settled(&fixture, &on("FunctionUpdate"), &PlanOptions::default()).await;
        let wanted = [
            "CreateFunction function/orders",
            "PutRuntimeManagementConfig runtime_management/orders",
            "PublishVersion version/orders",
        ];
        assert_eq!(operations(&plan), wanted);
        // AWS does not say whether the second step moves the function's revision, so the third takes it from there.
        let of = plan.steps[0].address.clone();
        let value = Operand::Output { step: 2, member: "RevisionId".to_owned() };
        assert_eq!(plan.steps[2].precondition, Precondition::Revision { of, value });
        // Runtime management is not part of a version's content, so nothing is published for it.
        let plan = settled(&fixture, &on("Auto"), &PlanOptions::default()).await;
        assert_eq!(operations(&plan), wanted[1..2]);
    });
}

#[test]
fn managed_instances_publish_repeatedly_to_one_version() {
    let scaled = format!(
        "{MANAGED}\nfunction_scaling_config: {{min_execution_environments: 1, max_execution_environments: 4}}\n\
         aliases: {{live: {{function_version: published}}}}"
    );
    block_on(async {
        let fixture = Fixture::new();
        fixture.provide().await;
        let plan = settled(&fixture, &spec(&scaled), &PlanOptions::default()).await;
        let wanted = [
            "CreateFunction function/orders",
            "PublishVersion version/orders",
            "CreateAlias alias/orders/live",
            "PutFunctionScalingConfig scaling/orders",
        ];
        let mut operations_sorted = operations(&plan);
        operations_sorted.sort();
        let mut wanted_sorted = wanted.map(str::to_owned).to_vec();
        wanted_sorted.sort();
        assert_eq!(operations_sorted, wanted_sorted);
        let plan = settled(&fixture, &spec(&scaled.replace("2048", "4096")), &PlanOptions::default()).await;
        assert_eq!(
            operations(&plan),
            ["UpdateFunctionConfiguration function/orders", "PublishVersion version/orders"],
            "the alias needs no move, and no number is used up"
        );
        // A count that is no longer declared is reset to Lambda's default.
        let open = scaled.replace("2048", "4096").replace("min_execution_environments: 1, ", "");
        let plan = settled(&fixture, &spec(&open), &PlanOptions::default()).await;
        assert_eq!(operations(&plan), ["PutFunctionScalingConfig scaling/orders"]);
        let unscaled = spec(&scaled.replace("2048", "4096").replace("function_scaling_config", "x-scaling"));
        let unscaled = unscaled.lines().filter(|line| !line.contains("x-scaling")).collect::<Vec<_>>().join("\n");
        let plan = settled(&fixture, &unscaled, &PlanOptions { prune: true, ..PlanOptions::default() }).await;
        assert_eq!(operations(&plan), ["PutFunctionScalingConfig scaling/orders"]);
    });
}

#[test]
fn a_thorough_search_finds_the_runtime_management_of_versions_in_use_and_versions_that_nobody_declares() {
    block_on(async {
        let fixture = Fixture::new();
        let declared = spec(&format!("{ZIP}\naliases: {{live: {{function_version: published}}}}"));
        fixture.fixpoint(&declared).await;
        let found = async |text: &str, options: &PlanOptions| {
            let plan = fixture.reconciler(text).plan(options, Depth::Full).await.unwrap().plan;
            let unmanaged: Vec<String> = plan.unmanaged.iter().map(|it| it.address.to_string()).collect();
            let unchecked: Vec<String> = plan.not_compared.iter().map(ToString::to_string).collect();
            (unmanaged, unchecked, operations(&plan))
        };
        let none = Vec::<String>::new;
        let default = PlanOptions::default();
        assert_eq!(found(&declared, &default).await, (none(), none(), none()));
        let put = PutRuntimeManagementConfigInputBuilder::default().function_name("orders").qualifier("1");
        fixture.send(put.update_runtime_on(UpdateRuntimeOn::FunctionUpdate).call()).await;
        let version = "runtime_management/orders/1".to_owned();
        assert_eq!(found(&declared, &default).await, (vec![version.clone()], none(), none()));
        let prune = PlanOptions { prune: true, ..PlanOptions::default() };
        let writes = vec![format!("PutRuntimeManagementConfig {version}")];
        assert_eq!(found(&declared, &prune).await, (none(), none(), writes));
        // A version that an alias of the spec is pinned to is known; any other is somebody else's.
        let pinned = spec(&format!("{ZIP}\naliases: {{live: {{function_version: \"1\"}}}}"));
        let code = UpdateFunctionCodeInputBuilder::default().function_name("orders");
        let other = zip(&[("app.py", "def handler(event, context): pass\n")]);
        fixture.send(code.zip_file(Blob::new(other)).publish(true).call()).await;
        fixture.fixpoint(&pinned).await;
        let others = vec!["version 2 of function/orders".to_owned()];
        assert_eq!(found(&pinned, &default).await, (vec![version.clone()], others, none()));
        // Where the spec publishes, the versions are ours, and those that no alias uses take a read each.
        let publishing = format!("{pinned}\n    publish: true\n");
        let unused = vec!["runtime_management of version 2 of function/orders".to_owned()];
        assert_eq!(found(&publishing, &default).await.1, unused);
        // Where somebody else deploys the code, versions are theirs.
        let external = pinned.replace("{zip: package.zip}", "external");
        assert_eq!(found(&external, &default).await.1, none());
    });
}
