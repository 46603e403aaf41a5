//! Generated files are up to date. `TRUEUP_BLESS=1` rewrites them.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// Returns the path of a file of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Asserts that a file has this text, or writes it.
pub fn fresh(path: &str, text: &str) {
    let file = repository(path);
    if std::env::var_os("TRUEUP_BLESS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
    }
    let now = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(now == text, "{path} is stale: run the tests once with TRUEUP_BLESS=1");
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}

#[test]
fn the_schema_of_specs_is_up_to_date() {
    fresh("schemas/stack.schema.json", &pretty(&trueup::declaration::schema::stack_schema()));
}

#[test]
fn the_schema_of_reports_is_up_to_date() {
    fresh("schemas/report.schema.json", &pretty(&trueup::apply::schema()));
}

#[test]
fn the_schema_of_plans_is_up_to_date() {
    fresh("schemas/plan.schema.json", &pretty(&trueup::plan::schema()));
}

#[test]
fn the_schema_of_drift_is_up_to_date() {
    fresh("schemas/drift.schema.json", &pretty(&trueup::drift::schema()));
}

#[test]
fn the_schema_of_events_is_up_to_date() {
    fresh("schemas/event.schema.json", &pretty(&trueup::show::events::schema()));
}

#[test]
fn the_reference_of_fault_rules_is_up_to_date() {
    let page = format!(
        "# Faults\n\nThis page is generated from the program. `trueup sim --faults FILE` reads rules from a file, `--rule RULE` takes one. \
         Rules are checked before the server starts: each error is printed with its line and column and how to fix it.\n\n{}",
        trueup::sim::FaultPlan::reference()
    );
    fresh("docs/src/reference/faults.md", &(page.trim_end().to_owned() + "\n"));
}
