//! The simulated account, at the distance of a network: every call that passes is counted and delayed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::time::sleep;
use trueup::cloud::Cloud;
use trueup::sim::{Clock, FaultPlan, Options, Settle, Simulator};

/// The region of the account.
pub const REGION: &str = "us-east-1";

/// The time that a call takes on the network, half of it on each way.
pub const LATENCY: Duration = Duration::from_millis(40);

/// Downloads of packages are no calls of Lambda's API.
const DOWNLOADS: &str = "/_sim/";

/// What one run of a client cost.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// All calls, those that were refused among them.
    pub calls: u64,
    /// The calls that were answered with 429.
    pub refused: u64,
    /// The duration.
    pub seconds: f64,
}

/// The calls so far.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    calls: u64,
    refused: u64,
}

/// Counts calls.
#[derive(Default)]
struct Meter {
    calls: AtomicU64,
    refused: AtomicU64,
}

/// Counts and delays a request on its way to the simulator and back.
async fn pass(State(meter): State<Arc<Meter>>, request: Request, next: Next) -> Response {
    if request.uri().path().starts_with(DOWNLOADS) {
        return next.run(request).await;
    }
    meter.calls.fetch_add(1, Ordering::Relaxed);
    sleep(LATENCY / 2).await;
    let response = next.run(request).await;
    if response.status() == StatusCode::TOO_MANY_REQUESTS {
        meter.refused.fetch_add(1, Ordering::Relaxed);
    }
    sleep(LATENCY / 2).await;
    response
}

/// A simulated account of its own.
pub struct Account {
    simulator: Simulator,
    meter: Arc<Meter>,
}

impl Account {
    /// An empty account that takes the time and enforces the request quotas of AWS.
    pub fn as_on_aws(clock: Clock) -> Account {
        let mut options = options();
        options.clock = clock;
        options.faults = Some(FaultPlan::parse("quotas").expect("the rule is valid"));
        Account::open(options)
    }

    /// An empty account that finishes every change at once and refuses no call.
    pub fn without_limits() -> Account {
        let mut options = options();
        options.settle = Settle::instant();
        Account::open(options)
    }

    fn open(options: Options) -> Account {
        let simulator = Simulator::open(options).expect("an account in memory opens");
        Account { simulator, meter: Arc::default() }
    }

    /// The service, behind the meter.
    pub fn router(&self) -> Router {
        self.simulator.router().layer(from_fn_with_state(self.meter.clone(), pass))
    }

    /// A client behind the meter, without quotas of its own.
    pub fn cloud(&self) -> Cloud {
        Cloud::in_process(self.router(), REGION)
    }

    /// A client whose calls are neither counted nor delayed.
    pub fn unmetered_cloud(&self) -> Cloud {
        Cloud::in_process(self.simulator.router(), REGION)
    }

    /// The calls so far.
    pub fn counts(&self) -> Counts {
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        Counts { calls: count(&self.meter.calls), refused: count(&self.meter.refused) }
    }

    /// The cost of what was done since these counts were taken.
    pub fn cost_since(&self, before: Counts, duration: Duration) -> Cost {
        let now = self.counts();
        let (calls, refused) = (now.calls - before.calls, now.refused - before.refused);
        Cost { calls, refused, seconds: duration.as_secs_f64() }
    }
}

/// The options of every account: the same ids in every run, and concurrency to reserve for every function.
fn options() -> Options {
    let mut options = Options::default();
    options.seed = Some(7);
    options.concurrent_executions = 100_000;
    options
}

/// A server on a loopback port, in a thread of its own; it ends when it goes out of scope.
pub struct Server {
    /// The address.
    pub url: String,
    _runtime: Runtime,
}

impl Server {
    /// Serves a router.
    pub fn start(router: Router) -> Server {
        let runtime =
            Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime can be started");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a loopback port is free");
        let address = listener.local_addr().expect("a bound listener has an address");
        runtime.spawn(async move { axum::serve(listener, router).await });
        Server { url: format!("http://{address}"), _runtime: runtime }
    }
}
