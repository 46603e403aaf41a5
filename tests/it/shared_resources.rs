//! Promise: code signing configurations and capacity providers change with the functions that use them.

use trueup::apply::Verdict;
use trueup::kinds;
use trueup::model::KindId;
use trueup::observe::Depth;
use trueup::plan::PlanOptions;
use trueup::sim::{FaultPlan, Options, Settle, Simulator};

use crate::harness::{Fixture, operations, run, shown, undone};

#[tokio::test(start_paused = true)]
async fn code_signing_is_enforced_at_creation_and_after_a_change() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::FunctionCodeSigning).example();
    let plan = fixture.plan(spec).await;
    assert_eq!(operations(&plan), ["CreateCodeSigningConfig", "CreateFunction"], "{}", shown(&plan));
    fixture.fixpoint(spec).await;
    // Another configuration, and new code with it: attached before the code is sent.
    let other = spec.replace("  ours:", "  theirs:").replace("configs.ours.arn", "configs.theirs.arn");
    fixture.write_package(1);
    let plan = fixture.plan(&other).await;
    let expected = ["CreateCodeSigningConfig", "PutFunctionCodeSigningConfig", "UpdateFunctionCode", "PublishVersion"];
    assert_eq!(operations(&plan), expected, "{}", shown(&plan));
    fixture.fixpoint(&other).await;
    // Detached before the code, which may be unsigned then; the configurations are deleted once unused.
    let bare = "prune: true\n".to_owned() + kinds::entry(KindId::Version).example();
    fixture.write_package(2);
    let reconciler = fixture.reconciler(&bare);
    let plan = reconciler.plan(&PlanOptions::default(), Depth::Full).await.unwrap();
    let expected = [
        "DeleteFunctionCodeSigningConfig",
        "DeleteCodeSigningConfig",
        "UpdateFunctionCode",
        "DeleteCodeSigningConfig",
        "PublishVersion",
    ];
    let mut found = operations(&plan.plan);
    found.sort_unstable();
    let mut sorted = expected;
    sorted.sort_unstable();
    assert_eq!(found, sorted, "{}", shown(&plan.plan));
    let at = |operation: &str| plan.plan.steps.iter().position(|step| step.operation.name() == operation).unwrap();
    assert!(at("DeleteFunctionCodeSigningConfig") < at("UpdateFunctionCode"));
    let report = run(&reconciler, plan).await;
    assert_eq!(report.verdict(), Verdict::Applied, "{:#?}", undone(&report));
    fixture.fixpoint(&bare).await;
}

#[tokio::test(start_paused = true)]
async fn a_capacity_provider_is_updated_in_place_and_deleted_after_its_functions() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::CapacityProvider).example();
    fixture.fixpoint(spec).await;
    let changed =
        spec.replace("max_v_cpu_count: 64", "max_v_cpu_count: 32").replace("    tags: {team: payments}\n", "");
    let plan = fixture.plan(&changed).await;
    assert_eq!(operations(&plan), ["UpdateCapacityProvider"], "{}", shown(&plan));
    let unmanaged: Vec<_> = plan.unmanaged.iter().filter_map(|it| it.field.as_ref()).map(ToString::to_string).collect();
    assert_eq!(unmanaged, ["tags.team"]);
    fixture.fixpoint(&changed).await;
    let pruning = format!("prune: true\n{changed}");
    assert_eq!(operations(&fixture.plan(&pruning).await), ["UntagResource"]);
    fixture.fixpoint(&pruning).await;
    // An unused capacity provider is removed from the spec.
    let two = changed.replace("functions:", "  idle:\n    vpc_config: {subnet_ids: [subnet-a], security_group_ids: []}\n    permissions_config: {capacity_provider_operator_role_arn: \"arn:aws:iam::${account}:role/operator\"}\nfunctions:");
    fixture.fixpoint(&two).await;
    assert_eq!(operations(&fixture.plan(&pruning).await), ["DeleteCapacityProvider"]);
    fixture.fixpoint(&pruning).await;
}

#[tokio::test(start_paused = true)]
async fn tags_are_changed_and_pruned_together_with_a_field_in_one_apply() {
    let spec = "version: 1
stack: example
code_signing_configs:
  ours:
    description: old
    allowed_publishers:
      signing_profile_version_arns: ['arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/a1b2c3d4e5']
    tags: {kept: old, gone: old}
capacity_providers:
  pool:
    vpc_config: {subnet_ids: [subnet-a], security_group_ids: []}
    permissions_config: {capacity_provider_operator_role_arn: 'arn:aws:iam::123456789012:role/operator'}
    capacity_provider_scaling_config: {max_v_cpu_count: 64}
    tags: {kept: old, gone: old}
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
    description: old
    tags: {kept: old, gone: old}
    event_source_mappings:
      queue: {event_source_arn: 'arn:aws:sqs:us-east-1:123456789012:orders', batch_size: 64, tags: {kept: old, gone: old}}
";
    let fixture = Fixture::new();
    let spec = spec.replace("batch_size: 64", "batch_size: 9");
    fixture.fixpoint(&spec).await;
    let changed =
        spec.replace("kept: old, gone: old", "kept: new, added: new").replace("description: old", "description: new");
    let changed =
        changed.replace("max_v_cpu_count: 64", "max_v_cpu_count: 32").replace("batch_size: 9", "batch_size: 8");
    let changed = format!("prune: true\n{changed}");
    let plan = fixture.plan(&changed).await;
    let count = |operation: &str| operations(&plan).iter().filter(|it| **it == operation).count();
    assert_eq!((count("TagResource"), count("UntagResource"), plan.steps.len()), (4, 4, 12), "{}", shown(&plan));
    fixture.fixpoint(&changed).await;
}

#[tokio::test(start_paused = true)]
async fn replacing_a_capacity_provider_in_use_is_refused() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::CapacityProvider).example();
    fixture.fixpoint(spec).await;
    let plan = fixture.plan(&spec.replace("[subnet-b, subnet-a]", "[subnet-c]")).await;
    let refused: Vec<_> = plan.refusals.iter().map(|refusal| refusal.message()).collect();
    assert!(refused[0].contains("while a version of a function runs on it"), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn a_failed_capacity_provider_is_replaced() {
    let mut options = Options::default();
    options.settle = Settle::instant();
    options.faults = Some(FaultPlan::parse("settle-failed InternalError on CreateCapacityProvider at 1").unwrap());
    let fixture = Fixture::of(&Simulator::open(options).unwrap(), |router| router);
    let spec = kinds::entry(KindId::CapacityProvider).example();
    assert_eq!(fixture.apply(spec).await.verdict(), Verdict::Partial);
    let plan = fixture.plan(spec).await;
    assert!(
        shown(&plan).contains("DeleteCapacityProvider capacity_provider/pool: Lambda could not set it up"),
        "{}",
        shown(&plan)
    );
    fixture.fixpoint(spec).await;
}
