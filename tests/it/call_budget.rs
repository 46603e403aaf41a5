//! Reads cost no more than the quota's floor.

use std::fmt::Write;

use crate::harness::Fixture;

/// N functions, each with a version, an alias, reserved concurrency, one mapping and tags.
fn estate(functions: usize) -> String {
    let mut spec = String::from("version: 1\nstack: estate\nfunctions:\n");
    for at in 0..functions {
        let _ = write!(
            spec,
            "  f{at}:\n    runtime: python3.13\n    handler: app.handler\n    role: arn:aws:iam::123456789012:role/f\n    code: {{zip: package.zip}}\n    tags: {{number: \"{at}\"}}\n    reserved_concurrent_executions: 1\n    aliases:\n      live:\n        function_version: published\n        event_source_mappings:\n          queue: {{event_source_arn: \"arn:aws:sqs:us-east-1:123456789012:q{at}\"}}\n"
        );
    }
    spec
}

#[tokio::test(start_paused = true)]
async fn a_plan_without_changes_costs_at_most_two_calls_a_function_and_the_listings() {
    for functions in [1, 2, 3, 7, 60, 130] {
        let world = Fixture::new();
        let spec = estate(functions);
        let report = world.apply(&spec).await;
        assert_eq!(crate::harness::undone(&report), Vec::<String>::new());
        let count = || world.cloud.counts().values().sum::<u64>();
        let (before, written) = (count(), world.writes());
        let plan = world.plan(&spec).await;
        assert!(plan.is_empty(), "{}", crate::harness::shown(&plan));
        let calls = usize::try_from(count() - before).unwrap();
        let (versions, mappings) = (functions, functions);
        let allowed = 2 * functions + (functions + versions).div_ceil(50) + mappings.div_ceil(100) + 2;
        assert!(
            calls <= allowed,
            "{functions} functions took {calls} calls, and {allowed} are allowed: {:?}",
            world.cloud.counts()
        );
        assert_eq!(world.writes(), written, "a plan wrote");
        assert_eq!(world.cloud.counts().get("throttled"), None);
        println!("{functions} functions: {calls} calls, of {allowed} allowed");
    }
}
