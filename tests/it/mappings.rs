//! Promise: settings of every event source can be set, changed and removed, each time reaching a fixpoint.

use crate::harness::{Fixture, block_on, operations, run, shown, undone};
use trueup::apply::Verdict;
use trueup::model::{Action, KindId};
use trueup::observe::Depth;
use trueup::plan::{Limits, PlanOptions};
use trueup::wire::{
    CreateEventSourceMappingInputBuilder, ListEventSourceMappingsInputBuilder,
    PutFunctionEventInvokeConfigInputBuilder, PutProvisionedConcurrencyConfigInputBuilder, Reply,
    TagResourceInputBuilder, TypedCall, UntagResourceInputBuilder,
};

fn spec(fields: &str) -> String {
    format!(
        "version: 1\nstack: shop\nfunctions:\n  orders:\n    runtime: python3.13\n    handler: app.handler\n    \
         role: arn:aws:iam::123456789012:role/r\n    code: {{zip: package.zip}}\n    event_source_mappings:\n      \
         feed: {{{fields}}}\n"
    )
}

/// Applies the declarations one after the other, and returns the action on the mapping each time.
fn actions(declarations: &[&str]) -> Vec<Action> {
    block_on(async {
        let fixture = Fixture::new();
        let choice =
            PlanOptions { limits: Limits { allow_replace: true, ..Limits::default() }, ..PlanOptions::default() };
        let mut actions = Vec::new();
        for fields in declarations {
            let reconciler = fixture.reconciler(&spec(fields));
            let prepared = reconciler.plan(&choice, Depth::Declared).await.unwrap();
            let text = shown(&prepared.plan);
            assert_eq!(prepared.plan.refusals, [], "{text}");
            let mapping =
                prepared.plan.resources.iter().find(|planned| planned.address.kind == KindId::EventSourceMapping);
            actions.push(mapping.expect("the mapping is declared").action);
            let report = run(&reconciler, prepared).await;
            assert_eq!(report.verdict(), Verdict::Applied, "{text}\n{:?}", undone(&report));
            let again = reconciler.plan(&choice, Depth::Full).await.unwrap().plan;
            assert!(again.is_empty() && again.unmanaged.is_empty(), "{fields}\n{}", shown(&again));
        }
        actions
    })
}

const MSK: &str = "event_source_arn: 'arn:aws:kafka:us-east-1:123456789012:cluster/c/11111111-1111-1111-1111-111111111111-1', \
                   topics: [orders], starting_position: LATEST";
const KAFKA: &str = "self_managed_event_source: {endpoints: {KAFKA_BOOTSTRAP_SERVERS: ['a:9092', 'b:9092']}}, topics: [orders], \
                     starting_position: LATEST, source_access_configurations: [{type: BASIC_AUTH, \
                     uri: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:kafka-AbCdEf'}]";
const DOCUMENTS: &str = "event_source_arn: 'arn:aws:rds:us-east-1:123456789012:cluster:docs', starting_position: LATEST, \
                         source_access_configurations: [{type: BASIC_AUTH, \
                         uri: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:docs-AbCdEf'}]";
const BROKER: &str = "event_source_arn: 'arn:aws:mq:us-east-1:123456789012:broker:b:b-11111111-1111-1111-1111-111111111111', \
                      queues: [orders], source_access_configurations: [{type: BASIC_AUTH, \
                      uri: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:mq-AbCdEf'}]";
const STREAM: &str =
    "event_source_arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/orders', starting_position: LATEST";
const QUEUE: &str = "event_source_arn: 'arn:aws:sqs:us-east-1:123456789012:orders'";

#[test]
fn a_setting_is_changed_and_removed_in_place_where_lambda_allows_it() {
    use Action::{Create, Replace, Update};
    let window = "maximum_batching_window_in_seconds: 5";
    for source in [MSK, KAFKA, DOCUMENTS, BROKER] {
        let with = format!("{source}, {window}");
        let more = format!("{source}, batch_size: 7, maximum_batching_window_in_seconds: 6");
        assert_eq!(actions(&[source, &with, &more, source]), [Create, Update, Update, Replace], "{source}");
    }
    for source in [STREAM, QUEUE] {
        let with = format!("{source}, batch_size: 7, {window}");
        assert_eq!(actions(&[source, &with, source]), [Create, Update, Update], "{source}");
    }
}

#[test]
fn a_document_db_collection_is_removed_only_by_a_replacement() {
    use Action::{Create, Replace, Update};
    let config = |config: &str| format!("{DOCUMENTS}, document_db_event_source_config: {{{config}}}");
    let whole = config("database_name: shop");
    let one = config("database_name: shop, collection_name: orders");
    let other = config("database_name: shop, collection_name: refunds, full_document: UpdateLookup");
    assert_eq!(actions(&[&whole, &one, &other, &one, &whole]), [Create, Update, Update, Update, Replace]);
}

#[test]
fn destination_filters_and_retries_can_be_set_and_removed() {
    use Action::{Create, Update};
    let rich = format!(
        "{STREAM}, maximum_retry_attempts: 3, maximum_record_age_in_seconds: 120, bisect_batch_on_function_error: true, \
         parallelization_factor: 2, tumbling_window_in_seconds: 30, function_response_types: [ReportBatchItemFailures], \
         filter_criteria: {{filters: [{{pattern: '{{\"data\": {{\"kind\": [\"order\"]}}}}'}}]}}, \
         destination_config: {{on_failure: {{destination: 'arn:aws:sqs:us-east-1:123456789012:dead'}}}}, enabled: false"
    );
    assert_eq!(actions(&[STREAM, &rich, STREAM]), [Create, Update, Update]);
    let busy =
        format!("{QUEUE}, scaling_config: {{maximum_concurrency: 5}}, metrics_config: {{metrics: [EventCount]}}");
    assert_eq!(actions(&[QUEUE, &busy, QUEUE]), [Create, Update, Update]);
}

#[tokio::test(start_paused = true)]
async fn children_of_a_version_are_found_and_pruned() {
    let text = "version: 1
stack: shop
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/r
    code: {zip: package.zip}
    aliases: {live: {function_version: published}}
";
    let fixture = Fixture::new();
    assert_eq!(fixture.apply(text).await.verdict(), Verdict::Applied);
    for qualifier in ["1", "live", "$LATEST"] {
        let source = format!("arn:aws:sqs:us-east-1:123456789012:on-{}", qualifier.trim_start_matches('$'));
        let create = CreateEventSourceMappingInputBuilder::default().function_name(format!("orders:{qualifier}"));
        fixture.send(create.event_source_arn(source).call()).await;
    }
    let provision = PutProvisionedConcurrencyConfigInputBuilder::default().function_name("orders").qualifier("1");
    fixture.send(provision.provisioned_concurrent_executions(1).call()).await;
    let invoke = PutFunctionEventInvokeConfigInputBuilder::default().function_name("orders").qualifier("1");
    fixture.send(invoke.maximum_retry_attempts(0).call()).await;
    let reconciler = fixture.reconciler(text);
    let unmanaged = async || {
        let plan = reconciler.plan(&PlanOptions::default(), Depth::Full).await.unwrap().plan;
        plan.unmanaged.iter().map(|it| it.address.to_string()).collect::<Vec<_>>()
    };
    let found = unmanaged().await;
    let mappings = |below: &str| found.iter().filter(|text| text.starts_with(below)).count();
    assert_eq!((mappings("event_source_mapping/orders/"), mappings("event_source_mapping/orders/live/")), (3, 1));
    assert!(found.contains(&"provisioned_concurrency/orders/1".to_owned()), "{found:?}");
    assert_eq!(found.len(), 5, "{found:?}");
    let prepared = reconciler.plan(&PlanOptions { prune: true, ..PlanOptions::default() }, Depth::Full).await.unwrap();
    let report = run(&reconciler, prepared).await;
    assert_eq!(report.verdict(), Verdict::Applied, "{:?}", undone(&report));
    assert_eq!(unmanaged().await, [""; 0]);
}

#[test]
fn the_credentials_of_a_broker_change_and_its_virtual_host_stays() {
    let with =
        |secret: &str| BROKER.replace("mq-AbCdEf'}]", &format!("{secret}'}}, {{type: VIRTUAL_HOST, uri: /shop}}]"));
    assert_eq!(actions(&[&with("one"), &with("two")]), [Action::Create, Action::Update]);
}

/// A spec of two functions, each with these mappings.
fn two_functions(a: &str, b: &str) -> String {
    let function = |name: &str, mappings: &str| {
        format!(
            "  {name}: {{runtime: python3.13, handler: app.handler, role: 'arn:aws:iam::123456789012:role/r', \
             code: {{zip: package.zip}}, event_source_mappings: {{{mappings}}}}}\n"
        )
    };
    format!("version: 1\nstack: shop\nfunctions:\n{}{}", function("a", a), function("b", b))
}

#[test]
fn a_mapping_moves_to_another_function_and_keeps_its_position() {
    let feed = format!("feed: {{{STREAM}}}");
    for (after, prune) in [(two_functions("", &feed), false), (two_functions("", &feed), true)] {
        block_on(async {
            let fixture = Fixture::new();
            assert_eq!(undone(&fixture.apply(&two_functions(&feed, "")).await), [""; 0]);
            let options = PlanOptions { prune, ..PlanOptions::default() };
            let reconciler = fixture.reconciler(&after);
            let prepared = reconciler.plan(&options, Depth::Declared).await.unwrap();
            let text = shown(&prepared.plan);
            assert_eq!(operations(&prepared.plan), ["TagResource", "UpdateEventSourceMapping"], "{text}");
            let report = run(&reconciler, prepared).await;
            assert_eq!(report.verdict(), Verdict::Applied, "{text}\n{:?}", undone(&report));
            let again = reconciler.plan(&options, Depth::Full).await.unwrap().plan;
            assert!(again.is_empty() && again.unmanaged.is_empty(), "{}", shown(&again));
        });
    }
}

#[test]
fn a_mapping_that_its_own_declaration_keeps_does_not_move() {
    let feed = format!("feed: {{{STREAM}}}");
    block_on(async {
        let fixture = Fixture::new();
        assert_eq!(undone(&fixture.apply(&two_functions(&feed, "")).await), [""; 0]);
        let both = two_functions(&feed, &feed);
        let plan = fixture.plan(&both).await;
        assert_eq!(operations(&plan), ["CreateEventSourceMapping"], "{}", shown(&plan));
        fixture.fixpoint(&both).await;
    });
}

#[test]
fn a_mapping_without_our_tag_is_adopted_changed_and_destroyed() {
    block_on(async {
        let fixture = Fixture::new();
        let bare = spec(QUEUE).split("    event_source_mappings:").next().unwrap().to_owned();
        fixture.fixpoint(&bare).await;
        let create = CreateEventSourceMappingInputBuilder::default().function_name("orders").batch_size(5);
        fixture.send(create.event_source_arn("arn:aws:sqs:us-east-1:123456789012:orders").call()).await;
        fixture.fixpoint(&spec(&format!("{QUEUE}, batch_size: 7"))).await;
        let untag = async || {
            let pages = fixture.send(ListEventSourceMappingsInputBuilder::default().call()).await;
            let Reply::ListEventSourceMappings(pages) = pages else { panic!("another reply") };
            let arn = pages.event_source_mappings()[0].event_source_mapping_arn().unwrap().to_owned();
            let tags = UntagResourceInputBuilder::default().resource(&arn).tag_keys("trueup:stack");
            fixture.send(tags.tag_keys("trueup:resource").call()).await;
            arn
        };
        untag().await;
        let destroy = PlanOptions { destroy: true, ..PlanOptions::default() };
        let reconciler = fixture.reconciler(&spec(&format!("{QUEUE}, batch_size: 7")));
        let prepared = reconciler.plan(&destroy, Depth::Full).await.unwrap();
        assert_eq!(operations(&prepared.plan), ["DeleteEventSourceMapping", "DeleteFunction"]);
        let report = run(&reconciler, prepared).await;
        assert_eq!(report.verdict(), Verdict::Applied, "{:?}", undone(&report));
        // That of another stack stays, although it is below a function of ours.
        fixture.fixpoint(&spec(QUEUE)).await;
        let theirs = TagResourceInputBuilder::default().resource(untag().await).tags("trueup:stack", "theirs");
        fixture.send(theirs.call()).await;
        let plan = fixture.reconciler(&spec(QUEUE)).plan(&destroy, Depth::Full).await.unwrap().plan;
        assert!(plan.steps.iter().all(|step| step.address.kind != KindId::EventSourceMapping), "{}", shown(&plan));
    });
}
