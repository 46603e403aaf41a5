//! Properties of any bytes at all: no panic, no hang, and consistent results.
//!
//! The same bodies are run by `cargo fuzz` (the folder `fuzz`), which looks for new inputs for hours, and by the test command
//! (`tests/it/fuzz`), which runs the corpora and mutations of them for seconds.

#[path = "fuzz_bodies/answers.rs"]
mod answers;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;
use trueup::declaration::{self, Files, Inputs, Loaded};
use trueup::model::EntryKind;
use trueup::plan::{SealedPlan, saved};
use trueup::sim::{Options, Settle, Simulator};

pub use answers::{Stage, answers, stage};

/// The code that a fuzz target runs on an input.
pub type FuzzBody = fn(&[u8]);

/// The bodies by the names of their corpora.
pub const BODIES: &[(&str, FuzzBody)] = &[
    ("spec", spec),
    ("interpolation", interpolation),
    ("plan", plan),
    ("requests", requests),
    ("package", package),
    ("answers", answers),
];

/// A file system of one file.
struct OneFile<'a>(&'a [u8]);

impl Files for OneFile<'_> {
    fn read(&self, _: &Path, _: Option<&Path>) -> io::Result<Vec<u8>> {
        Ok(self.0.to_vec())
    }
}

fn load(bytes: &[u8]) -> Loaded {
    load_at(Path::new("stack.yaml"), bytes)
}

/// Loads a spec as if it lay at a path.
fn load_at(path: &Path, bytes: &[u8]) -> Loaded {
    let environment = BTreeMap::from([("STAGE".to_owned(), "test".to_owned())]);
    let inputs = Inputs { files: vec![path.to_owned()], environment, ..Inputs::default() };
    declaration::load(&inputs, &OneFile(bytes), Some(("123456789012".to_owned(), "us-east-1".to_owned())))
}

/// The loader reads anything; what is wrong can be shown, and a spec has a stack or says why not.
pub fn spec(bytes: &[u8]) {
    let loaded = load(bytes);
    assert!(loaded.stack.is_some() || !loaded.diagnostics.is_empty(), "neither a stack nor a word about it");
    // A text with a thousand mistakes is shown in full by the program too, but costs a fuzzer its time.
    let few = &loaded.diagnostics[..loaded.diagnostics.len().min(20)];
    trueup::show::diagnostics::render(few, &loaded.sources, false, None);
}

/// The interpolator takes any text as a value.
pub fn interpolation(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let quoted = json!(text);
    let spec = format!(
        "version: 1\nstack: s\nvars: {{a: {quoted}, b: '${{var.a}}'}}\nfunctions:\n  f:\n    runtime: python3.13\n    \
         handler: app.handler\n    role: arn:aws:iam::123456789012:role/r\n    code: {{zip: package.zip}}\n    \
         description: {quoted}\n    environment: {{variables: {{ONE: {quoted}, TWO: '${{var.b}} {{'}}}}\n"
    );
    self::spec(spec.as_bytes());
}

/// A plan that is read can be shown and is the same when it is read again.
pub fn plan(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(plans) = saved::SavedPlans::from_json(&text) {
        assert_eq!(saved::SavedPlans::from_json(&plans.to_json()).expect("what was a file of plans is one"), plans);
    }
    let Ok(plan) = SealedPlan::from_json(&text) else { return };
    let style = trueup::show::Style::default();
    trueup::show::plan::render(&plan.masked(), trueup::show::plan::Display::default(), style);
    let text = serde_json::to_string(&plan.masked()).expect("a plan is plain data");
    let again = SealedPlan::from_json(&text).expect("what was a plan is one");
    assert_eq!(serde_json::to_string(&again.masked()).expect("a plan is plain data"), text);
    assert!(saved::stale(&again, &again).is_empty(), "a plan is not what it is");
    for other in [include_str!("../fuzz/corpus/plan/create.json"), include_str!("../fuzz/corpus/plan/update.json")] {
        let other = SealedPlan::from_json(other).expect("a plan of the corpus");
        let both = [saved::stale(&again, &other), saved::stale(&other, &again)];
        assert_eq!(both[0].is_empty(), both[1].is_empty(), "only one of two plans differs from the other");
        both.iter().flatten().for_each(|difference| drop(difference.to_string()));
    }
}

/// Requests one behind the other, `METHOD PATH` in a line and a body below it, parted by lines of `---`.
///
/// The simulator answers every request, never with an internal error, and still works afterwards.
pub fn requests(bytes: &[u8]) {
    runtime().block_on(async {
        let lambda = small_account();
        for request in split(bytes) {
            let line = request.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let body = request.get(line.len() + 1..).unwrap_or_default();
            let line = String::from_utf8_lossy(line);
            let (method, path) = line.trim().split_once(' ').unwrap_or(("GET", &line));
            let Ok(request) = Request::builder().method(method).uri(path).body(Body::from(body.to_vec())) else {
                continue;
            };
            answered(&lambda, request).await;
        }
        let request = Request::builder().uri("/2015-03-31/functions/").body(Body::empty());
        assert_eq!(answered(&lambda, request.expect("a request")).await, 200, "the account is broken");
    });
}

/// Any bytes as a deployment package: listed by trueup, taken by the simulated service.
pub fn package(bytes: &[u8]) {
    if let Ok(contents) = trueup::package::contents(bytes) {
        let sizes = contents.entries().map(|(_, entry)| match entry.kind {
            EntryKind::File { size, .. } => size,
            EntryKind::Directory | EntryKind::Link { .. } => 0,
        });
        assert!(sizes.sum::<u64>() < 250 * 1024 * 1024, "a package may not unzip to more than Lambda takes");
        for (name, entry) in contents.entries() {
            let shown = format!("{name} {}", entry.kind);
            assert!(!shown.contains(char::is_control), "a name must not steer the terminal: {shown:?}");
        }
        let same = trueup::package::difference(&contents, &contents);
        assert!(same.added.is_empty() && same.removed.is_empty(), "a package is what it is");
    }
    let body = json!({"FunctionName": "f", "Runtime": "python3.13", "Handler": "app.handler",
        "Role": "arn:aws:iam::123456789012:role/r", "Code": {"ZipFile": BASE64_STANDARD.encode(bytes)}});
    runtime().block_on(async {
        let request = Request::builder().method("POST").uri("/2015-03-31/functions").body(Body::from(body.to_string()));
        answered(&small_account(), request.expect("a request")).await;
    });
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn small_account() -> Simulator {
    let mut options = Options::default();
    options.settle = Settle::instant();
    options.seed = Some(1);
    Simulator::open(options).expect("an account in memory opens")
}

async fn answered(lambda: &Simulator, request: Request<Body>) -> u16 {
    let line = format!("{} {}", request.method(), request.uri());
    let response = lambda.router().oneshot(request).await.expect("an answer");
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a whole answer").to_bytes();
    assert!(status < 500, "{line}: {status} {}", String::from_utf8_lossy(&body));
    status
}

fn split(bytes: &[u8]) -> Vec<&[u8]> {
    let mut requests = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(5).position(|window| window == b"\n---\n") {
        requests.push(&rest[..at]);
        rest = &rest[at + 5..];
    }
    requests.push(rest);
    // A long list of requests finds nothing that a short one does not.
    requests.truncate(20);
    requests
}
