//! Promise: a changed layer is published once and its functions follow.

use trueup::apply::Verdict;
use trueup::kinds;
use trueup::model::KindId;
use trueup::observe::Depth;
use trueup::plan::PlanOptions;
use trueup::wire::{
    AddLayerVersionPermissionInputBuilder, DeleteLayerVersionInputBuilder, ListLayerVersionsInputBuilder,
    ListLayerVersionsOutput, PublishLayerVersionInputBuilder, TypedCall,
};

use crate::harness::{Fixture, operations, run, shown, undone, zip};

async fn versions(fixture: &Fixture) -> Vec<i64> {
    let reply = fixture.send(ListLayerVersionsInputBuilder::default().layer_name("common").call()).await;
    let reply: &ListLayerVersionsOutput = ListLayerVersionsInputBuilder::reply(&reply).unwrap();
    reply.layer_versions().iter().map(|version| version.version()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_changed_layer_is_published_once_and_its_functions_follow_in_the_same_plan() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::Layer).example();
    fixture.fixpoint(spec).await;
    let changed = spec.replace("what all of us need", "what most of us need");
    let plan = fixture.plan(&changed).await;
    assert_eq!(operations(&plan), ["PublishLayerVersion", "UpdateFunctionConfiguration", "PublishVersion"]);
    for number in 1..4 {
        fixture.write_package(number);
        fixture.fixpoint(&changed).await;
    }
    // The spec keeps two.
    assert_eq!(versions(&fixture).await, [4, 3]);
}

#[tokio::test(start_paused = true)]
async fn layer_version_numbers_continue_after_all_versions_were_deleted() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::Layer).example();
    fixture.fixpoint(spec).await;
    fixture.send(DeleteLayerVersionInputBuilder::default().layer_name("common").version_number(1).call()).await;
    fixture.fixpoint(spec).await;
    assert_eq!(versions(&fixture).await, [2]);
}

#[tokio::test(start_paused = true)]
async fn every_new_layer_version_gets_its_permissions_in_the_same_plan() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::LayerPermissions).example();
    fixture.fixpoint(spec).await;
    fixture.write_package(1);
    let plan = fixture.plan(spec).await;
    assert_eq!(
        operations(&plan),
        ["PublishLayerVersion", "AddLayerVersionPermission", "AddLayerVersionPermission"],
        "{}",
        shown(&plan)
    );
    fixture.fixpoint(spec).await;
    // A changed statement is removed and added, one after the other.
    let changed = spec.replace("210987654321", "210987654322");
    let plan = fixture.plan(&changed).await;
    assert_eq!(operations(&plan), ["RemoveLayerVersionPermission", "AddLayerVersionPermission"], "{}", shown(&plan));
    fixture.fixpoint(&changed).await;
    // Even the only one, whose removal deletes the policy.
    let alone = |account: &str| {
        format!(
            "version: 1\nstack: example\nlayers:\n  alone:\n    code: {{zip: package.zip}}\n    permissions: {{a: {{principal: \"{account}\"}}}}\n"
        )
    };
    fixture.fixpoint(&alone("210987654321")).await;
    fixture.fixpoint(&alone("210987654322")).await;
}

#[tokio::test(start_paused = true)]
async fn foreign_statements_are_kept_unless_pruned() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::LayerPermissions).example();
    fixture.fixpoint(spec).await;
    let add = AddLayerVersionPermissionInputBuilder::default().layer_name("common").version_number(1);
    let add = add.statement_id("theirs").action("lambda:GetLayerVersion").principal("111111111111");
    fixture.send(add.call()).await;
    let plan = fixture.plan(spec).await;
    assert!(plan.is_empty(), "{}", shown(&plan));
    let unmanaged: Vec<_> = plan.unmanaged.iter().filter_map(|it| it.field.as_ref()).map(ToString::to_string).collect();
    assert_eq!(unmanaged, ["theirs"]);
    let pruning = format!("prune: true\n{spec}");
    assert_eq!(operations(&fixture.plan(&pruning).await), ["RemoveLayerVersionPermission"]);
    fixture.fixpoint(&pruning).await;
    let bare = "prune: true\nversion: 1\nstack: example\nlayers: {common: {code: {zip: package.zip}}}\n";
    assert_eq!(operations(&fixture.plan(bare).await), ["RemoveLayerVersionPermission"; 2]);
    fixture.fixpoint(bare).await;
}

#[tokio::test(start_paused = true)]
async fn a_version_number_is_not_predicted_twice_and_a_foreign_version_is_reported() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::Layer).example().replace("    retain_versions: 2\n", "");
    fixture.fixpoint(&spec).await;
    let changed = spec.replace("what all of us need", "what most of us need");
    fixture.fixpoint(&changed).await;
    fixture.send(DeleteLayerVersionInputBuilder::default().layer_name("common").version_number(2).call()).await;
    let text = shown(&fixture.plan(&changed).await);
    assert!(text.contains("layer:common:2\"] → [\"arn:aws:lambda:us-east-1:123456789012:layer:common:3\"]"), "{text}");
    assert!(text.contains("version 2, which functions of this spec use, has been deleted"), "{text}");
    fixture.fixpoint(&changed).await;
    assert_eq!(versions(&fixture).await, [3, 1]);
    let content = aws_sdk_lambda::types::LayerVersionContentInput::builder();
    let content = content.zip_file(aws_sdk_lambda::primitives::Blob::new(zip(&[("evil.py", "")]))).build();
    fixture.send(PublishLayerVersionInputBuilder::default().layer_name("common").content(content).call()).await;
    let drift = trueup::drift::drift(&fixture.plan(&changed).await.masked());
    let notes: Vec<_> = drift.iter().flat_map(|drifted| &drifted.notes).map(String::as_str).collect();
    let expected = "version 4 is not the one that the functions of this spec use, which is version 3; another client may \
                    have published it";
    assert_eq!(notes, ["an apply would deploy these files: added app.py (42 B); removed evil.py (0 B)", expected]);
}

#[tokio::test(start_paused = true)]
async fn functions_that_only_follow_a_layer_have_not_drifted() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::Layer).example().replace("    retain_versions: 2\n", "");
    fixture.fixpoint(&spec).await;
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
    fixture.fixpoint(&spec).await;
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
    let text = trueup::show::report::render(
        &report,
        trueup::show::Style::default(),
        trueup::show::report::ReportOf::Apply,
        &|_| None,
    );
    assert!(text.contains("layer/common: version is 2, and the plan predicted 1"), "{text}");
    assert_eq!(fixture.apply(spec).await.mispredicted, []);
}

#[tokio::test(start_paused = true)]
async fn of_two_appliers_of_one_layer_the_second_finds_the_version_of_the_first() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::Layer).example();
    fixture.fixpoint(spec).await;
    fixture.write_package(1);
    let appliers = [fixture.reconciler(spec), fixture.reconciler(spec)];
    let mut prepared = Vec::new();
    for applier in &appliers {
        prepared.push(applier.plan(&PlanOptions::default(), Depth::Declared).await.unwrap());
    }
    let mut verdicts = Vec::new();
    for (applier, prepared) in appliers.iter().zip(prepared) {
        verdicts.push(run(applier, prepared).await.verdict());
    }
    assert_eq!(verdicts, [Verdict::Applied, Verdict::Refused]);
    assert_eq!(versions(&fixture).await, [2, 1]);
    fixture.fixpoint(spec).await;
}

#[tokio::test(start_paused = true)]
async fn a_thorough_search_finds_what_older_versions_grant_beyond_the_spec() {
    let fixture = Fixture::new();
    let spec = kinds::entry(KindId::LayerPermissions).example();
    fixture.fixpoint(spec).await;
    fixture.write_package(1);
    fixture.fixpoint(spec).await;
    let found = async |depth: Depth, options: &PlanOptions| {
        let plan = fixture.reconciler(spec).plan(options, depth).await.unwrap().plan;
        let unmanaged = plan.unmanaged.iter().map(|it| it.address.to_string()).collect::<Vec<_>>();
        let steps = plan.steps.iter().map(|step| format!("{} {}", step.operation, step.address));
        (unmanaged, steps.collect::<Vec<_>>())
    };
    let (none, unchanged) = (Vec::<String>::new(), Vec::<String>::new());
    let default = PlanOptions::default();
    assert_eq!(found(Depth::Full, &default).await, (none.clone(), unchanged.clone()));
    let public = AddLayerVersionPermissionInputBuilder::default().layer_name("common").version_number(1);
    let public = public.statement_id("public").action("lambda:GetLayerVersion").principal("*");
    fixture.send(public.call()).await;
    assert_eq!(found(Depth::Declared, &default).await, (none.clone(), unchanged.clone()));
    let old = "layer_permissions/common/1".to_owned();
    assert_eq!(found(Depth::Full, &default).await, (vec![old.clone()], unchanged));
    let prune = PlanOptions { prune: true, ..PlanOptions::default() };
    let (_, steps) = found(Depth::Full, &prune).await;
    assert!(
        !steps.is_empty() && steps.iter().all(|step| *step == format!("RemoveLayerVersionPermission {old}")),
        "{steps:?}"
    );
    let reconciler = fixture.reconciler(spec);
    let prepared = reconciler.plan(&prune, Depth::Full).await.unwrap();
    let report = run(&reconciler, prepared).await;
    assert_eq!(report.verdict(), Verdict::Applied, "{:?}", undone(&report));
    assert_eq!(found(Depth::Full, &prune).await, (none, Vec::new()));
}
