//! The real program, and a server that kills it at a call.

use std::collections::HashSet;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{Method, Uri};
use axum::middleware::{self, Next};
use axum::response::Response;
use http_body_util::BodyExt as _;
use serde_json::Value;
use tokio::runtime::Runtime;
use trueup::sim::{Options, Settle, Simulator};

use crate::harness::{Fixture, REGION};

/// Kills the process before or after the effect of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KillPoint {
    Before,
    After,
}

/// The call at which the process is killed, counted from 1: among all calls, or among the writes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CallNumber {
    Call(usize),
    Write(usize),
}

/// One run of the program, as the server sees it.
#[derive(Default)]
struct ProcessState {
    /// The number of the run; late calls of a killed run do not count for the next.
    run: usize,
    child: Option<Child>,
    end: Option<(CallNumber, KillPoint)>,
    calls: usize,
    writes: usize,
    /// Every RevisionId that a reply has shown to it.
    shown: HashSet<String>,
    /// Those that the run before it has written into a plan.
    planned: HashSet<String>,
    /// Writes over revisions that no reply has shown to it.
    unseen: Vec<String>,
}

/// The number of calls of a run, and of its writes.
#[derive(Clone, Copy, Debug)]
pub struct Calls {
    pub all: usize,
    pub writes: usize,
}

/// A simulator on a port, and a folder in which the program runs.
pub struct TestServer {
    pub fixture: Fixture,
    pub lambda: Simulator,
    pub runtime: Runtime,
    url: String,
    state: Arc<Mutex<ProcessState>>,
}

impl TestServer {
    /// Opens an account whose changes settle after this time: a new one in memory, or one persisted in a folder.
    pub fn new(settle: Duration, data: Option<&Path>) -> TestServer {
        let mut options = Options::default();
        options.settle = Settle::uniform(settle);
        options.data = data.map(Path::to_owned);
        let lambda = Simulator::open(options).expect("an account opens");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let state = Arc::<Mutex<ProcessState>>::default();
        let watched = state.clone();
        let router = lambda.router().layer(middleware::from_fn(move |request: Request, next: Next| {
            let state = watched.clone();
            async move { pass(&state, request, next).await }
        }));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, router).await });
        let fixture = Fixture::of(&lambda, |router| router);
        TestServer { fixture, lambda, runtime, url, state }
    }

    /// Runs the program until it ends or is killed.
    pub fn run(&self, arguments: &[&str], end: Option<(CallNumber, KillPoint)>) -> ExitStatus {
        self.begin(end);
        let child = Command::new(env!("CARGO_BIN_EXE_trueup"))
            .args(arguments)
            .args(["-f", "stack.yaml", "--endpoint-url", &self.url, "--region", REGION, "--rate", "10000"])
            .current_dir(self.fixture.folder.path())
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.state.lock().unwrap().child = Some(child);
        loop {
            let ended = self.state.lock().unwrap().child.as_mut().unwrap().try_wait().unwrap();
            if let Some(status) = ended {
                let unseen = std::mem::take(&mut self.state.lock().unwrap().unseen);
                assert_eq!(unseen, [""; 0], "written over what it had not seen");
                return status;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Lets the next run use the revisions that the last one has seen: it saved a plan.
    pub fn seen(&self) {
        let mut state = self.state.lock().unwrap();
        state.planned = state.shown.clone();
    }

    fn begin(&self, end: Option<(CallNumber, KillPoint)>) {
        let mut state = self.state.lock().unwrap();
        *state = ProcessState {
            run: state.run + 1,
            end,
            shown: state.planned.clone(),
            planned: std::mem::take(&mut state.planned),
            ..ProcessState::default()
        };
    }

    /// Returns the number of calls of the last run.
    pub fn calls(&self) -> Calls {
        let state = self.state.lock().unwrap();
        Calls { all: state.calls, writes: state.writes }
    }
}

/// Passes a call on, or kills the process at it.
async fn pass(state: &Mutex<ProcessState>, request: Request, next: Next) -> Response {
    // Downloads are no calls.
    if request.uri().path().starts_with("/_sim/") {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let sent = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let (run, death, unseen) = {
        let mut state = state.lock().unwrap();
        (state.run, state.count(&parts.method), state.unseen(&parts.method, &parts.uri, &sent))
    };
    if death == Some(KillPoint::Before) {
        kill(state);
        return Response::new(Body::empty());
    }
    let response = next.run(Request::from_parts(parts, Body::from(sent))).await;
    if death == Some(KillPoint::After) {
        kill(state);
    }
    let (head, body) = response.into_parts();
    let got = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let mut state = state.lock().unwrap();
    if head.status.is_success() && state.run == run {
        state.unseen.extend(unseen);
        revisions(&serde_json::from_slice(&got).unwrap_or_default(), &mut state.shown);
    }
    Response::from_parts(head, Body::from(got))
}

/// Kills the process, and returns once it can send nothing more.
fn kill(state: &Mutex<ProcessState>) {
    loop {
        // The call may arrive before the child is recorded; then this waits.
        if let Some(child) = state.lock().unwrap().child.as_mut() {
            child.kill().unwrap();
            child.wait().unwrap();
            return;
        }
        std::thread::yield_now();
    }
}

impl ProcessState {
    fn count(&mut self, method: &Method) -> Option<KillPoint> {
        let is_write = *method != Method::GET;
        self.calls += 1;
        self.writes += usize::from(is_write);
        let (at, death) = self.end?;
        let is_now = match at {
            CallNumber::Call(number) => self.calls == number,
            CallNumber::Write(number) => is_write && self.writes == number,
        };
        is_now.then_some(death)
    }

    /// Returns the call if it writes over a revision that no reply has shown to its caller.
    fn unseen(&self, method: &Method, uri: &Uri, sent: &Bytes) -> Option<String> {
        let sent: Value = serde_json::from_slice(sent).unwrap_or_default();
        let query = uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("RevisionId="));
        let revision = sent["RevisionId"].as_str().or(query);
        let path = uri.path();
        let needs_one = *method == Method::PUT
            && (path.ends_with("/configuration") || path.ends_with("/code") || path.contains("/aliases/"))
            || *method == Method::POST && path.ends_with("/versions") && path.contains("/functions/");
        let is_blind = revision.map_or(needs_one, |revision| !self.shown.contains(revision));
        is_blind.then(|| format!("{method} {uri}: {revision:?}"))
    }
}

fn revisions(value: &Value, into: &mut HashSet<String>) {
    match value {
        Value::Object(members) => {
            into.extend(members.get("RevisionId").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| revisions(member, into));
        }
        Value::Array(list) => list.iter().for_each(|one| revisions(one, into)),
        _ => {}
    }
}
