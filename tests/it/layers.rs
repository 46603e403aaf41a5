//! Layers, their permissions, code signing and capacity: what only a whole plan shows.

use trueup::apply::Verdict;
use trueup::kinds;
use trueup::plan::Plan;
use trueup::wire::{DeleteLayerVersionInputBuilder, ListLayerVersionsInputBuilder, ListLayerVersionsOutput, Operation};

use crate::harness::{World, shown, undone, zip};

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
