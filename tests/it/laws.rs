//! Promise: fixpoint. Laws that hold for every kind's example and for random stacks.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use trueup::apply::{Outcome, Verdict};
use trueup::declaration::Stack;
use trueup::kinds::{self, KINDS};
use trueup::model::{Action, Address, FieldPath, KindId};
use trueup::observe::Depth;
use trueup::plan::{Coverage, PlanOptions, build};
use trueup::resource::{KindEntry, field_traits};
use trueup::wire::{TypedCall, UpdateFunctionConfigurationInputBuilder};

use crate::harness::{Fixture, block_on, run, shown, undone};
use crate::stacks::{Random, stack};

#[test]
fn a_second_plan_is_empty_for_every_kind() {
    for kind in KINDS.iter() {
        block_on(async {
            let fixture = Fixture::new();
            fixture.fixpoint(kind.example()).await;
            assert_eq!(drifted(&fixture, kind.example()).await, [""; 0], "{}", kind.name());
            let kept = fixture.plan(kind.example()).await;
            assert!(
                kept.resources.iter().any(|planned| planned.address.kind == kind.id()),
                "{} is not in its own example",
                kind.name()
            );
        });
    }
}

#[test]
fn changed_code_is_published_in_the_same_apply() {
    block_on(async {
        let fixture = Fixture::new();
        let spec = kinds::entry(KindId::Alias).example();
        fixture.fixpoint(spec).await;
        fixture.write("package.zip", crate::harness::zip(&[("app.py", "def handler(event, context): return 2\n")]));
        let plan = fixture.plan(spec).await;
        let operations: Vec<&str> = plan.steps.iter().map(|step| step.operation.name()).collect();
        assert_eq!(operations, ["UpdateFunctionCode", "PublishVersion", "UpdateAlias"], "{}", shown(&plan));
        fixture.fixpoint(&spec.replace("handler: app.handler", "handler: app.second")).await;
    });
}

/// The examples by their names.
pub fn examples() -> BTreeMap<String, String> {
    let paths =
        std::fs::read_dir(crate::generated_files::repository("examples")).unwrap().map(|entry| entry.unwrap().path());
    let specs = paths.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    let named = specs.map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), path));
    let checkout = ("checkout".to_owned(), crate::generated_files::repository("examples/checkout/stack.yaml"));
    named.chain([checkout]).map(|(name, path)| (name, std::fs::read_to_string(path).unwrap())).collect()
}

/// Lists the drift, undeclared resources included.
async fn drifted(fixture: &Fixture, text: &str) -> Vec<String> {
    let reconciler = fixture.reconciler(text);
    let plan = reconciler.plan(&PlanOptions::default(), Depth::Full).await.unwrap().plan;
    let style = trueup::show::Style::default();
    let drift = trueup::drift::drift(&plan.masked());
    drift.iter().map(|one| trueup::show::drift::render(std::slice::from_ref(one), &[], style)).collect()
}

#[test]
fn every_example_converges_reports_manual_changes_and_is_destroyed_completely() {
    let examples = examples();
    assert!(examples.len() >= 3, "the examples are gone");
    for (name, text) in examples {
        block_on(async {
            let fixture = Fixture::new();
            // The code of the checkout example.
            for code in ["orders/app.py", "receipts/app.py"] {
                fixture.write(
                    code,
                    std::fs::read(crate::generated_files::repository("examples/checkout").join(code)).unwrap(),
                );
            }
            fixture.fixpoint(&text).await;
            assert_eq!(drifted(&fixture, &text).await, [""; 0], "{name}");
            let stack = fixture.stack(&text);
            let function = stack.resources.values().find(|it| it.at.address.kind == KindId::Function);
            let function = &function.expect("every example has a function").at;
            let by_hand = UpdateFunctionConfigurationInputBuilder::default();
            fixture.send(by_hand.function_name(function.outer()).description("by hand").call()).await;
            let drift = drifted(&fixture, &text).await;
            let expected = format!("{}: description is \"by hand\"", function.address);
            assert!(drift.iter().any(|one| one.contains(&expected)), "{name}: {drift:?}");
            fixture.fixpoint(&text).await;
            destroyed(&fixture, &text).await;
        });
    }
}

#[test]
fn the_estate_example_has_every_kind() {
    let stack = Fixture::new().stack(&examples()["estate"]);
    for kind in KINDS.iter() {
        let is_there = stack.resources.keys().any(|address| address.kind == kind.id());
        assert!(is_there, "{} is not in examples/estate.yaml", kind.name());
    }
}

#[test]
fn live_state_written_as_a_spec_gives_an_empty_plan() {
    for kind in KINDS.iter() {
        block_on(async {
            let fixture = Fixture::new();
            fixture.fixpoint(kind.example()).await;
            let reconciler = fixture.reconciler(kind.example());
            let observed = trueup::observe::observe(
                &reconciler.endpoint,
                &reconciler.stack,
                &Coverage::default(),
                Depth::Declared,
                4,
            )
            .await
            .unwrap();
            let mut stack: Stack = (*reconciler.stack).clone();
            for (address, desired) in stack.resources.iter_mut() {
                let mut live = observed.live[address].value.json().clone();
                if let Some(tags) = live.get_mut("tags").and_then(Value::as_object_mut) {
                    tags.remove(trueup::resource::STACK_TAG);
                }
                // Through YAML and back, like a spec file.
                let yaml = serde_saphyr::to_string(&live).unwrap();
                desired.value = serde_saphyr::from_str::<Value>(&yaml).unwrap().into();
                desired.pending.clear();
            }
            let plan = build(&stack, &BTreeMap::new(), &observed, &PlanOptions::default()).plan;
            assert!(plan.is_empty(), "{}", shown(&plan));
        });
    }
}

#[test]
fn changing_one_field_updates_one_resource_and_names_the_field() {
    for kind in KINDS.iter() {
        for (path, other) in changeable(kind.schema()) {
            block_on(async {
                let fixture = Fixture::new();
                fixture.fixpoint(kind.example()).await;
                let Some((stack, address)) = changed(&fixture, kind, &path, other) else { return };
                let reconciler = fixture.reconciler_of(stack);
                let prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
                let planned = prepared.plan.planned(&address).unwrap();
                assert_eq!(planned.action, Action::Update, "{address} {path}\n{}", shown(&prepared.plan));
                let named: Vec<&FieldPath> = planned.changes.iter().map(|change| &change.path).collect();
                assert_eq!(named, [&path], "{address}");
                let own: Vec<_> = prepared.plan.steps.iter().filter(|step| step.address == address).collect();
                assert_eq!(own.len(), 1, "{}", shown(&prepared.plan));
                let report = run(&reconciler, prepared).await;
                assert_eq!(report.verdict(), Verdict::Applied, "{address} {path}: {:?}", undone(&report));
                let again = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap().plan;
                assert!(again.is_empty(), "{address} {path}\n{}", shown(&again));
            });
        }
    }
}

/// Returns the example of a kind with another value in a field of its resource, if that has the field.
pub fn changed(fixture: &Fixture, kind: &KindEntry, path: &FieldPath, other: Other) -> Option<(Stack, Address)> {
    let mut stack = fixture.stack(kind.example());
    let (address, desired) = stack.resources.iter_mut().find(|(address, _)| address.kind == kind.id())?;
    let now = path.get(desired.value.json()).cloned()?;
    desired.value.change_json(|json| path.set(json, Some(other(&now))));
    let address = address.clone();
    Some((stack, address))
}

pub type Other = fn(&Value) -> Value;

/// Lists fields of a schema that can be changed in place to a surely valid value.
pub fn changeable(schema: &Value) -> Vec<(FieldPath, Other)> {
    let mut fields: Vec<(FieldPath, Other)> = Vec::new();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let fixed = [field_traits::IMMUTABLE, field_traits::SOURCE, field_traits::DERIVED]
            .iter()
            .any(|field_traits| field_traits::has(field, field_traits));
        let plain = field.get("enum").is_none() && field.get("pattern").is_none();
        match field["type"].as_str() {
            _ if fixed || !plain => {}
            Some("integer") => {
                fields.push((FieldPath::root().then(name), |now| Value::from(now.as_i64().unwrap_or(0) + 1)))
            }
            Some("string") => fields.push((FieldPath::root().then(name), |now| {
                Value::from(format!("{} changed", now.as_str().unwrap_or("")))
            })),
            Some("boolean") => {
                fields.push((FieldPath::root().then(name), |now| Value::from(now != &Value::Bool(true))))
            }
            _ => {}
        }
    }
    fields
}

#[test]
fn children_are_deleted_before_their_parents() {
    block_on(async {
        let fixture = Fixture::new();
        let full = stack(&Random::example());
        fixture.fixpoint(&full).await;
        let bare: String = full.split("\n    aliases:").next().unwrap().to_owned();
        let bare = format!("prune: true\n{bare}\n");
        let reconciler = fixture.reconciler(&bare);
        let prepared = reconciler.plan(&PlanOptions::default(), Depth::Full).await.unwrap();
        let order: Vec<&str> = prepared.plan.steps.iter().map(|step| step.operation.name()).collect();
        let at = |operation: &str| {
            order.iter().position(|other| *other == operation).unwrap_or_else(|| panic!("{operation} in {order:?}"))
        };
        assert!(at("DeleteProvisionedConcurrencyConfig") < at("DeleteAlias"), "{order:?}");
        assert!(at("DeleteEventSourceMapping") < at("DeleteAlias"), "{order:?}");
        let report = run(&reconciler, prepared).await;
        assert_eq!(report.verdict(), Verdict::Applied, "{:?}", undone(&report));
        let again = reconciler.plan(&PlanOptions::default(), Depth::Full).await.unwrap().plan;
        assert!(again.is_empty() && again.unmanaged.is_empty(), "{}", shown(&again));
    });
}

/// Destroys the stack and asserts that nothing of it is left.
async fn destroyed(fixture: &Fixture, spec: &str) {
    let reconciler = fixture.reconciler(spec);
    let destroy = PlanOptions { destroy: true, ..PlanOptions::default() };
    let prepared = reconciler.plan(&destroy, Depth::Declared).await.unwrap();
    assert_eq!(prepared.plan.refusals, [], "{}", shown(&prepared.plan));
    let report = run(&reconciler, prepared).await;
    assert_eq!(report.verdict(), Verdict::Applied, "{spec}\n{:?}", undone(&report));
    let again = reconciler.plan(&destroy, Depth::Declared).await.unwrap().plan;
    assert!(again.resources.is_empty() && again.unmanaged.is_empty(), "{}", shown(&again));
    let plan = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap().plan;
    let there = plan.resources.iter().filter(|planned| planned.baseline.is_some());
    assert_eq!(there.map(|planned| planned.address.to_string()).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn destroy_deletes_everything_of_the_stack() {
    let everything = stack(&Random::example());
    for spec in KINDS.iter().map(|kind| kind.example()).chain([everything.as_str()]) {
        block_on(async {
            let fixture = Fixture::new();
            fixture.fixpoint(spec).await;
            destroyed(&fixture, spec).await;
        });
    }
}

#[test]
fn plan_after_apply_is_empty_for_random_stacks_and_random_edits() {
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let pairs = (any::<Random>(), any::<Random>());
    runner
        .run(&pairs, |(first, second)| {
            block_on(async {
                let fixture = Fixture::new();
                fixture.fixpoint(&stack(&first)).await;
                fixture.fixpoint(&stack(&first.edited(&second))).await;
            });
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_apply_interrupted_after_any_step_is_finished_by_the_next() {
    block_on(async {
        let fixture = Fixture::new();
        let spec = stack(&Random::example());
        let reconciler = fixture.reconciler(&spec);
        let prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
        let all = prepared.plan.steps.len();
        // Cut short after each step in turn, like a crash.
        for done in 0..all {
            let fixture = Fixture::new();
            let reconciler = fixture.reconciler(&spec);
            let mut prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
            prepared.plan.steps.truncate(done);
            let report = run(&reconciler, prepared).await;
            assert!(report.steps.iter().all(|(_, outcome)| *outcome == Outcome::Done), "{:?}", undone(&report));
            fixture.fixpoint(&spec).await;
        }
    });
}
