//! Drift costs what no listing shows, and shallow drift the listings.

use std::time::Duration;

use trueup::apply::EventSender;
use trueup::model::NotCheckedKind;
use trueup::observe::Depth;
use trueup::plan::PlanOptions;
use trueup::wire::{
    DeleteFunctionInputBuilder, ListEventSourceMappingsInputBuilder, PublishVersionInputBuilder, Reply,
    TagResourceInputBuilder, TypedCall as _, UpdateEventSourceMappingInputBuilder,
    UpdateFunctionConfigurationInputBuilder,
};

use super::{Calls, as_on_aws, calls, created, functions, since};

#[tokio::test(start_paused = true)]
async fn drift_costs_what_no_listing_shows() {
    for count in [1, 10, 100] {
        let fixture = as_on_aws();
        let reconciler = created(&fixture, &functions(count, "app.handler")).await;
        let before = fixture.cloud.counts();
        let plan = reconciler.plan(&PlanOptions::default(), Depth::Full).await.unwrap().plan;
        assert!(plan.is_empty(), "{}", crate::harness::shown(&plan));
        let counts = since(&fixture, &before);
        let Calls { control, get_function, writes, throttled } = calls(&counts);
        assert_eq!((writes, throttled, get_function), (0, 0, count), "{counts:?}");
        // Of the function, its alias and its version.
        assert_eq!(counts["GetPolicy"], 3 * count as u64, "{counts:?}");
        // Aliases, URLs, asynchronous invocation, recursion, provisioned concurrency and twice the runtime are a read each;
        // functions, versions, mappings (of a single function: by source, by function and of the account), code signing and
        // capacity providers are listings.
        let listings = count.div_ceil(50) + (2 * count).div_ceil(50) + count.div_ceil(100).max(3) + 2 + 1;
        assert!(control <= 7 * count + listings, "{count} functions: {control} calls, {counts:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn functions_without_versions_have_nothing_to_keep_warm() {
    let fixture = as_on_aws();
    let one = |number| {
        format!(
            "  f{number}: {{runtime: python3.13, handler: app.handler, role: arn:aws:iam::123456789012:role/f, code: {{zip: package.zip}}}}\n"
        )
    };
    let text = format!("version: 1\nstack: estate\nfunctions:\n{}", (0..10).map(one).collect::<String>());
    let reconciler = created(&fixture, &text).await;
    let before = fixture.cloud.counts();
    reconciler.plan(&PlanOptions::default(), Depth::Full).await.unwrap();
    let counts = since(&fixture, &before);
    assert_eq!(counts.get("ListProvisionedConcurrencyConfigs"), None, "{counts:?}");
}

#[tokio::test(start_paused = true)]
async fn the_code_signing_of_functions_is_read_by_configuration_where_those_are_fewer() {
    let attached = |count: usize, configs: usize| {
        let config = |number| {
            format!(
                "  c{number}: {{description: \"{number}\", allowed_publishers: {{signing_profile_version_arns: [\"arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/a1b2c3d4e5\"]}}}}\n"
            )
        };
        let function = |number: usize| {
            format!(
                "  f{number}: {{runtime: python3.13, handler: app.handler, role: arn:aws:iam::123456789012:role/f, code: {{zip: package.zip}}, code_signing_config_arn: \"${{code_signing_configs.c{}.arn}}\"}}\n",
                number % configs
            )
        };
        let (configs, functions) = ((0..configs).map(config), (0..count).map(function));
        format!(
            "version: 1\nstack: estate\nfunctions:\n{}code_signing_configs:\n{}",
            functions.collect::<String>(),
            configs.collect::<String>()
        )
    };
    for (functions, configs, listed) in [(1, 1, false), (4, 4, false), (20, 2, true)] {
        let fixture = as_on_aws();
        let reconciler = created(&fixture, &attached(functions, configs)).await;
        for depth in [Depth::Declared, Depth::Full] {
            let before = fixture.cloud.counts();
            let plan = reconciler.plan(&PlanOptions::default(), depth).await.unwrap().plan;
            assert!(plan.is_empty(), "{}", crate::harness::shown(&plan));
            let counts = since(&fixture, &before);
            let expected = if listed { [None, Some(configs as u64)] } else { [Some(functions as u64), None] };
            let names = ["GetFunctionCodeSigningConfig", "ListFunctionsByCodeSigningConfig"];
            assert_eq!(names.map(|name| counts.get(name).copied()), expected, "{counts:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn shallow_drift_lists_and_reads_only_what_differs_in_a_listing() {
    let fixture = as_on_aws();
    let reconciler = created(&fixture, &functions(60, "app.handler")).await;
    let drifted = async || {
        let before = fixture.cloud.counts();
        let plan = reconciler.plan_shallow(&EventSender::default()).await.unwrap().plan;
        let drifted = trueup::drift::drift(&plan.masked()).into_iter().map(|it| it.address.to_string());
        let unread = plan.not_compared.iter().find_map(|it| match it.0 {
            NotCheckedKind::OnlyListed { count } => Some(count),
            _ => None,
        });
        (drifted.collect::<Vec<_>>(), unread, since(&fixture, &before))
    };
    let (nothing, unread, counts) = drifted().await;
    assert_eq!((nothing.len(), unread), (0, Some(360)), "{counts:?}");
    assert_eq!(counts.values().sum::<u64>(), 4, "{counts:?}");
    // A tag is in no listing; a handler is.
    let tag = |key: &str| {
        let arn = "arn:aws:lambda:us-east-1:123456789012:function:f1";
        TagResourceInputBuilder::default().resource(arn).tags(key, "by hand").call()
    };
    fixture.send(tag("team")).await;
    assert_eq!(drifted().await.0, [""; 0]);
    let change = |name: &str| UpdateFunctionConfigurationInputBuilder::default().function_name(name);
    fixture.send(change("f7").handler("app.other").call()).await;
    fixture.send(tag("number")).await;
    tokio::time::sleep(Duration::from_secs(30)).await;
    let (one, unread, counts) = drifted().await;
    assert_eq!((one, unread), (vec!["function/f7".to_owned()], Some(354)), "{counts:?}");
    assert_eq!(counts["GetFunction"], 1, "{counts:?}");
    // A mapping differs, and a version is missing that the function would have.
    fixture.send(change("f8").memory_size(256).call()).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    fixture.send(PublishVersionInputBuilder::default().function_name("f8").call()).await;
    fixture.send(change("f8").memory_size(128).call()).await;
    let mappings = ListEventSourceMappingsInputBuilder::default().function_name("f9:live").call();
    let Reply::ListEventSourceMappings(mappings) = fixture.send(mappings).await else { panic!("no mappings") };
    let uuid = mappings.event_source_mappings()[0].uuid().unwrap();
    fixture.send(UpdateEventSourceMappingInputBuilder::default().uuid(uuid).batch_size(7).call()).await;
    tokio::time::sleep(Duration::from_secs(30)).await;
    let (several, ..) = drifted().await;
    assert_eq!(several, ["event_source_mapping/f9/live/queue", "function/f7", "version/f8"]);
    fixture.send(DeleteFunctionInputBuilder::default().function_name("f7").call()).await;
    tokio::time::sleep(Duration::from_secs(30)).await;
    let (gone, ..) = drifted().await;
    assert!(gone.contains(&"function/f7".to_owned()), "{gone:?}");
}
