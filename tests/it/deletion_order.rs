//! Promise: resources that left the spec are deleted in reverse dependency order, and only those of this stack.

use std::collections::BTreeSet;

use crate::harness::{Fixture, block_on, operations, run, shown, undone};
use trueup::apply::Verdict;
use trueup::model::{Action, KindId};
use trueup::observe::Depth;
use trueup::plan::PlanOptions;
use trueup::resource::STACK_TAG;
use trueup::wire::{DeleteFunctionInputBuilder, TypedCall, UntagResourceInputBuilder};

const FUNCTION: &str = "runtime: python3.13, handler: app.handler, role: 'arn:aws:iam::123456789012:role/r', \
                        code: {zip: package.zip}";

/// Applies the first spec, then the second with pruning, and returns the second's operations in order.
async fn pruned(fixture: &Fixture, before: &str, after: &str) -> Vec<String> {
    assert_eq!(undone(&fixture.apply(before).await), Vec::<String>::new());
    let reconciler = fixture.reconciler(after);
    let choice = PlanOptions { prune: true, ..PlanOptions::default() };
    let prepared = reconciler.plan(&choice, Depth::Declared).await.unwrap();
    let text = shown(&prepared.plan);
    let operations = prepared.plan.steps.iter().map(|step| step.operation.to_string()).collect();
    let report = run(&reconciler, prepared).await;
    assert_eq!(report.verdict(), Verdict::Applied, "{text}\n{:?}", undone(&report));
    let again = reconciler.plan(&choice, Depth::Full).await.unwrap().plan;
    assert!(again.is_empty() && again.unmanaged.is_empty(), "{}", shown(&again));
    operations
}

#[test]
fn resources_that_functions_use_are_deleted_after_the_functions() {
    let before = format!(
        "version: 1\nstack: shop\n\
         code_signing_configs:\n  strict: {{allowed_publishers: {{signing_profile_version_arns: \
         ['arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/abcdefghij']}}}}\n\
         capacity_providers:\n  fleet: {{vpc_config: {{subnet_ids: [subnet-1], security_group_ids: [sg-1]}}, \
         permissions_config: {{capacity_provider_operator_role_arn: 'arn:aws:iam::123456789012:role/o'}}}}\n\
         functions:\n  signed: {{{FUNCTION}, code_signing_config_arn: \"${{code_signing_configs.strict.arn}}\"}}\n  \
         fleet: {{{FUNCTION}, memory_size: 2048, capacity_provider_config: \
         {{lambda_managed_instances_capacity_provider_config: {{capacity_provider_arn: \
         \"${{capacity_providers.fleet.arn}}\"}}}}}}\n  kept: {{{FUNCTION}}}\n"
    );
    let after = format!("version: 1\nstack: shop\nfunctions:\n  kept: {{{FUNCTION}}}\n");
    block_on(async {
        let operations = pruned(&Fixture::new(), &before, &after).await;
        let all: BTreeSet<&str> = operations.iter().map(String::as_str).collect();
        assert_eq!(
            all.into_iter().collect::<Vec<_>>(),
            ["DeleteCapacityProvider", "DeleteCodeSigningConfig", "DeleteFunction", "DeleteFunctionCodeSigningConfig"]
        );
    });
}

#[test]
fn concurrency_of_a_deleted_function_can_be_reserved_in_the_same_plan() {
    let spec = |functions: &str| format!("version: 1\nstack: shop\nfunctions:\n{functions}");
    let before = spec(&format!(
        "  old: {{{FUNCTION}, reserved_concurrent_executions: 800}}\n  kept: {{{FUNCTION}, reserved_concurrent_executions: 1}}\n"
    ));
    let after = spec(&format!("  kept: {{{FUNCTION}, reserved_concurrent_executions: 850}}\n"));
    block_on(async {
        assert_eq!(pruned(&Fixture::new(), &before, &after).await, ["DeleteFunction", "PutFunctionConcurrency"]);
    });
}

#[test]
fn an_undeclared_mapping_goes_before_its_function_is_replaced() {
    let before = format!(
        "version: 1\nstack: shop\nfunctions:\n  orders: {{{FUNCTION}, event_source_mappings: {{queue: \
         {{event_source_arn: 'arn:aws:sqs:us-east-1:123456789012:q'}}}}}}\n"
    );
    let after = format!(
        "version: 1\nstack: shop\nfunctions:\n  orders: {{{FUNCTION}, tenancy_config: {{tenant_isolation_mode: \
         PER_TENANT}}}}\n"
    );
    block_on(async {
        let operations = pruned(&Fixture::new(), &before, &after).await;
        assert_eq!(operations, ["DeleteEventSourceMapping", "DeleteFunction", "CreateFunction"]);
    });
}

#[test]
fn functions_of_other_stacks_are_never_deleted() {
    let spec =
        |stack: &str, function: &str| format!("version: 1\nstack: {stack}\nfunctions:\n  {function}: {{{FUNCTION}}}\n");
    block_on(async {
        let fixture = Fixture::new();
        assert_eq!(undone(&fixture.apply(&spec("theirs", "theirs")).await), Vec::<String>::new());
        let both = format!("{}  second: {{{FUNCTION}}}\n", spec("ours", "first"));
        assert_eq!(pruned(&fixture, &both, &spec("ours", "first")).await, ["DeleteFunction"]);
        let theirs =
            fixture.reconciler(&spec("theirs", "theirs")).plan(&PlanOptions::default(), Depth::Full).await.unwrap();
        assert!(theirs.plan.is_empty(), "{}", shown(&theirs.plan));
    });
}

#[test]
fn resources_that_refer_to_a_function_are_deleted_before_it() {
    let config = |function: &str| {
        format!("{{destination_config: {{on_failure: {{destination: \"${{functions.{function}.arn}}\"}}}}}}")
    };
    let spec = |sink: &str, alias: &str| {
        format!(
            "version: 1\nstack: shop\nfunctions:\n  {sink}: {{{FUNCTION}}}\n  orders: {{{FUNCTION}, aliases: {{{alias}: \
             {{function_version: published, event_invoke_config: {}}}}}}}\n",
            config(sink)
        )
    };
    block_on(async {
        let operations = pruned(&Fixture::new(), &spec("old", "live"), &spec("new", "prod")).await;
        let at = |operation: &str| operations.iter().position(|other| other == operation).unwrap();
        assert!(at("DeleteFunctionEventInvokeConfig") < at("DeleteFunction"), "{operations:?}");
    });
}

#[test]
fn destroy_also_deletes_resources_that_the_spec_no_longer_declares() {
    let spec = |functions: &str| format!("version: 1\nstack: shop\nfunctions:\n{functions}");
    let (old, kept) = (format!("  old: {{{FUNCTION}}}\n"), format!("  kept: {{{FUNCTION}}}\n"));
    block_on(async {
        let fixture = Fixture::new();
        assert_eq!(undone(&fixture.apply(&spec(&format!("{old}{kept}"))).await), Vec::<String>::new());
        let reconciler = fixture.reconciler(&spec(&kept));
        let destroy = PlanOptions { destroy: true, ..PlanOptions::default() };
        let prepared = reconciler.plan(&destroy, Depth::Declared).await.unwrap();
        assert_eq!(prepared.plan.steps.len(), 2, "{}", shown(&prepared.plan));
        assert_eq!(run(&reconciler, prepared).await.verdict(), Verdict::Applied);
        let again = reconciler.plan(&destroy, Depth::Declared).await.unwrap().plan;
        assert!(again.is_empty() && again.unmanaged.is_empty(), "{}", shown(&again));
    });
}

#[test]
fn a_mapping_is_still_deleted_after_its_function_was_deleted_manually() {
    let mapped = |name: &str| {
        format!(
            "  {name}: {{{FUNCTION}, event_source_mappings: {{q: {{event_source_arn: 'arn:aws:sqs:us-east-1:123456789012:{name}'}}}}}}\n"
        )
    };
    let spec = |functions: &str| format!("version: 1\nstack: shop\nfunctions:\n{functions}");
    let (both, kept) = (spec(&(mapped("old") + &mapped("kept"))), spec(&mapped("kept")));
    block_on(async {
        for choice in [
            PlanOptions { prune: true, ..PlanOptions::default() },
            PlanOptions { destroy: true, ..PlanOptions::default() },
        ] {
            let fixture = Fixture::new();
            assert_eq!(undone(&fixture.apply(&both).await), Vec::<String>::new());
            for gone in ["old", "kept"] {
                fixture.send(DeleteFunctionInputBuilder::default().function_name(gone).call()).await;
            }
            let reconciler = fixture.reconciler(&kept);
            let drift = reconciler.plan(&PlanOptions::default(), Depth::Full).await.unwrap().plan;
            let unmanaged: Vec<&str> = drift.unmanaged.iter().map(|it| it.address.kind.name()).collect();
            assert_eq!(unmanaged, ["event_source_mapping"], "{}", shown(&drift));
            let prepared = reconciler.plan(&choice, Depth::Full).await.unwrap();
            let text = shown(&prepared.plan);
            assert_eq!(run(&reconciler, prepared).await.verdict(), Verdict::Applied, "{text}");
            let again = reconciler.plan(&choice, Depth::Full).await.unwrap().plan;
            assert!(again.is_empty() && again.unmanaged.is_empty(), "{text}{}", shown(&again));
        }
    });
}

#[test]
fn what_belongs_to_an_adopted_function_is_deleted_by_a_later_plan_only() {
    let spec = |rest: &str| format!("version: 1\nstack: shop\nfunctions:\n  orders: {{{FUNCTION}{rest}}}\n");
    let before = ", tags: {team: a}, aliases: {stray: {function_version: published}}, event_source_mappings: \
                  {queue: {event_source_arn: 'arn:aws:sqs:us-east-1:123456789012:q'}}";
    block_on(async {
        let fixture = Fixture::new();
        assert_eq!(undone(&fixture.apply(&spec(before)).await), [""; 0]);
        let untag = UntagResourceInputBuilder::default().tag_keys(STACK_TAG);
        fixture.send(untag.resource("arn:aws:lambda:us-east-1:123456789012:function:orders").call()).await;
        let reconciler = fixture.reconciler(&spec(""));
        let choice = PlanOptions { prune: true, ..PlanOptions::default() };
        let prepared = reconciler.plan(&choice, Depth::Declared).await.unwrap();
        let text = shown(&prepared.plan);
        assert_eq!(operations(&prepared.plan), ["TagResource"], "{text}");
        let unmanaged: Vec<String> = prepared.plan.unmanaged.iter().map(|it| it.address.kind.to_string()).collect();
        assert_eq!(unmanaged, ["alias", "event_source_mapping", "function"], "{text}");
        let report = run(&reconciler, prepared).await;
        assert_eq!(report.verdict(), Verdict::Applied, "{text}\n{:?}", undone(&report));
        let later = reconciler.plan(&choice, Depth::Declared).await.unwrap().plan;
        let deleted = later.resources.iter().filter(|planned| planned.action == Action::Delete).count();
        assert_eq!(deleted, 2, "{}", shown(&later));
    });
}

#[test]
fn what_is_excluded_is_not_deleted_although_the_spec_no_longer_declares_it() {
    let excluding = |patterns: &[&str]| {
        let excludes = patterns.iter().map(|pattern| pattern.parse().unwrap()).collect();
        trueup::session::ChosenResources { excludes, ..Default::default() }
    };
    let spec = |names: &[&str]| {
        let functions: String = names
            .iter()
            .map(|name| {
                format!("  {name}: {{{FUNCTION}, publish: true, aliases: {{live: {{function_version: published}}}}}}\n")
            })
            .collect();
        format!("version: 1\nstack: shop\nfunctions:\n{functions}")
    };
    block_on(async {
        let fixture = Fixture::new();
        assert_eq!(fixture.apply(&spec(&["kept", "old", "older"])).await.verdict(), Verdict::Applied);
        let stack = fixture.stack(&spec(&["kept"]));
        for (patterns, destroy, expected) in [
            (&["function/*"][..], false, &[][..]),
            (&["**"], false, &[]),
            (&["function/old"], false, &["function/older"]),
            // What would go with the function keeps it.
            (&["alias/old/live"], false, &["function/older"]),
            (&["function/*"], true, &[]),
        ] {
            let mut options = PlanOptions { prune: !destroy, destroy, ..PlanOptions::default() };
            excluding(patterns).choose(&stack, &mut options).unwrap();
            let plan = fixture.reconciler_of(stack.clone()).plan(&options, Depth::Declared).await.unwrap().plan;
            let deleted =
                plan.resources.iter().filter(|it| it.action == Action::Delete && it.address.kind == KindId::Function);
            let deleted: Vec<String> = deleted.map(|it| it.address.to_string()).collect();
            assert_eq!(deleted, expected, "{patterns:?}: {}", shown(&plan));
            let text = serde_json::to_string(&plan.masked()).unwrap();
            assert!(text.contains("exclude_patterns"), "a saved plan keeps them");
        }
        // Where nothing undeclared is deleted, a pattern that fits nothing is a mistake.
        let mut options = PlanOptions::default();
        assert!(excluding(&["function/older*"]).choose(&stack, &mut options).is_err());
    });
}
