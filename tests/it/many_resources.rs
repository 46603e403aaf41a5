//! Specs of many functions with five resources each, and the work on them that must grow linearly.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use trueup::apply::{Outcome, Report, Run};
use trueup::confinement::Confinement;
use trueup::declaration::{self, Files, Inputs, Stack};
use trueup::kinds;
use trueup::model::{Address, Package};
use trueup::plan::{ExecutablePlan, LiveState, PlanOptions, Step, build};

/// The resources of each function: itself, a version, an alias, a mapping and reserved concurrency, which is 0 because an
/// account has no more than 1,000 to reserve.
pub const RESOURCES_PER_FUNCTION: usize = 5;

/// Writes a spec with this number of functions.
pub fn spec(functions: usize) -> String {
    let mut spec = String::from("version: 1\nstack: estate\nfunctions:\n");
    for number in 0..functions {
        let _ = write!(
            spec,
            "  f{number}:\n    runtime: python3.13\n    handler: app.handler\n    role: arn:aws:iam::123456789012:role/f\n    code: {{zip: package.zip}}\n    tags: {{number: \"{number}\"}}\n    reserved_concurrent_executions: 0\n    aliases:\n      live:\n        function_version: published\n        event_source_mappings:\n          queue: {{event_source_arn: \"arn:aws:sqs:us-east-1:123456789012:q{number}\"}}\n"
        );
    }
    spec
}

/// One file in memory, under whichever name it is asked for.
struct OneFile(String);

impl Files for OneFile {
    fn read(&self, _: &Path, _: Option<&Path>) -> io::Result<Vec<u8>> {
        Ok(self.0.clone().into_bytes())
    }
}

/// Loads and checks a spec.
pub fn load(spec: String) -> Stack {
    let inputs = Inputs { files: vec![PathBuf::from("stack.yaml")], ..Inputs::default() };
    let loaded = declaration::load(&inputs, &OneFile(spec), Some(("123456789012".to_owned(), "us-east-1".to_owned())));
    loaded.stack.expect("the spec has no errors")
}

/// Gives every function of a stack the same deployment package.
pub fn packages(stack: &Stack, folder: &Path) -> BTreeMap<Address, Arc<Package>> {
    let mut package = None;
    let mut packages = BTreeMap::new();
    for (address, desired) in &stack.resources {
        if let Some(source) = kinds::entry(address.kind).package_source(&desired.value) {
            let build = || {
                Arc::new(
                    trueup::package::build(&source, folder, Confinement::default()).expect("the package can be built"),
                )
            };
            packages.insert(address.clone(), package.get_or_insert_with(build).clone());
        }
    }
    packages
}

/// Plans the stack in an account that holds this.
pub fn plan(stack: &Stack, packages: &BTreeMap<Address, Arc<Package>>, live: &LiveState) -> ExecutablePlan {
    build(stack, packages, live, &PlanOptions::default())
}

/// Runs the bookkeeping of an apply whose every step succeeds at once.
pub fn run(steps: Vec<Step>) -> Report {
    let mut run = Run::new(steps);
    loop {
        let begun = run.begin(10);
        if begun.is_empty() {
            return run.report();
        }
        begun.into_iter().for_each(|id| run.end(id, Outcome::Done));
    }
}
