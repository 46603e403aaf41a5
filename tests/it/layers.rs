//! Layers, their permissions, code signing and capacity: what only a whole plan shows.

use trueup::apply::Verdict;
use trueup::kinds;
use trueup::observe::Depth;
use trueup::plan::{Choice, Plan};
use trueup::wire::{
    AddLayerVersionPermissionInputBuilder, DeleteLayerVersionInputBuilder, ListLayerVersionsInputBuilder,
    ListLayerVersionsOutput, Operation,
};

use crate::harness::{World, run, shown, undone, zip};

/// Applies the spec and demands that a second plan has nothing to do.
async fn settle(world: &World, text: &str) {
    let report = world.apply(text).await;
    assert_eq!(report.verdict(), Verdict::Applied, "{:#?}", undone(&report));
    let again = world.plan(text).await;
    assert!(again.is_empty(), "{}", shown(&again));
}

fn operations(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.operation.as_str()).collect()
}

fn package(world: &World, number: usize) {
    world.write("package.zip", zip(&[("app.py", &format!("NUMBER = {number}\n"))]));
}

async fn versions(world: &World) -> Vec<i64> {
    let reply = world.send(ListLayerVersionsInputBuilder::default().layer_name("common").call()).await;
    let reply: &ListLayerVersionsOutput = ListLayerVersionsInputBuilder::reply(&reply).unwrap();
    reply.layer_versions().iter().map(|version| version.version()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_changed_layer_is_published_once_and_its_functions_follow_in_the_same_plan() {
    let world = World::new();
    let spec = kinds::kind("layer").unwrap().example();
    settle(&world, spec).await;
    let changed = spec.replace("what all of us need", "what most of us need");
    let plan = world.plan(&changed).await;
    assert_eq!(operations(&plan), ["PublishLayerVersion", "UpdateFunctionConfiguration", "PublishVersion"]);
    for number in 1..4 {
        package(&world, number);
        settle(&world, &changed).await;
    }
    // The spec keeps two.
    assert_eq!(versions(&world).await, [4, 3]);
}

#[tokio::test(start_paused = true)]
async fn numbers_go_on_after_all_versions_were_deleted_and_what_was_predicted_gives_way() {
    let world = World::new();
    let spec = kinds::kind("layer").unwrap().example();
    settle(&world, spec).await;
    world.send(DeleteLayerVersionInputBuilder::default().layer_name("common").version_number(1).call()).await;
    settle(&world, spec).await;
    assert_eq!(versions(&world).await, [2]);
}

#[tokio::test(start_paused = true)]
async fn every_new_version_gets_its_statements_in_the_same_plan() {
    let world = World::new();
    let spec = kinds::kind("layer_permissions").unwrap().example();
    settle(&world, spec).await;
    package(&world, 1);
    let plan = world.plan(spec).await;
    assert_eq!(
        operations(&plan),
        ["PublishLayerVersion", "AddLayerVersionPermission", "AddLayerVersionPermission"],
        "{}",
        shown(&plan)
    );
    settle(&world, spec).await;
    // A changed statement is taken away and added, one after the other.
    let changed = spec.replace("210987654321", "210987654322");
    let plan = world.plan(&changed).await;
    assert_eq!(operations(&plan), ["RemoveLayerVersionPermission", "AddLayerVersionPermission"], "{}", shown(&plan));
    settle(&world, &changed).await;
    // Even the only one, with which the policy vanishes.
    let alone = |account: &str| {
        format!(
            "version: 1\nstack: example\nlayers:\n  alone:\n    code: {{zip: package.zip}}\n    permissions: {{a: {{principal: \"{account}\"}}}}\n"
        )
    };
    settle(&world, &alone("210987654321")).await;
    settle(&world, &alone("210987654322")).await;
}

#[tokio::test(start_paused = true)]
async fn statements_of_others_stay_unless_pruned() {
    let world = World::new();
    let spec = kinds::kind("layer_permissions").unwrap().example();
    settle(&world, spec).await;
    let add = AddLayerVersionPermissionInputBuilder::default().layer_name("common").version_number(1);
    let add = add.statement_id("theirs").action("lambda:GetLayerVersion").principal("111111111111");
    world.send(add.call()).await;
    let plan = world.plan(spec).await;
    assert!(plan.is_empty(), "{}", shown(&plan));
    let unmanaged: Vec<_> = plan.unmanaged.iter().filter_map(|it| it.field.as_ref()).map(ToString::to_string).collect();
    assert_eq!(unmanaged, ["theirs"]);
    let pruning = format!("prune: true\n{spec}");
    assert_eq!(operations(&world.plan(&pruning).await), ["RemoveLayerVersionPermission"]);
    settle(&world, &pruning).await;
    let bare = "prune: true\nversion: 1\nstack: example\nlayers: {common: {code: {zip: package.zip}}}\n";
    assert_eq!(operations(&world.plan(bare).await), ["RemoveLayerVersionPermission"; 2]);
    settle(&world, bare).await;
}

#[tokio::test(start_paused = true)]
async fn code_is_checked_from_the_first_and_against_what_the_spec_says_now() {
    let world = World::new();
    let spec = kinds::kind("function_code_signing").unwrap().example();
    let plan = world.plan(spec).await;
    assert_eq!(operations(&plan), ["CreateCodeSigningConfig", "CreateFunction", "PublishVersion"], "{}", shown(&plan));
    settle(&world, spec).await;
    // Another configuration, and new code with it: attached before the code is sent.
    let other = spec.replace("  ours:", "  theirs:").replace("configs.ours.arn", "configs.theirs.arn");
    package(&world, 1);
    let plan = world.plan(&other).await;
    let expected = ["CreateCodeSigningConfig", "PutFunctionCodeSigningConfig", "UpdateFunctionCode", "PublishVersion"];
    assert_eq!(operations(&plan), expected, "{}", shown(&plan));
    settle(&world, &other).await;
    // Taken away before the code, which may then be unsigned; the configurations go when nobody uses them.
    let bare = "prune: true\n".to_owned() + kinds::kind("version").unwrap().example();
    package(&world, 2);
    let reconciler = world.reconciler(&bare);
    let plan = reconciler.plan(&Choice::default(), Depth::Full).await.unwrap();
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
    let at = |operation: &str| plan.plan.steps.iter().position(|step| step.operation == operation).unwrap();
    assert!(at("DeleteFunctionCodeSigningConfig") < at("UpdateFunctionCode"));
    let report = run(&reconciler, plan).await;
    assert_eq!(report.verdict(), Verdict::Applied, "{:#?}", undone(&report));
    settle(&world, &bare).await;
}

#[tokio::test(start_paused = true)]
async fn a_capacity_provider_changes_in_place_where_it_can_and_goes_after_what_runs_on_it() {
    let world = World::new();
    let spec = kinds::kind("capacity_provider").unwrap().example();
    settle(&world, spec).await;
    let changed =
        spec.replace("max_v_cpu_count: 64", "max_v_cpu_count: 32").replace("    tags: {team: payments}\n", "");
    let plan = world.plan(&changed).await;
    assert_eq!(operations(&plan), ["UpdateCapacityProvider"], "{}", shown(&plan));
    let unmanaged: Vec<_> = plan.unmanaged.iter().filter_map(|it| it.field.as_ref()).map(ToString::to_string).collect();
    assert_eq!(unmanaged, ["tags.team"]);
    settle(&world, &changed).await;
    let pruning = format!("prune: true\n{changed}");
    assert_eq!(operations(&world.plan(&pruning).await), ["UntagResource"]);
    settle(&world, &pruning).await;
    // Another pool of the same spec is gone from it, and nothing runs there.
    let two = changed.replace("functions:", "  idle:\n    vpc_config: {subnet_ids: [subnet-a], security_group_ids: []}\n    permissions_config: {capacity_provider_operator_role_arn: \"arn:aws:iam::${account}:role/operator\"}\nfunctions:");
    settle(&world, &two).await;
    assert_eq!(operations(&world.plan(&pruning).await), ["DeleteCapacityProvider"]);
    settle(&world, &pruning).await;
}
