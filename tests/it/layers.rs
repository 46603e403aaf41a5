//! Promise: a changed layer is published once and its functions follow; with code signing and capacity providers.

use trueup::apply::Verdict;
use trueup::kinds;
use trueup::model::KindId;
use trueup::observe::Depth;
use trueup::plan::{Plan, PlanOptions};
use trueup::sim::{FaultPlan, Options, Settle, Simulator};
use trueup::wire::{
    AddLayerVersionPermissionInputBuilder, DeleteLayerVersionInputBuilder, ListLayerVersionsInputBuilder,
    ListLayerVersionsOutput, PublishLayerVersionInputBuilder, TypedCall,
};

use crate::harness::{Fixture, run, shown, undone, zip};

/// Applies the spec and asserts that a second plan is empty.
async fn settle(fixture: &Fixture, text: &str) {
    let report = fixture.apply(text).await;
    assert_eq!(report.verdict(), Verdict::Applied, "{:#?}", undone(&report));
    let again = fixture.plan(text).await;
    assert!(again.is_empty(), "{}", shown(&again));
}

fn operations(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.operation.name()).collect()
}

fn package(fixture: &Fixture, number: usize) {
    fixture.write("package.zip", zip(&[("app.py", &format!("NUMBER = {number}\n"))]));
}

async fn versions(fixture: &Fixture) -> Vec<i64> {
    let reply = fixture.send(ListLayerVersionsInputBuilder::default().layer_name("common").call()).await;
    let reply: &ListLayerVersionsOutput = ListLayerVersionsInputBuilder::reply(&reply).unwrap();
    reply.layer_versions().iter().map(|version| version.version()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_changed_layer_is_published_once_and_its_functions_follow_in_the_same_plan() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::Layer).example();
    settle(&fixture, spec).await;
    let changed = spec.replace("what all of us need", "what most of us need");
    let plan = fixture.plan(&changed).await;
    assert_eq!(operations(&plan), ["PublishLayerVersion", "UpdateFunctionConfiguration", "PublishVersion"]);
    for number in 1..4 {
        package(&fixture, number);
        settle(&fixture, &changed).await;
    }
    // The spec keeps two.
    assert_eq!(versions(&fixture).await, [4, 3]);
}

#[tokio::test(start_paused = true)]
async fn layer_version_numbers_continue_after_all_versions_were_deleted() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::Layer).example();
    settle(&fixture, spec).await;
    fixture.send(DeleteLayerVersionInputBuilder::default().layer_name("common").version_number(1).call()).await;
    settle(&fixture, spec).await;
    assert_eq!(versions(&fixture).await, [2]);
}

#[tokio::test(start_paused = true)]
async fn every_new_layer_version_gets_its_permissions_in_the_same_plan() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::LayerPermissions).example();
    settle(&fixture, spec).await;
    package(&fixture, 1);
    let plan = fixture.plan(spec).await;
    assert_eq!(
        operations(&plan),
        ["PublishLayerVersion", "AddLayerVersionPermission", "AddLayerVersionPermission"],
        "{}",
        shown(&plan)
    );
    settle(&fixture, spec).await;
    // A changed statement is removed and added, one after the other.
    let changed = spec.replace("210987654321", "210987654322");
    let plan = fixture.plan(&changed).await;
    assert_eq!(operations(&plan), ["RemoveLayerVersionPermission", "AddLayerVersionPermission"], "{}", shown(&plan));
    settle(&fixture, &changed).await;
    // Even the only one, whose removal deletes the policy.
    let alone = |account: &str| {
        format!(
            "version: 1\nstack: example\nlayers:\n  alone:\n    code: {{zip: package.zip}}\n    permissions: {{a: {{principal: \"{account}\"}}}}\n"
        )
    };
    settle(&fixture, &alone("210987654321")).await;
    settle(&fixture, &alone("210987654322")).await;
}

#[tokio::test(start_paused = true)]
async fn foreign_statements_are_kept_unless_pruned() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::LayerPermissions).example();
    settle(&fixture, spec).await;
    let add = AddLayerVersionPermissionInputBuilder::default().layer_name("common").version_number(1);
    let add = add.statement_id("theirs").action("lambda:GetLayerVersion").principal("111111111111");
    fixture.send(add.call()).await;
    let plan = fixture.plan(spec).await;
    assert!(plan.is_empty(), "{}", shown(&plan));
    let unmanaged: Vec<_> = plan.unmanaged.iter().filter_map(|it| it.field.as_ref()).map(ToString::to_string).collect();
    assert_eq!(unmanaged, ["theirs"]);
    let pruning = format!("prune: true\n{spec}");
    assert_eq!(operations(&fixture.plan(&pruning).await), ["RemoveLayerVersionPermission"]);
    settle(&fixture, &pruning).await;
    let bare = "prune: true\nversion: 1\nstack: example\nlayers: {common: {code: {zip: package.zip}}}\n";
    assert_eq!(operations(&fixture.plan(bare).await), ["RemoveLayerVersionPermission"; 2]);
    settle(&fixture, bare).await;
}

#[tokio::test(start_paused = true)]
async fn code_signing_is_enforced_at_creation_and_after_a_change() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::FunctionCodeSigning).example();
    let plan = fixture.plan(spec).await;
    assert_eq!(operations(&plan), ["CreateCodeSigningConfig", "CreateFunction", "PublishVersion"], "{}", shown(&plan));
    settle(&fixture, spec).await;
    // Another configuration, and new code with it: attached before the code is sent.
    let other = spec.replace("  ours:", "  theirs:").replace("configs.ours.arn", "configs.theirs.arn");
    package(&fixture, 1);
    let plan = fixture.plan(&other).await;
    let expected = ["CreateCodeSigningConfig", "PutFunctionCodeSigningConfig", "UpdateFunctionCode", "PublishVersion"];
    assert_eq!(operations(&plan), expected, "{}", shown(&plan));
    settle(&fixture, &other).await;
    // Detached before the code, which may be unsigned then; the configurations are deleted once unused.
    let bare = "prune: true\n".to_owned() + kinds::entry(KindId::Version).example();
    package(&fixture, 2);
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
    settle(&fixture, &bare).await;
}

#[tokio::test(start_paused = true)]
async fn a_capacity_provider_is_updated_in_place_and_deleted_after_its_functions() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::CapacityProvider).example();
    settle(&fixture, spec).await;
    let changed =
        spec.replace("max_v_cpu_count: 64", "max_v_cpu_count: 32").replace("    tags: {team: payments}\n", "");
    let plan = fixture.plan(&changed).await;
    assert_eq!(operations(&plan), ["UpdateCapacityProvider"], "{}", shown(&plan));
    let unmanaged: Vec<_> = plan.unmanaged.iter().filter_map(|it| it.field.as_ref()).map(ToString::to_string).collect();
    assert_eq!(unmanaged, ["tags.team"]);
    settle(&fixture, &changed).await;
    let pruning = format!("prune: true\n{changed}");
    assert_eq!(operations(&fixture.plan(&pruning).await), ["UntagResource"]);
    settle(&fixture, &pruning).await;
    // An unused capacity provider is removed from the spec.
    let two = changed.replace("functions:", "  idle:\n    vpc_config: {subnet_ids: [subnet-a], security_group_ids: []}\n    permissions_config: {capacity_provider_operator_role_arn: \"arn:aws:iam::${account}:role/operator\"}\nfunctions:");
    settle(&fixture, &two).await;
    assert_eq!(operations(&fixture.plan(&pruning).await), ["DeleteCapacityProvider"]);
    settle(&fixture, &pruning).await;
}

#[tokio::test(start_paused = true)]
async fn a_version_number_is_not_predicted_twice_and_a_foreign_version_is_reported() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::Layer).example().replace("    retain_versions: 2\n", "");
    settle(&fixture, &spec).await;
    let changed = spec.replace("what all of us need", "what most of us need");
    settle(&fixture, &changed).await;
    fixture.send(DeleteLayerVersionInputBuilder::default().layer_name("common").version_number(2).call()).await;
    let text = shown(&fixture.plan(&changed).await);
    assert!(text.contains("layer:common:2\"] → [\"arn:aws:lambda:us-east-1:123456789012:layer:common:3\"]"), "{text}");
    assert!(text.contains("version 2, which functions of this spec use, has been deleted"), "{text}");
    settle(&fixture, &changed).await;
    assert_eq!(versions(&fixture).await, [3, 1]);
    let content = aws_sdk_lambda::types::LayerVersionContentInput::builder();
    let content = content.zip_file(aws_sdk_lambda::primitives::Blob::new(zip(&[("evil.py", "")]))).build();
    fixture.send(PublishLayerVersionInputBuilder::default().layer_name("common").content(content).call()).await;
    let drift = trueup::drift::drift(&fixture.plan(&changed).await.masked());
    let notes: Vec<_> = drift.iter().flat_map(|drifted| &drifted.notes).map(String::as_str).collect();
    let expected = "version 4 is not the one that the functions of this spec use, which is version 3; another client may \
                    have published it";
    assert_eq!(notes, ["files of the code: added app.py; removed evil.py", expected]);
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
    settle(&fixture, &spec).await;
    let changed =
        spec.replace("kept: old, gone: old", "kept: new, added: new").replace("description: old", "description: new");
    let changed =
        changed.replace("max_v_cpu_count: 64", "max_v_cpu_count: 32").replace("batch_size: 9", "batch_size: 8");
    let changed = format!("prune: true\n{changed}");
    let plan = fixture.plan(&changed).await;
    let count = |operation: &str| operations(&plan).iter().filter(|it| **it == operation).count();
    assert_eq!((count("TagResource"), count("UntagResource"), plan.steps.len()), (4, 4, 12), "{}", shown(&plan));
    settle(&fixture, &changed).await;
}

#[tokio::test(start_paused = true)]
async fn replacing_a_capacity_provider_in_use_is_refused() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::CapacityProvider).example();
    settle(&fixture, spec).await;
    let plan = fixture.plan(&spec.replace("[subnet-b, subnet-a]", "[subnet-c]")).await;
    let refused: Vec<_> = plan.refusals.iter().map(|refusal| refusal.message()).collect();
    assert!(refused[0].contains("while a version of a function runs on it"), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn functions_that_only_follow_a_layer_have_not_drifted() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::Layer).example().replace("    retain_versions: 2\n", "");
    settle(&fixture, &spec).await;
    let content = aws_sdk_lambda::types::LayerVersionContentInput::builder();
    let content = content.zip_file(aws_sdk_lambda::primitives::Blob::new(zip(&[("rogue.py", "")]))).build();
    fixture.send(PublishLayerVersionInputBuilder::default().layer_name("common").content(content).call()).await;
    let plan = fixture.reconciler(&spec).plan(&PlanOptions::default(), Depth::Full).await.unwrap().plan;
    let drifted: Vec<String> =
        trueup::drift::drift(&plan.masked()).iter().map(|drifted| drifted.address.to_string()).collect();
    assert_eq!(drifted, ["layer/common"], "{}", shown(&plan));
}

#[tokio::test(start_paused = true)]
async fn versions_that_retention_would_delete_have_not_drifted() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::Layer).example().to_owned();
    settle(&fixture, &spec).await;
    let name = fixture
        .stack(&spec)
        .resources
        .values()
        .find(|it| it.at.address.kind == KindId::Layer)
        .unwrap()
        .at
        .outer()
        .to_owned();
    let content = aws_sdk_lambda::types::LayerVersionContentInput::builder();
    let content = content.zip_file(aws_sdk_lambda::primitives::Blob::new(zip(&[("rogue.py", "")]))).build();
    fixture.send(PublishLayerVersionInputBuilder::default().layer_name(name).content(content).call()).await;
    let plan = fixture.reconciler(&spec).plan(&PlanOptions::default(), Depth::Full).await.unwrap().plan;
    let drifted: Vec<KindId> =
        trueup::drift::drift(&plan.masked()).iter().map(|drifted| drifted.address.kind).collect();
    assert_eq!(drifted, [KindId::Layer], "{}", shown(&plan));
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
    settle(&fixture, spec).await;
}

#[tokio::test(start_paused = true)]
async fn a_version_number_that_comes_out_otherwise_is_in_the_report() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::Layer).example();
    // Lambda gives no number twice, and does not show those of deleted versions.
    let code = zip(&[("app.py", "")]);
    let content = aws_sdk_lambda::types::LayerVersionContentInput::builder();
    let content = content.zip_file(aws_sdk_lambda::primitives::Blob::new(code)).build();
    fixture.send(PublishLayerVersionInputBuilder::default().layer_name("common").content(content).call()).await;
    fixture.send(DeleteLayerVersionInputBuilder::default().layer_name("common").version_number(1).call()).await;
    let reconciler = fixture.reconciler(spec);
    let prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
    let report = run(&reconciler, prepared).await;
    assert_eq!(report.verdict(), Verdict::Applied, "{:#?}", undone(&report));
    let version = report.mispredicted.iter().find(|it| it.attribute == "version").unwrap();
    assert_eq!((&version.predicted, &version.returned), (&"1".into(), &"2".into()));
    let text = trueup::show::report::render(&report, trueup::show::Style::default(), &|_| None);
    assert!(text.contains("layer/common: version is 2, and the plan predicted 1"), "{text}");
    assert_eq!(fixture.apply(spec).await.mispredicted, []);
}
