//! Promise: nothing of another owner is written or deleted.
//!
//! Another client takes over every tagged resource of the stack, releases it, or makes its tags unreadable, just before the
//! n-th request of an apply, for each n. At most one write follows: that of the step whose checks were under way.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use trueup::cloud::Cloud;
use trueup::model::{KindId, RefusalKind};
use trueup::observe::Depth;
use trueup::plan::{ExecutablePlan, PlanOptions};
use trueup::wire::{
    Call, Endpoint, ListCapacityProvidersInputBuilder, ListCodeSigningConfigsInputBuilder,
    ListEventSourceMappingsInputBuilder, ListFunctionsInputBuilder, Reply, TagResourceInputBuilder, TypedCall,
    UntagResourceInputBuilder,
};

use crate::generated_files::repository;
use crate::harness::{Fixture, REGION, block_on, run, shown, undone};

/// The ways in which a resource stops being ours.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Loss {
    Taken,
    Released,
    Unreadable,
}

const LOSSES: [Loss; 3] = [Loss::Taken, Loss::Released, Loss::Unreadable];

/// The requests of ours while the other client watches, and the position before which it acts.
struct Traffic {
    loss: Loss,
    act_before: usize,
    position: AtomicUsize,
    is_watching: AtomicUsize,
    /// The writes of tagged resources and their children that came after the other client had acted.
    late: Mutex<Vec<String>>,
}

impl Traffic {
    fn new(loss: Loss, act_before: usize) -> Arc<Traffic> {
        let (position, is_watching) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Arc::new(Traffic { loss, act_before, position, is_watching, late: Mutex::default() })
    }

    fn watch(&self, on: bool) {
        self.is_watching.store(usize::from(on), Ordering::SeqCst);
    }

    fn has_acted(&self) -> bool {
        self.position.load(Ordering::SeqCst) >= self.act_before
    }
}

fn between(router: Router, traffic: Arc<Traffic>) -> Router {
    let direct = router.clone();
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let (direct, traffic) = (direct.clone(), traffic.clone());
        async move {
            if traffic.is_watching.load(Ordering::SeqCst) == 0 {
                return next.run(request).await;
            }
            let position = traffic.position.fetch_add(1, Ordering::SeqCst) + 1;
            if position == traffic.act_before {
                lose(&Cloud::in_process(direct, REGION), traffic.loss).await;
            }
            let (method, path) = (request.method().clone(), request.uri().path().to_owned());
            let has_acted = traffic.has_acted();
            let response = next.run(request).await;
            // Layers take no tags: nobody owns them. A write with the RevisionId from before is rejected, or finds the
            // function as it was, its tags included.
            let has_revision = path.ends_with("/configuration") || path.ends_with("/code");
            let is_proven = traffic.loss == Loss::Unreadable && has_revision;
            let is_write = method != "GET" && !path.contains("/layers/") && response.status().is_success();
            if has_acted && is_write && !is_proven {
                traffic.late.lock().unwrap().push(format!("{method} {path}"));
            }
            if traffic.has_acted() && traffic.loss == Loss::Unreadable {
                without_tags(&path, response).await
            } else {
                response
            }
        }
    }))
}

/// Takes every tagged resource of the account away from the stack.
async fn lose(cloud: &Cloud, loss: Loss) {
    for resource in tagged(cloud).await {
        let call = match loss {
            Loss::Taken => TagResourceInputBuilder::default().resource(resource).tags("trueup:stack", "other").call(),
            Loss::Released => UntagResourceInputBuilder::default().resource(resource).tag_keys("trueup:stack").call(),
            Loss::Unreadable => continue,
        };
        cloud.send(call).await.expect("the other client may tag");
    }
}

/// The ARNs of the account's tagged resources.
async fn tagged(cloud: &Cloud) -> Vec<String> {
    let calls: [Call; 4] = [
        ListFunctionsInputBuilder::default().call(),
        ListEventSourceMappingsInputBuilder::default().call(),
        ListCodeSigningConfigsInputBuilder::default().call(),
        ListCapacityProvidersInputBuilder::default().call(),
    ];
    let mut arns = Vec::new();
    for call in calls {
        match cloud.send(call).await.expect("the other client may list") {
            Reply::ListFunctions(it) => {
                arns.extend(it.functions().iter().filter_map(|it| it.function_arn().map(str::to_owned)));
            }
            Reply::ListEventSourceMappings(it) => {
                arns.extend(
                    it.event_source_mappings().iter().filter_map(|it| it.event_source_mapping_arn().map(str::to_owned)),
                );
            }
            Reply::ListCodeSigningConfigs(it) => {
                arns.extend(it.code_signing_configs().iter().map(|it| it.code_signing_config_arn().to_owned()));
            }
            Reply::ListCapacityProviders(it) => {
                arns.extend(it.capacity_providers().iter().map(|it| it.capacity_provider_arn().to_owned()));
            }
            other => panic!("{other:?}"),
        }
    }
    arns
}

/// The response that a caller without lambda:ListTags gets.
async fn without_tags(path: &str, response: Response) -> Response {
    if path.contains("/tags/") {
        let body = json!({"Message": "not authorized to perform: lambda:ListTags on resource: it"});
        return (StatusCode::FORBIDDEN, [("x-amzn-errortype", "AccessDeniedException")], body.to_string())
            .into_response();
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    if let Some(reply) = value.as_object_mut().filter(|reply| reply.contains_key("Configuration")) {
        reply.remove("Tags");
        reply.insert("TagsError".to_owned(), json!({"ErrorCode": "AccessDeniedException", "Message": "no ListTags"}));
    }
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(serde_json::to_vec(&value).unwrap()))
}

fn estate() -> String {
    std::fs::read_to_string(repository("examples/estate.yaml")).unwrap()
}

/// The estate with a change in nearly every resource.
fn changed() -> String {
    estate()
        .replace("memory_size: 512", "memory_size: 1024")
        .replace("team: payments", "team: billing")
        .replace("recursive_loop: Allow", "recursive_loop: Terminate")
        .replace("executions: 20", "executions: 21")
        .replace("principal: s3", "principal: sns")
        .replace("executions: 4", "executions: 5")
        .replace("attempts: 1", "attempts: 2")
        .replace("batch_size: 20", "batch_size: 30")
        .replace("update_runtime_on: FunctionUpdate", "update_runtime_on: Auto")
        .replace("[GET, POST]", "[GET]")
        .replace("max_execution_environments: 8", "max_execution_environments: 9")
}

/// Plans the estate's change or its destruction, and applies the plan one step at a time while the other client acts.
/// Returns false if the apply ended before that.
async fn contest(options: &PlanOptions, traffic: &Arc<Traffic>) -> bool {
    let world = Fixture::settled(|router| between(router, traffic.clone()));
    assert_eq!(undone(&world.apply(&estate()).await), Vec::<String>::new());
    let mut reconciler = world.reconciler(&changed());
    reconciler.options.parallelism = 1;
    let prepared: ExecutablePlan = reconciler.plan(options, Depth::Declared).await.unwrap();
    assert!(prepared.plan.steps.len() >= 7, "{}", shown(&prepared.plan));
    traffic.watch(true);
    let report = run(&reconciler, prepared.clone()).await;
    if !traffic.has_acted() {
        assert_eq!(undone(&report), Vec::<String>::new());
        return false;
    }
    let late = traffic.late.lock().unwrap();
    assert!(
        late.len() <= 1,
        "{:?} before request {}: {late:#?}\n{}",
        traffic.loss,
        traffic.act_before,
        shown(&prepared.plan)
    );
    true
}

fn contest_at_every_request(options: &PlanOptions) {
    for position in 1..500 {
        let traffic = Traffic::new(LOSSES[position % LOSSES.len()], position);
        if !block_on(contest(options, &traffic)) {
            return;
        }
    }
    panic!("an apply of this size does not take 500 requests");
}

#[test]
fn a_change_writes_nothing_that_was_taken_released_or_became_unreadable() {
    contest_at_every_request(&PlanOptions::default());
}

#[test]
fn a_destruction_deletes_nothing_that_was_taken_released_or_became_unreadable() {
    contest_at_every_request(&PlanOptions { destroy: true, ..PlanOptions::default() });
}

#[test]
fn a_plan_for_what_another_owns_or_what_cannot_be_attributed_is_refused() {
    for (loss, destroy) in [(Loss::Taken, false), (Loss::Unreadable, false), (Loss::Unreadable, true)] {
        block_on(async {
            let traffic = Traffic::new(loss, 1);
            let world = Fixture::settled(|router| between(router, traffic.clone()));
            assert_eq!(undone(&world.apply(&estate()).await), Vec::<String>::new());
            traffic.watch(true);
            let options = PlanOptions { destroy, ..PlanOptions::default() };
            let plan = world.reconciler(&changed()).plan(&options, Depth::Declared).await.unwrap().plan;
            let is_expected = |kind: &RefusalKind| match loss {
                Loss::Taken => matches!(kind, RefusalKind::OtherStack { .. }),
                _ => *kind == RefusalKind::OwnerUnknown,
            };
            assert!(plan.refusals.iter().any(|refusal| is_expected(&refusal.kind)), "{loss:?}\n{}", shown(&plan));
        });
    }
}

/// The reservation of a function has no tags of its own, and is reset where its line is missing: only by its owner.
#[test]
fn the_reservation_of_another_stacks_function_is_left_alone() {
    block_on(async {
        let world = Fixture::new();
        let spec = |stack: &str, more: &str| {
            format!(
                "version: 1\nstack: {stack}\nfunctions:\n  f:\n    runtime: python3.13\n    handler: app.handler\n    \
                 role: arn:aws:iam::123456789012:role/r\n    code: {{zip: package.zip}}\n{more}"
            )
        };
        let owned = spec("owner", "    reserved_concurrent_executions: 5\n");
        assert_eq!(undone(&world.apply(&owned).await), Vec::<String>::new());
        for options in [PlanOptions::default(), PlanOptions { prune: true, ..Default::default() }] {
            for text in [spec("other", "    ignore: [tags]\n"), spec("other", "")] {
                let plan = world.reconciler(&text).plan(&options, Depth::Full).await.unwrap().plan;
                let deletions = plan.steps.iter().filter(|step| step.address.kind == KindId::ReservedConcurrency);
                assert_eq!(deletions.count(), 0, "{}", shown(&plan));
            }
        }
        let destroy = PlanOptions { destroy: true, ..PlanOptions::default() };
        let plan = world.reconciler(&spec("other", "")).plan(&destroy, Depth::Full).await.unwrap().plan;
        assert_eq!(plan.steps.len(), 0, "{}", shown(&plan));
    });
}

#[test]
fn a_reservation_is_reset_with_its_function_and_not_where_that_is_excluded() {
    block_on(async {
        let world = Fixture::new();
        let spec = |more: &str| {
            format!(
                "version: 1\nstack: shop\nlayers: {{l: {{code: {{zip: package.zip}}}}}}\nfunctions:\n  f:\n    runtime: python3.13\n    \
                 handler: app.handler\n    role: arn:aws:iam::123456789012:role/r\n    code: {{zip: package.zip}}\n    \
                 layers: [\"${{layers.l.arn}}\"]\n{more}"
            )
        };
        assert_eq!(undone(&world.apply(&spec("    reserved_concurrent_executions: 0\n")).await), Vec::<String>::new());
        let targets = |texts: [&str; 1]| texts.map(|text| text.parse().unwrap()).to_vec();
        let with = PlanOptions { targets: targets(["function/f"]), ..PlanOptions::default() };
        let without = PlanOptions { excludes: targets(["layer/l"]), ..PlanOptions::default() };
        for (options, steps) in [(with, 1), (without, 0)] {
            let plan = world.reconciler(&spec("")).plan(&options, Depth::Declared).await.unwrap().plan;
            assert_eq!(plan.steps.len(), steps, "{}", shown(&plan));
        }
    });
}
