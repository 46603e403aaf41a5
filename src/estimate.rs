//! Estimates the calls of a plan and of an apply by request quota, from the spec alone: nothing is sent.
//!
//! The reads are those that a plan needs whatever Lambda answers, so there may be more: of resources that differ, and of an
//! account with much that is not the stack's. The writes are those of a stack of which nothing exists.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use crate::declaration::Stack;
use crate::model::{Address, Package};
use crate::observe::certain_reads;
use crate::plan::{Coverage, LiveState, PlanOptions, build};
use crate::wire::{Bucket, Call, Operation};

/// The calls of a plan that finds everything as declared, and of an apply that creates everything.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The declared resources that the plan covers.
    pub resources: usize,
    /// The reads of a plan without changes.
    pub reads: Calls,
    /// The writes that create everything.
    pub writes: Calls,
}

/// Numbers of calls.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Calls(pub BTreeMap<&'static str, usize>);

/// The items of a page: of functions and versions, and of event source mappings.
const PAGE: (usize, usize) = (50, 100);

/// Estimates the calls for the resources that the options select.
pub fn estimate(stack: &Stack, packages: &BTreeMap<Address, Arc<Package>>, options: &PlanOptions) -> Estimate {
    let coverage = Coverage::of(stack, options);
    let plan = build(stack, packages, &LiveState::default(), options).plan;
    let mut writes = Calls::default();
    plan.steps.iter().for_each(|step| writes.add(step.operation, 1));
    // What these create is what the listings hold.
    let created = |operation: Operation| plan.steps.iter().filter(move |step| step.operation == operation);
    let functions = created(Operation::CreateFunction).count();
    let with_functions = created(Operation::CreateFunction).map(|step| step.also_creates.len()).sum::<usize>();
    let versions = created(Operation::PublishVersion).count() + with_functions;
    let mappings = created(Operation::CreateEventSourceMapping).count();
    let mut reads = Calls::default();
    for call in certain_reads(stack, &coverage) {
        let pages = match &call {
            Call::ListFunctions(input) if input.get_function_version().is_some() => {
                (functions + versions).div_ceil(PAGE.0)
            }
            Call::ListFunctions(_) => functions.div_ceil(PAGE.0),
            Call::ListEventSourceMappings(_) if call.is_account_wide() => mappings.div_ceil(PAGE.1),
            _ => 1,
        };
        reads.add(call.operation(), pages.max(1));
    }
    let covered: BTreeSet<&Address> = stack.resources.keys().filter(|address| coverage.covers(address)).collect();
    Estimate { resources: covered.len(), reads, writes }
}

impl Estimate {
    /// Returns the estimate as JSON, with the seconds at these rates.
    pub fn to_json(&self, rate: impl Fn(Bucket) -> f64) -> Value {
        let part = |calls: &Calls| json!({"calls": calls, "seconds": calls.seconds(&rate)});
        json!({"resources": self.resources, "reads": part(&self.reads), "writes": part(&self.writes)})
    }
}

impl Calls {
    fn add(&mut self, operation: Operation, count: usize) {
        *self.0.entry(operation.name()).or_default() += count;
    }

    /// Returns the number of calls that draw on a quota.
    pub fn of(&self, bucket: Bucket) -> usize {
        let operation = |name: &str| Operation::ALL.iter().find(|operation| operation.name() == name);
        let counted = self.0.iter().filter(|(name, _)| operation(name).is_some_and(|it| it.bucket() == bucket));
        counted.map(|(_, count)| count).sum()
    }

    /// Returns the seconds that the calls take at these rates. The quotas are drawn on at the same time.
    pub fn seconds(&self, rate: impl Fn(Bucket) -> f64) -> f64 {
        let seconds = Bucket::ALL.iter().map(|bucket| match rate(*bucket) {
            rate if rate > 0.0 => self.of(*bucket) as f64 / rate,
            _ => 0.0,
        });
        seconds.fold(0.0, f64::max)
    }
}
