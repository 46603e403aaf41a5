//! Promise: a write whose RevisionId is unknown is never sent unguarded.
//!
//! The server in front of the simulator strips every RevisionId from its answers, as some emulators do. A concurrent
//! writer changes everything that the plan is about just before the n-th request of an apply, for each n. Each write must
//! then be refused, unless the writer came between our last read of the resource and the write, which no call without
//! a RevisionId can exclude. That window is one request wide, and two for event source mappings, whose tags take a
//! second read.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::{self, Next};
use axum::response::Response;
use serde_json::Value;
use trueup::apply::Outcome;
use trueup::cloud::Cloud;
use trueup::observe::Depth;
use trueup::plan::{ExecutablePlan, Operand, PlanOptions, Precondition};
use trueup::wire::{
    AddPermissionInputBuilder, Call, Endpoint, Operation, PutFunctionConcurrencyInputBuilder, TypedCall,
    UpdateAliasInputBuilder, UpdateEventSourceMappingInputBuilder, UpdateFunctionConfigurationInputBuilder,
};

use crate::harness::{Fixture, REGION, block_on, run, shown, undone};

const BEFORE: &str = r#"
version: 1
stack: contested
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
    memory_size: 128
    reserved_concurrent_executions: 2
    permissions:
      topic: {action: "lambda:InvokeFunction", principal: sns.amazonaws.com}
    aliases:
      live:
        function_version: published
        description: first
        event_source_mappings:
          queue: {event_source_arn: "arn:aws:sqs:us-east-1:123456789012:orders", batch_size: 1}
"#;

/// The spec with a change for every write that the plan is to hold.
fn after() -> String {
    BEFORE
        .replace("memory_size: 128", "memory_size: 256")
        .replace("executions: 2", "executions: 3")
        .replace("principal: sns", "principal: s3")
        .replace("description: first", "description: second")
        .replace("batch_size: 1", "batch_size: 5")
}

/// The concurrent writer and the record of our requests.
#[derive(Default)]
struct Traffic {
    /// The requests of ours, `true` for writes.
    writes: Mutex<Vec<(bool, String)>>,
    /// The position before which the writer acts.
    act_before: AtomicUsize,
    armed: AtomicUsize,
}

/// A server that strips RevisionIds, with a concurrent writer.
fn stripping(router: Router, traffic: Arc<Traffic>) -> Router {
    let direct = router.clone();
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let (direct, traffic) = (direct.clone(), traffic.clone());
        async move {
            if traffic.armed.load(Ordering::SeqCst) == 1 {
                let position = {
                    let mut writes = traffic.writes.lock().unwrap();
                    writes.push((request.method() != "GET", format!("{} {}", request.method(), request.uri().path())));
                    writes.len()
                };
                if position == traffic.act_before.load(Ordering::SeqCst) {
                    let cloud = Cloud::in_process(direct, REGION);
                    for call in concurrent_writes(&cloud).await {
                        // What does not exist yet, or no longer, cannot be changed.
                        let _ = cloud.send(call).await;
                    }
                }
            }
            strip(next.run(request).await).await
        }
    }))
}

/// Changes every resource of the stack.
async fn concurrent_writes(cloud: &Cloud) -> Vec<Call> {
    let list = trueup::wire::ListEventSourceMappingsInputBuilder::default().function_name("orders:live").call();
    let mapping = match cloud.send(list).await {
        Ok(trueup::wire::Reply::ListEventSourceMappings(reply)) => {
            reply.event_source_mappings().first().and_then(|mapping| mapping.uuid().map(str::to_owned))
        }
        _ => None,
    };
    let permission = AddPermissionInputBuilder::default()
        .function_name("orders")
        .statement_id("theirs")
        .action("lambda:InvokeFunction")
        .principal("events.amazonaws.com");
    let mut calls = vec![
        UpdateFunctionConfigurationInputBuilder::default().function_name("orders").memory_size(777).call(),
        UpdateAliasInputBuilder::default().function_name("orders").name("live").description("theirs").call(),
        PutFunctionConcurrencyInputBuilder::default().function_name("orders").reserved_concurrent_executions(7).call(),
        permission.call(),
    ];
    calls.extend(mapping.map(|uuid| UpdateEventSourceMappingInputBuilder::default().uuid(uuid).batch_size(7).call()));
    calls
}

/// The response without RevisionIds, at any depth.
async fn strip(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    without_revisions(&mut value);
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(serde_json::to_vec(&value).unwrap()))
}

fn without_revisions(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.remove("RevisionId");
            map.values_mut().for_each(without_revisions);
        }
        Value::Array(list) => list.iter_mut().for_each(without_revisions),
        _ => {}
    }
}

/// One apply of the change with the writer acting before request `position`; the refused steps, by operation.
async fn contest(position: usize) -> (Vec<(bool, String)>, ExecutablePlan, Vec<String>, Vec<String>) {
    let traffic = Arc::new(Traffic::default());
    let fixture = Fixture::settled(|router| stripping(router, traffic.clone()));
    assert_eq!(undone(&fixture.apply(BEFORE).await), Vec::<String>::new());
    let mut reconciler = fixture.reconciler(&after());
    // One step at a time, so that the requests of a step stand together.
    reconciler.options.parallelism = 1;
    let prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
    traffic.act_before.store(position, Ordering::SeqCst);
    traffic.armed.store(1, Ordering::SeqCst);
    let report = run(&reconciler, prepared.clone()).await;
    traffic.armed.store(0, Ordering::SeqCst);
    let by = |wanted: fn(&Outcome) -> bool| {
        let steps = report.steps.iter().filter(|(_, outcome)| wanted(outcome));
        steps.map(|(step, _)| step.operation.to_string()).collect::<Vec<_>>()
    };
    let refused = by(Outcome::is_refused);
    let done = by(|outcome| *outcome == Outcome::Done);
    let writes = traffic.writes.lock().unwrap().clone();
    (writes, prepared, refused, done)
}

#[test]
fn every_write_reads_and_compares_first_where_no_revision_is_known() {
    block_on(async {
        let (requests, prepared, refused, done) = contest(0).await;
        let plan = shown(&prepared.plan);
        assert_eq!(refused, Vec::<String>::new(), "{plan}");
        assert_eq!(done.len(), prepared.plan.steps.len(), "{plan}");
        assert!(prepared.plan.steps.len() >= 6, "{plan}");
        let known = |step: &&trueup::plan::Step| {
            matches!(step.precondition, Precondition::Revision { value: Operand::Known(_), .. })
        };
        assert_eq!(prepared.plan.steps.iter().filter(known).count(), 0, "a stripped RevisionId is known\n{plan}");
        let writes: Vec<usize> =
            (1..).zip(&requests).filter(|(_, (is_write, _))| *is_write).map(|(at, _)| at).collect();
        assert_eq!(writes.len(), prepared.plan.steps.len(), "{requests:?}");
        for (number, write) in writes.iter().enumerate() {
            let (_, request) = &requests[write - 1];
            let operation = operation_of(request);
            assert!(prepared.plan.steps.iter().any(|step| step.operation == operation), "{request}\n{plan}");
            let window = if request.contains("event-source-mappings") { 2 } else { 1 };
            let (_, _, refused, done) = contest(write - window).await;
            assert!(
                refused.contains(&operation.to_string()),
                "{request}: refused {refused:?}, done {done:?}\n{requests:#?}\n{plan}"
            );
            assert_eq!(done.len(), number, "{request}: {done:?} was written over a change\n{plan}");
        }
    });
}

/// The operation of a write. Steps run in another order than they stand in the plan.
fn operation_of(request: &str) -> Operation {
    let paths = [
        ("/configuration", Operation::UpdateFunctionConfiguration),
        ("/versions", Operation::PublishVersion),
        ("/aliases/", Operation::UpdateAlias),
        ("/event-source-mappings/", Operation::UpdateEventSourceMapping),
        ("/resource-policy/", Operation::PutResourcePolicy),
        ("/concurrency", Operation::PutFunctionConcurrency),
    ];
    let found = paths.iter().find(|(path, _)| request.contains(path));
    found.unwrap_or_else(|| panic!("{request} is no write of the change")).1
}
