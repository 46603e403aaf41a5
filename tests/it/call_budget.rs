//! Promise: a plan without changes costs the fewest calls that the API allows.

use crate::harness::Fixture;
use crate::many_resources;

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
