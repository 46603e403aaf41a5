//! Promise: no lost update. A concurrent writer never loses its change, whichever call of trueup it precedes.
//!
//! The writer sits in front of the simulator and writes just before the n-th request that reaches it: memory,
//! code, description of an alias. Afterwards its value is either still there, or a plan had shown it before it was replaced.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use trueup::cloud::Cloud;
use trueup::observe::Depth;
use trueup::plan::PlanOptions;
use trueup::sim::{Options, Settle};
use trueup::wire::{
    Call, Endpoint, GetAliasInputBuilder, GetFunctionInputBuilder, PutFunctionConcurrencyInputBuilder, Reply,
    TypedCall, UpdateAliasInputBuilder, UpdateFunctionConfigurationInputBuilder,
};

use crate::harness::{Fixture, REGION, run, undone};

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
    aliases:
      live: {function_version: published}
"#;

/// The calls of the concurrent writer.
type ConcurrentWrites = fn() -> Vec<Call>;

/// An account in which the concurrent writer acts before the n-th request from now on.
struct Contested {
    fixture: Fixture,
    fuse: Arc<AtomicUsize>,
}

impl Contested {
    fn new(writes: ConcurrentWrites) -> Contested {
        let mut options = Options::default();
        options.settle = Settle::instant();
        options.seed = Some(7);
        let fuse = Arc::new(AtomicUsize::new(usize::MAX));
        let burning = fuse.clone();
        let fixture = Fixture::with(options, move |router| between(router, burning, writes));
        Contested { fixture, fuse }
    }

    /// Reads the memory size directly.
    async fn memory(&self) -> i32 {
        match self.fixture.send(GetFunctionInputBuilder::default().function_name("orders").call()).await {
            Reply::GetFunction(reply) => reply.configuration().unwrap().memory_size().unwrap(),
            other => panic!("{other:?}"),
        }
    }

    async fn alias_description(&self) -> String {
        match self.fixture.send(GetAliasInputBuilder::default().function_name("orders").name("live").call()).await {
            Reply::GetAlias(reply) => reply.description().unwrap_or_default().to_owned(),
            other => panic!("{other:?}"),
        }
    }
}

fn between(router: Router, fuse: Arc<AtomicUsize>, writes: ConcurrentWrites) -> Router {
    let direct = router.clone();
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let (direct, fuse) = (direct.clone(), fuse.clone());
        async move {
            if fuse.fetch_sub(1, Ordering::SeqCst) == 1 {
                fuse.store(usize::MAX, Ordering::SeqCst);
                let cloud = Cloud::in_process(direct, REGION);
                for call in writes() {
                    // It may fail because its resource does not exist yet.
                    let _ = cloud.send(call).await;
                }
            }
            next.run(request).await
        }
    }))
}

fn more_memory() -> Vec<Call> {
    vec![UpdateFunctionConfigurationInputBuilder::default().function_name("orders").memory_size(777).call()]
}

fn describes_the_alias() -> Vec<Call> {
    vec![UpdateAliasInputBuilder::default().function_name("orders").name("live").description("do not touch").call()]
}

/// Applies the change with the concurrent writer acting before each request in turn.
async fn contest(writes: ConcurrentWrites, change: &str, survives: impl AsyncFn(&Contested) -> bool) {
    let mut refused = 0;
    for at in 1..200 {
        let contested = Contested::new(writes);
        let fixture = &contested.fixture;
        assert_eq!(undone(&fixture.apply(BEFORE).await), Vec::<String>::new());
        let reconciler = fixture.reconciler(change);
        let prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
        contested.fuse.store(at, Ordering::SeqCst);
        let report = run(&reconciler, prepared).await;
        let acted = contested.fuse.swap(usize::MAX, Ordering::SeqCst) > 1_000_000;
        if !acted {
            assert!(refused > 0, "the concurrent writer never had an effect");
            return;
        }
        assert!(survives(&contested).await, "before request {at} a change was lost: {:?}", undone(&report));
        if report.steps.iter().any(|(_, outcome)| outcome.is_refused()) {
            refused += 1;
        }
    }
    panic!("an apply of this size does not take 200 requests");
}

#[tokio::test(start_paused = true)]
async fn a_concurrent_change_of_the_function_is_never_lost() {
    let change = BEFORE.replace("memory_size: 128", "memory_size: 128\n    timeout: 30\n    description: ours");
    contest(more_memory, &change, async |contested: &Contested| contested.memory().await == 777).await;
}

#[tokio::test(start_paused = true)]
async fn a_concurrent_change_of_the_same_field_is_never_lost() {
    let change = BEFORE.replace("memory_size: 128", "memory_size: 512");
    contest(more_memory, &change, async |contested: &Contested| {
        let now = contested.memory().await;
        // The value survives because it was written later, or because our write was refused: 512 must not replace 777 unseen.
        now == 777
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_concurrent_change_of_the_alias_is_never_lost() {
    let change = BEFORE.replace("memory_size: 128", "memory_size: 512");
    contest(describes_the_alias, &change, async |contested: &Contested| {
        contested.alias_description().await == "do not touch"
    })
    .await;
}

fn reserves_seven() -> Vec<Call> {
    let call = PutFunctionConcurrencyInputBuilder::default().function_name("orders").reserved_concurrent_executions(7);
    vec![call.call()]
}

/// A call without a RevisionId has a race window: a change between trueup's last read and its write is replaced unseen.
/// The window is one request wide.
#[tokio::test(start_paused = true)]
async fn the_race_window_of_a_call_without_a_revision_is_one_request() {
    let before = BEFORE.replace("memory_size: 128", "reserved_concurrent_executions: 2");
    let change = BEFORE.replace("memory_size: 128", "reserved_concurrent_executions: 3");
    let (mut lost, mut refused) = (0, 0);
    for at in 1..100 {
        let contested = Contested::new(reserves_seven);
        let fixture = &contested.fixture;
        assert_eq!(undone(&fixture.apply(&before).await), Vec::<String>::new());
        let reconciler = fixture.reconciler(&change);
        let prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
        contested.fuse.store(at, Ordering::SeqCst);
        let report = run(&reconciler, prepared).await;
        if contested.fuse.swap(usize::MAX, Ordering::SeqCst) <= 1_000_000 {
            assert_eq!((lost, refused > 0), (1, true), "the race window has another width");
            return;
        }
        match report.steps.iter().any(|(_, outcome)| outcome.is_refused()) {
            true => refused += 1,
            false => lost += usize::from(fixture.plan(&change).await.is_empty()),
        }
    }
    panic!("an apply of this size does not take 100 requests");
}
