//! A second writer never loses its change, whichever call of ours it comes before.
//!
//! The stranger sits in front of the embedded Lambda and writes just before the n-th request that reaches it: memory,
//! code, description of an alias. Whatever we do then, what it wrote is either still there, or was seen by a plan
//! before it was replaced.

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

/// Something that somebody else does.
type Stranger = fn() -> Vec<Call>;

/// A world in which the stranger acts before the n-th request from now on.
struct Contested {
    world: Fixture,
    fuse: Arc<AtomicUsize>,
}

impl Contested {
    fn new(stranger: Stranger) -> Contested {
        let mut options = Options::default();
        options.settle = Settle::instant();
        options.seed = Some(7);
        let fuse = Arc::new(AtomicUsize::new(usize::MAX));
        let burning = fuse.clone();
        let world = Fixture::with(options, move |router| between(router, burning, stranger));
        Contested { world, fuse }
    }

    /// What is there now, told by a request that sets nothing off.
    async fn memory(&self) -> i32 {
        match self.world.send(GetFunctionInputBuilder::default().function_name("orders").call()).await {
            Reply::GetFunction(reply) => reply.configuration().unwrap().memory_size().unwrap(),
            other => panic!("{other:?}"),
        }
    }

    async fn alias_description(&self) -> String {
        match self.world.send(GetAliasInputBuilder::default().function_name("orders").name("live").call()).await {
            Reply::GetAlias(reply) => reply.description().unwrap_or_default().to_owned(),
            other => panic!("{other:?}"),
        }
    }
}

fn between(router: Router, fuse: Arc<AtomicUsize>, stranger: Stranger) -> Router {
    let direct = router.clone();
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let (direct, fuse) = (direct.clone(), fuse.clone());
        async move {
            if fuse.fetch_sub(1, Ordering::SeqCst) == 1 {
                fuse.store(usize::MAX, Ordering::SeqCst);
                let cloud = Cloud::in_process(direct, REGION);
                for call in stranger() {
                    // It may come too early for what it wants to change.
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

/// Applies the change with the stranger acting before each of our requests in turn.
async fn contest(stranger: Stranger, change: &str, survives: impl AsyncFn(&Contested) -> bool) {
    let mut refused = 0;
    for at in 1..200 {
        let contested = Contested::new(stranger);
        let world = &contested.world;
        assert_eq!(undone(&world.apply(BEFORE).await), Vec::<String>::new());
        let reconciler = world.reconciler(change);
        let prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
        contested.fuse.store(at, Ordering::SeqCst);
        let report = run(&reconciler, prepared).await;
        let acted = contested.fuse.swap(usize::MAX, Ordering::SeqCst) > 1_000_000;
        if !acted {
            assert!(refused > 0, "the stranger never got in our way");
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
async fn a_change_of_the_function_is_never_lost() {
    let change = BEFORE.replace("memory_size: 128", "memory_size: 128\n    timeout: 30\n    description: ours");
    contest(more_memory, &change, async |contested: &Contested| contested.memory().await == 777).await;
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_same_field_is_never_lost() {
    let change = BEFORE.replace("memory_size: 128", "memory_size: 512");
    contest(more_memory, &change, async |contested: &Contested| {
        let now = contested.memory().await;
        // Either it is still there, or it came after ours, or the write of ours was refused: 512 over 777 unseen is what must not be.
        now == 777
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_alias_is_never_lost() {
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

/// Calls without a RevisionId leave a window: what is written between our last look and our write is replaced unseen.
/// It is one request wide, and no request of ours falls into it.
#[tokio::test(start_paused = true)]
async fn the_window_of_a_call_without_a_revision_is_one_request_wide() {
    let before = BEFORE.replace("memory_size: 128", "reserved_concurrent_executions: 2");
    let change = BEFORE.replace("memory_size: 128", "reserved_concurrent_executions: 3");
    let (mut lost, mut refused) = (0, 0);
    for at in 1..100 {
        let contested = Contested::new(reserves_seven);
        let world = &contested.world;
        assert_eq!(undone(&world.apply(&before).await), Vec::<String>::new());
        let reconciler = world.reconciler(&change);
        let prepared = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
        contested.fuse.store(at, Ordering::SeqCst);
        let report = run(&reconciler, prepared).await;
        if contested.fuse.swap(usize::MAX, Ordering::SeqCst) <= 1_000_000 {
            assert_eq!((lost, refused > 0), (1, true), "the window has another width");
            return;
        }
        match report.steps.iter().any(|(_, outcome)| outcome.is_refused()) {
            true => refused += 1,
            false => lost += usize::from(world.plan(&change).await.is_empty()),
        }
    }
    panic!("an apply of this size does not take 100 requests");
}
