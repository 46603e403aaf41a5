//! Promise: a resource under a new name never leaves the old one behind unsaid, nor deletes it unasked.

use crate::harness::{Fixture, block_on, shown, undone};
use trueup::model::{Action, Address, RefusalKind, Threshold};
use trueup::observe::Depth;
use trueup::plan::{ExecutablePlan, Limits, PlanOptions};

const QUEUE: &str = "event_source_mappings: {queue: {event_source_arn: 'arn:aws:sqs:us-east-1:123456789012:q'}}";
const PROVIDER: &str = "vpc_config: {subnet_ids: [subnet-1], security_group_ids: [sg-1]}, permissions_config: \
                        {capacity_provider_operator_role_arn: 'arn:aws:iam::123456789012:role/o'}";

/// A spec of one function with this name and these other fields.
fn function(name: &str, fields: &str) -> String {
    format!(
        "version: 1\nstack: shop\nfunctions:\n  f: {{runtime: python3.13, handler: app.handler, \
         role: 'arn:aws:iam::123456789012:role/r', code: {{zip: package.zip}}, function_name: {name}{fields}}}\n"
    )
}

/// A spec of one capacity provider with this name and these other fields.
fn provider(name: &str, fields: &str) -> String {
    format!(
        "version: 1\nstack: shop\ncapacity_providers:\n  f: {{{PROVIDER}, capacity_provider_name: {name}{fields}}}\n"
    )
}

/// Plans a spec in an account to which another was applied.
fn planned(before: &str, after: &str, options: &PlanOptions) -> ExecutablePlan {
    block_on(async {
        let fixture = Fixture::new();
        assert_eq!(undone(&fixture.apply(before).await), Vec::<String>::new());
        fixture.reconciler(after).plan(options, Depth::Declared).await.unwrap()
    })
}

fn pruning() -> PlanOptions {
    PlanOptions { prune: true, ..PlanOptions::default() }
}

#[test]
fn the_resource_under_the_old_name_is_listed_with_what_it_still_does() {
    let plan = planned(&function("old", &format!(", {QUEUE}")), &function("new", ""), &PlanOptions::default()).plan;
    let text = shown(&plan);
    let created = plan.planned(&"function/f".parse().unwrap()).unwrap();
    assert_eq!(created.action, Action::Create, "{text}");
    assert!(
        created.notes.iter().any(|note| note.starts_with("function/old of this stack is much like it, and stays")),
        "{text}"
    );
    let mapping = plan.unmanaged.iter().find(|it| it.address.to_string().starts_with("event_source_mapping/old/"));
    let notes = &mapping.unwrap_or_else(|| panic!("the mapping is not listed: {text}")).notes;
    assert_eq!(*notes, ["it is enabled and reads from arn:aws:sqs:us-east-1:123456789012:q"]);
    assert!(text.contains("it is enabled and reads from"), "{text}");
}

#[test]
fn a_declared_mapping_moves_to_the_new_name() {
    let spec = |name| function(name, &format!(", {QUEUE}"));
    let plan = planned(&spec("old"), &spec("new"), &PlanOptions::default()).plan;
    let mapping = plan.planned(&"event_source_mapping/f/queue".parse().unwrap()).unwrap();
    assert_eq!(mapping.action, Action::Update, "{}", shown(&plan));
}

#[test]
fn deleting_the_old_one_is_a_replacement_within_the_limits() {
    for spec in [function, provider] {
        let plan = planned(&spec("old", ""), &spec("new", ""), &pruning());
        let text = shown(&plan.plan);
        let created = plan.plan.resources.iter().find(|it| it.action == Action::Replace);
        let created = created.unwrap_or_else(|| panic!("not a replacement: {text}"));
        let former = Address::new(created.address.kind, &["old"]);
        assert_eq!(created.replaces.as_ref(), Some(&former), "{text}");
        assert!(text.contains("\n-/+ ") && text.contains(&format!("replaces {former}")), "{text}");
        let approve = |allow_replace, max_deletes: Option<usize>| {
            let max_deletes = max_deletes.map(Threshold::Count);
            plan.clone().approve(&Limits { allow_replace, max_deletes, ..Limits::default() }).is_ok()
        };
        assert!(!approve(false, None), "it needs --allow-replace: {text}");
        assert!(!approve(true, Some(0)), "it counts as a deletion: {text}");
        assert!(approve(true, Some(1)), "it counts as one deletion: {text}");
    }
}

#[test]
fn a_protected_resource_is_not_deleted_under_its_former_name() {
    for spec in [function, provider] {
        let protected = ", prevent_destroy: true";
        let plan = planned(&spec("old", protected), &spec("new", protected), &pruning()).plan;
        let refused = plan.refusals.iter().any(|it| matches!(it.kind, RefusalKind::RenameOfProtected { .. }));
        assert!(refused, "{}", shown(&plan));
    }
    // Nor if nothing else about the two is alike.
    let other = function("new", ", timeout: 9, memory_size: 512, description: other, prevent_destroy: true")
        .replace("app.handler", "other.handler")
        .replace("role/r", "role/other");
    let plan = planned(&function("old", ""), &other, &pruning()).plan;
    assert!(!plan.refusals.is_empty(), "{}", shown(&plan));
}

#[test]
fn the_only_function_that_goes_and_the_only_one_that_comes_are_one_if_half_of_them_is_equal() {
    let changed = function("new", ", memory_size: 512, description: other, environment: {variables: {AA: b}}")
        .replace("app.handler", "other.handler")
        .replace("python3.13", "python3.12");
    let plan = planned(&function("old", ""), &changed, &pruning()).plan;
    assert_eq!(plan.planned(&"function/f".parse().unwrap()).unwrap().action, Action::Replace, "{}", shown(&plan));
}

#[test]
fn another_function_is_no_rename() {
    let other = function("new", ", timeout: 9, memory_size: 512, description: other, tags: {a: b, c: d, e: f}, \
                          environment: {variables: {AA: b, CC: d, EE: f, GG: h}}, layers: [], tracing_config: {mode: Active}")
        .replace("app.handler", "other.handler")
        .replace("role/r", "role/other")
        .replace("python3.13", "python3.12");
    let plan = planned(&function("old", ""), &other, &pruning()).plan;
    assert_eq!(plan.planned(&"function/f".parse().unwrap()).unwrap().action, Action::Create, "{}", shown(&plan));
    assert!(plan.refusals.is_empty(), "{}", shown(&plan));
}
