//! Promise: a plan without changes costs the fewest calls that the API allows, and an apply little more than its writes.

mod drift;

use std::collections::BTreeMap;
use std::sync::Arc;

use trueup::apply::ApplyOptions;
use trueup::cloud::{Cloud, RequestQuotas};
use trueup::estimate::estimate;
use trueup::observe::Depth;
use trueup::plan::PlanOptions;
use trueup::reconcile::Reconciler;
use trueup::sim::{Clock, FaultPlan, Options, Simulator};
use trueup::wire::{Bucket, Operation};

use crate::harness::Fixture;
use crate::{counted_estate, many_resources};

#[tokio::test(start_paused = true)]
async fn a_plan_without_changes_costs_two_calls_per_function_and_the_listings() {
    for functions in [1, 2, 3, 7, 60, 130] {
        let fixture = Fixture::new();
        let spec = many_resources::spec(functions);
        let report = fixture.apply(&spec).await;
        assert_eq!(crate::harness::undone(&report), Vec::<String>::new());
        let count = || fixture.cloud.counts().values().sum::<u64>();
        let (before, written) = (count(), fixture.writes());
        let plan = fixture.plan(&spec).await;
        assert!(plan.is_empty(), "{}", crate::harness::shown(&plan));
        let calls = usize::try_from(count() - before).unwrap();
        let (versions, mappings) = (functions, functions);
        let allowed = 2 * functions + (functions + versions).div_ceil(50) + mappings.div_ceil(100) + 2;
        assert!(
            calls <= allowed,
            "{functions} functions took {calls} calls, and {allowed} are allowed: {:?}",
            fixture.cloud.counts()
        );
        assert_eq!(fixture.writes(), written, "a plan wrote");
        assert_eq!(fixture.cloud.counts().get("throttled"), None);
        println!("{functions} functions: {calls} calls, of {allowed} allowed");
    }
}

/// The account of a run as on AWS, where a change takes seconds.
fn as_on_aws() -> Fixture {
    let mut options = Options::default();
    options.seed = Some(7);
    options.concurrent_executions = 100_000;
    options.clock = Clock::runtime();
    Fixture::with(options, |router| router)
}

/// The estate, with one handler for all its functions.
fn functions(count: usize, handler: &str) -> String {
    counted_estate::spec(count, |_| handler)
}

/// The calls of a run: in the bucket of 15 a second, in that of GetFunction, the writes, and those that were throttled.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Calls {
    control: usize,
    get_function: usize,
    writes: usize,
    throttled: usize,
}

fn calls(counts: &BTreeMap<&'static str, u64>) -> Calls {
    let mut calls = Calls::default();
    for (name, count) in counts {
        let count = usize::try_from(*count).unwrap();
        let Some(operation) = Operation::ALL.iter().find(|it| it.name() == *name) else {
            calls.throttled += count;
            continue;
        };
        match operation.bucket() {
            Bucket::GetFunction => calls.get_function += count,
            Bucket::Control => calls.control += count,
            Bucket::GetPolicy => {}
        }
        calls.writes += if operation.is_write() { count } else { 0 };
    }
    calls
}

/// Creates what the spec declares, and returns its reconciler.
async fn created(fixture: &Fixture, text: &str) -> Reconciler {
    let mut reconciler = fixture.reconciler(text);
    reconciler.options = ApplyOptions::default();
    let plan = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
    let report = crate::harness::run(&reconciler, plan).await;
    assert_eq!(crate::harness::undone(&report), Vec::<String>::new());
    reconciler
}

/// The calls by operation that were sent after these.
fn since(fixture: &Fixture, before: &BTreeMap<&'static str, u64>) -> BTreeMap<&'static str, u64> {
    let mut counts = fixture.cloud.counts();
    before.iter().for_each(|(name, count)| *counts.entry(name).or_default() -= count);
    counts.retain(|_, count| *count > 0);
    counts
}

#[tokio::test(start_paused = true)]
async fn a_creation_costs_its_writes_and_few_reads() {
    for count in [1, 10, 100] {
        let fixture = as_on_aws();
        let text = functions(count, "app.handler");
        let mut reconciler = fixture.reconciler(&text);
        reconciler.options = ApplyOptions::default();
        let plan = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
        let before = fixture.cloud.counts();
        let begun = tokio::time::Instant::now();
        let report = crate::harness::run(&reconciler, plan).await;
        assert_eq!(crate::harness::undone(&report), Vec::<String>::new());
        let counts = since(&fixture, &before);
        let Calls { control, get_function, writes, throttled } = calls(&counts);
        println!("{count} functions: {control} calls of 15 a second in {:?}: {counts:?}", begun.elapsed());
        assert_eq!((writes, throttled), (5 * count, 0), "{counts:?}");
        // A function is looked at after it was created, and before its concurrency is set.
        assert_eq!(get_function, 2 * count, "{counts:?}");
        // All mappings that wait at the same time take one listing.
        let (pages, looks) = (count.div_ceil(100), 2 + begun.elapsed().as_secs() as usize / 2);
        assert!(control <= writes + 1 + pages * looks, "{control}: {counts:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_costs_its_write_and_one_look_at_it() {
    for count in [1, 10] {
        let fixture = as_on_aws();
        created(&fixture, &functions(count, "app.handler")).await;
        let mut reconciler = fixture.reconciler(&functions(count, "app.other"));
        reconciler.options = ApplyOptions::default();
        let plan = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
        let before = fixture.cloud.counts();
        let report = crate::harness::run(&reconciler, plan).await;
        assert_eq!(crate::harness::undone(&report), Vec::<String>::new());
        let counts = since(&fixture, &before);
        let Calls { control, get_function, writes, throttled } = calls(&counts);
        println!("{count} changed: {counts:?}");
        assert_eq!((writes, throttled), (3 * count, 0), "{counts:?}");
        assert!(control <= 4 * count, "{counts:?}");
        assert_eq!(get_function, 3 * count, "{counts:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_estimate_is_what_a_plan_reads_and_a_creation_writes() {
    for count in [1, 2, 60] {
        let fixture = as_on_aws();
        let text = functions(count, "app.handler");
        let reconciler = created(&fixture, &text).await;
        let writes = since(&fixture, &BTreeMap::new()).into_iter();
        let is_write = |name: &str| Operation::ALL.iter().any(|it| it.name() == name && it.is_write());
        let writes: BTreeMap<_, _> = writes.filter(|(name, _)| is_write(name)).collect();
        let before = fixture.cloud.counts();
        reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
        let reads = since(&fixture, &before);
        let estimate = estimate(&reconciler.stack, &reconciler.packages, &PlanOptions::default());
        let counted = |calls: &trueup::estimate::Calls| -> BTreeMap<&str, u64> {
            calls.0.iter().map(|(name, count)| (*name, *count as u64)).collect()
        };
        assert_eq!(counted(&estimate.reads), reads);
        assert_eq!(counted(&estimate.writes), writes);
        let quotas = RequestQuotas::default();
        let seconds = estimate.writes.seconds(|bucket| quotas.rate(bucket));
        assert!((seconds - count as f64 / 3.0).abs() < 0.001, "{count} functions: {seconds} s");
    }
}

#[tokio::test(start_paused = true)]
async fn destroying_costs_its_deletions_and_a_read_before_each() {
    for count in [1, 10, 100] {
        let fixture = as_on_aws();
        let reconciler = created(&fixture, &functions(count, "app.handler")).await;
        let options = PlanOptions { destroy: true, ..PlanOptions::default() };
        let before = fixture.cloud.counts();
        let plan = reconciler.plan(&options, Depth::Full).await.unwrap();
        let planned = since(&fixture, &before);
        let report = crate::harness::run(&reconciler, plan).await;
        assert_eq!(crate::harness::undone(&report), Vec::<String>::new());
        let counts = since(&fixture, &before);
        let Calls { control, get_function, writes, throttled } = calls(&counts);
        println!("{count} functions: {planned:?}, then {counts:?}");
        // Its mapping outlives a function, and everything else goes with it.
        assert_eq!((writes, throttled), (2 * count, 0), "{counts:?}");
        // What goes with a function is read as by drift; a mapping and its tags, which name its owner, are read before it is
        // deleted, and it is looked for after that, first in a listing.
        assert!(control <= calls(&planned).control + writes + 3 * count + 3, "{control}: {counts:?}");
        assert!(get_function <= 6 * count, "{get_function}: {counts:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_call_is_refused_where_the_quotas_are_enforced() {
    for count in [1, 10, 100] {
        let mut options = Options::default();
        options.concurrent_executions = 100_000;
        options.clock = Clock::runtime();
        options.faults = Some(FaultPlan::parse("quotas").unwrap());
        let lambda = Simulator::open(options).unwrap();
        let fixture = Fixture::of(&lambda, |router| router);
        let paced = Cloud::in_process(lambda.router(), "us-east-1").with_quotas(RequestQuotas::default());
        let cloud = Arc::new(paced);
        let run = async |handler: &str, options: PlanOptions, depth: Depth| {
            let mut reconciler = fixture.reconciler(&functions(count, handler));
            reconciler.endpoint = cloud.clone();
            reconciler.options = ApplyOptions::default();
            let (before, begun) = (cloud.counts(), tokio::time::Instant::now());
            let plan = reconciler.plan(&options, depth).await.unwrap();
            let report = crate::harness::run(&reconciler, plan).await;
            assert_eq!(crate::harness::undone(&report), Vec::<String>::new());
            let mut counts = cloud.counts();
            before.iter().for_each(|(name, count)| *counts.entry(name).or_default() -= count);
            counts.retain(|_, count| *count > 0);
            println!("{count} functions in {:?}: {counts:?}", begun.elapsed());
            assert_eq!(counts.get("throttled"), None, "{counts:?}");
            calls(&counts)
        };
        let destroy = PlanOptions { destroy: true, ..PlanOptions::default() };
        let created = run("app.handler", PlanOptions::default(), Depth::Declared).await;
        assert_eq!(created.writes, 5 * count);
        assert!(created.control <= 6 * count + 5, "{created:?}");
        assert!(created.get_function <= 3 * count, "{created:?}");
        run("app.handler", PlanOptions::default(), Depth::Declared).await;
        run("app.other", PlanOptions::default(), Depth::Declared).await;
        run("app.other", PlanOptions::default(), Depth::Full).await;
        run("app.other", destroy, Depth::Full).await;
    }
}
