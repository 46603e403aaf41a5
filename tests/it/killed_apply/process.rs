//! The real program, and a server in front of which it dies.

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

/// When, relative to the effect of a call, the process dies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Death {
    Before,
    After,
}

/// The call at which it dies, counted from 1: among all of them, or among those that write.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ResourceRef {
    Call(usize),
    Write(usize),
}

/// One run of the program, as the server sees it.
#[derive(Default)]
struct Doomed {
    /// What the dead still had under way is no business of the next run.
    run: usize,
    child: Option<Child>,
    end: Option<(ResourceRef, Death)>,
    calls: usize,
    writes: usize,
    /// Every RevisionId that an answer has shown to it.
    shown: HashSet<String>,
    /// Those that the run before it has written into a plan.
    planned: HashSet<String>,
    /// Writes over revisions that no answer has shown to it.
    blind: Vec<String>,
}

/// How many calls a run made, and how many of them wrote.
#[derive(Clone, Copy, Debug)]
pub struct Calls {
    pub all: usize,
    pub writes: usize,
}

/// An account behind a port, and a folder in which the program runs.
pub struct Stage {
    pub world: Fixture,
    pub lambda: Simulator,
    pub runtime: Runtime,
    url: String,
    doomed: Arc<Mutex<Doomed>>,
}

impl Stage {
    /// An account whose changes take so long: a new one in memory, or one that is kept in a folder.
    pub fn new(settle: Duration, data: Option<&Path>) -> Stage {
        let mut options = Options::default();
        options.settle = Settle::uniform(settle);
        options.data = data.map(Path::to_owned);
        let lambda = Simulator::open(options).expect("an account opens");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let doomed = Arc::<Mutex<Doomed>>::default();
        let watched = doomed.clone();
        let router = lambda.router().layer(middleware::from_fn(move |request: Request, next: Next| {
            let doomed = watched.clone();
            async move { pass(&doomed, request, next).await }
        }));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, router).await });
        let world = Fixture::of(&lambda, |router| router);
        Stage { world, lambda, runtime, url, doomed }
    }

    /// Runs the program until it ends or dies.
    pub fn run(&self, arguments: &[&str], end: Option<(ResourceRef, Death)>) -> ExitStatus {
        self.begin(end);
        let child = Command::new(env!("CARGO_BIN_EXE_trueup"))
            .args(arguments)
            .args(["-f", "stack.yaml", "--endpoint-url", &self.url, "--region", REGION, "--rate", "10000"])
            .current_dir(self.world.folder.path())
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.doomed.lock().unwrap().child = Some(child);
        loop {
            let ended = self.doomed.lock().unwrap().child.as_mut().unwrap().try_wait().unwrap();
            if let Some(status) = ended {
                let blind = std::mem::take(&mut self.doomed.lock().unwrap().blind);
                assert_eq!(blind, [""; 0], "written over what it had not seen");
                return status;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// What the last run has seen is known to the next ones too: it has left a plan.
    pub fn seen(&self) {
        let mut doomed = self.doomed.lock().unwrap();
        doomed.planned = doomed.shown.clone();
    }

    fn begin(&self, end: Option<(ResourceRef, Death)>) {
        let mut doomed = self.doomed.lock().unwrap();
        *doomed = Doomed {
            run: doomed.run + 1,
            end,
            shown: doomed.planned.clone(),
            planned: std::mem::take(&mut doomed.planned),
            ..Doomed::default()
        };
    }

    /// What the last run has called.
    pub fn calls(&self) -> Calls {
        let doomed = self.doomed.lock().unwrap();
        Calls { all: doomed.calls, writes: doomed.writes }
    }
}

/// Lets a call through, or has it be the last one.
async fn pass(doomed: &Mutex<Doomed>, request: Request, next: Next) -> Response {
    // Downloads are no calls.
    if request.uri().path().starts_with("/_sim/") {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let sent = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let (run, death, blind) = {
        let mut doomed = doomed.lock().unwrap();
        (doomed.run, doomed.count(&parts.method), doomed.blind(&parts.method, &parts.uri, &sent))
    };
    if death == Some(Death::Before) {
        kill(doomed);
        return Response::new(Body::empty());
    }
    let response = next.run(Request::from_parts(parts, Body::from(sent))).await;
    if death == Some(Death::After) {
        kill(doomed);
    }
    let (head, body) = response.into_parts();
    let got = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let mut doomed = doomed.lock().unwrap();
    if head.status.is_success() && doomed.run == run {
        doomed.blind.extend(blind);
        revisions(&serde_json::from_slice(&got).unwrap_or_default(), &mut doomed.shown);
    }
    Response::from_parts(head, Body::from(got))
}

/// Kills the process, and comes back when it can send nothing any more.
fn kill(doomed: &Mutex<Doomed>) {
    loop {
        // The call may be there before its caller is known: then it waits.
        if let Some(child) = doomed.lock().unwrap().child.as_mut() {
            child.kill().unwrap();
            child.wait().unwrap();
            return;
        }
        std::thread::yield_now();
    }
}

impl Doomed {
    fn count(&mut self, method: &Method) -> Option<Death> {
        let is_write = *method != Method::GET;
        self.calls += 1;
        self.writes += usize::from(is_write);
        let (at, death) = self.end?;
        let is_now = match at {
            ResourceRef::Call(number) => self.calls == number,
            ResourceRef::Write(number) => is_write && self.writes == number,
        };
        is_now.then_some(death)
    }

    /// The call, if it writes over a revision that no answer has shown to its caller.
    fn blind(&self, method: &Method, uri: &Uri, sent: &Bytes) -> Option<String> {
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
