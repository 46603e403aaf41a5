//! A server that answers as an input says: nothing that a server says makes trueup panic or wait for ever.
//!
//! The input is a list of answers, parted by lines of `---`. Each request gets the next one, and after the last the first
//! again:
//!
//! - `=` is the simulator's own answer, and below it a line `POINTER JSON` replaces a part of its body;
//! - everything else is an answer as HTTP writes it: the status, headers in lines, an empty line and the body.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use http_body_util::BodyExt as _;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use trueup::apply::{ApplyOptions, EventSender, Verdict};
use trueup::cloud::Cloud;
use trueup::drift::drift;
use trueup::observe::Depth;
use trueup::packages::{self, Absent, PackageBuilder};
use trueup::plan::{Limits, PlanOptions, SealedPlan};
use trueup::reconcile::Reconciler;
use trueup::show::{self, Style};
use trueup::wire::Endpoint;

use super::{load_at, small_account, split};

/// The stack that exists.
const BEFORE: &str = "
version: 1
stack: shop
layers:
  common: {code: {zip: small.zip}}
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/r
    code: {zip: small.zip}
    layers: ['${layers.common.arn}']
    environment: {variables: {TABLE: orders}}
    reserved_concurrent_executions: 20
    url: {auth_type: AWS_IAM}
    event_invoke_config: {maximum_retry_attempts: 1}
    permissions: {topic: {action: 'lambda:InvokeFunction', principal: sns.amazonaws.com, source_account: '123456789012'}}
    aliases:
      live: {function_version: published, provisioned_concurrent_executions: 2}
    event_source_mappings:
      queue: {event_source_arn: 'arn:aws:sqs:us-east-1:123456789012:orders'}
  old: {runtime: python3.13, handler: app.handler, role: 'arn:aws:iam::123456789012:role/r', code: {zip: small.zip}}
";

/// What is changed, created and deleted while the server answers as the input says.
const CHANGES: [(&str, &str); 7] = [
    ("code: {zip: small.zip}\n    layers", "code: {zip: zeros.zip}\n    layers"),
    ("{TABLE: orders}", "{TABLE: returns}"),
    ("executions: 20", "executions: 10"),
    ("auth_type: AWS_IAM", "auth_type: AWS_IAM, invoke_mode: RESPONSE_STREAM"),
    ("maximum_retry_attempts: 1", "maximum_retry_attempts: 2"),
    ("source_account: '123456789012'", "source_account: '210987654321'"),
    ("  old: {runtime", "  new: {runtime"),
];

/// The longest that a run may wait on tokio's clock, which does not take time.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// How far a run came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The live state could not be read.
    Unread,
    /// The plan was refused.
    Refused,
    /// The plan was applied with this result.
    Ended(Verdict),
}

/// Plans, applies and looks for drift against a server that answers as the input says.
pub fn answers(bytes: &[u8]) {
    stage(bytes);
}

/// Does so, and returns how far it came.
pub fn stage(bytes: &[u8]) -> Stage {
    let script: Arc<Vec<Vec<u8>>> = Arc::new(split(bytes).into_iter().map(<[u8]>::to_vec).collect());
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().start_paused(true).build().expect("a runtime").block_on(async {
        let lambda = small_account();
        let own: Arc<dyn Endpoint> = Arc::new(Cloud::in_process(lambda.router(), "us-east-1"));
        let before = run(&own, BEFORE).await;
        assert_eq!(before, Stage::Ended(Verdict::Applied), "the stack is there before the input is read");
        let number = Arc::new(AtomicUsize::new(0));
        let scripted = lambda.router().layer(from_fn(move |request: Request, next: Next| {
            let answer = script[number.fetch_add(1, Ordering::Relaxed) % script.len()].clone();
            async move { answered(&answer, next.run(request).await).await }
        }));
        let scripted: Arc<dyn Endpoint> = Arc::new(Cloud::in_process(scripted, "us-east-1"));
        let after = CHANGES.iter().fold(BEFORE.to_owned(), |text, (from, to)| text.replace(from, to));
        assert_ne!(after, BEFORE);
        let ended = tokio::time::timeout(LONGEST, run(&scripted, &after)).await;
        ended.expect("the run waits for ever")
    })
}

/// Plans, applies and looks for drift.
async fn run(endpoint: &Arc<dyn Endpoint>, text: &str) -> Stage {
    let stack = load_at(&corpus().join("stack.yaml"), text.as_bytes()).stack.expect("the spec is valid");
    let built = packages::build(&PackageBuilder::default(), &stack, |_| true, Absent::Error).packages;
    let options = ApplyOptions { deadline: Duration::from_secs(60), ..ApplyOptions::default() };
    let reconciler =
        Reconciler { endpoint: endpoint.clone(), stack: Arc::new(stack), packages: Arc::new(built), options };
    let options = PlanOptions { prune: true, ..PlanOptions::default() };
    let Ok(plan) = reconciler.plan(&options, Depth::Full).await else { return Stage::Unread };
    let masked = plan.plan.masked();
    shown(&show::plan::render(&masked, show::plan::Display::default(), Style::default()));
    shown(&show::drift::render(&drift(&masked), &[], Style::default()));
    let saved = serde_json::to_string(&masked).expect("a plan is plain data");
    SealedPlan::from_json(&saved).expect("a plan can be read again");
    let Ok(approved) = plan.approve(&Limits { allow_replace: true, ..Limits::default() }) else {
        return Stage::Refused;
    };
    let report = reconciler.apply(approved, CancellationToken::new(), EventSender::default()).await;
    shown(&show::report::render(&report, Style::default(), show::report::ReportOf::Apply, &|failure| {
        Some(failure.to_string())
    }));
    Stage::Ended(report.verdict())
}

/// A terminal obeys nothing in a text that is printed.
fn shown(text: &str) {
    let control = text.chars().find(|it| it.is_control() && *it != '\n');
    assert_eq!(control, None, "a control character is printed: {text:?}");
}

/// The folder with the packages, from the package and from the fuzz targets.
fn corpus() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = if here.ends_with("fuzz") { here.parent().expect("a folder") } else { here };
    root.join("fuzz/corpus/package")
}

/// Returns the answer that the input gives in the place of the server's own.
async fn answered(answer: &[u8], own: Response) -> Response {
    if let Some(patches) = answer.strip_prefix(b"=") {
        return patched(&String::from_utf8_lossy(patches), own).await;
    }
    let end = answer.windows(2).position(|window| window == b"\n\n");
    let (head, body) = end.map_or((answer, &b""[..]), |end| (&answer[..end], &answer[end + 2..]));
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let mut response = Response::new(Body::from(body.to_vec()));
    let status = lines.next().and_then(|line| StatusCode::from_bytes(line.trim().as_bytes()).ok());
    *response.status_mut() = status.unwrap_or(StatusCode::OK);
    for line in lines {
        let header = line.split_once(':').and_then(|(name, value)| {
            let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
            Some((name, HeaderValue::from_bytes(value.trim().as_bytes()).ok()?))
        });
        response.headers_mut().extend(header);
    }
    response
}

/// Replaces parts of the body of the server's own answer.
async fn patched(patches: &str, own: Response) -> Response {
    let (parts, body) = own.into_parts();
    let bytes = body.collect().await.expect("the simulator's own body is whole").to_bytes();
    let Ok(mut body) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    for line in patches.lines().skip(1) {
        let Some((pointer, value)) = line.split_once(' ') else { continue };
        let Ok(value) = serde_json::from_str::<Value>(value) else { continue };
        match body.pointer_mut(pointer) {
            Some(place) => *place = value,
            None => {
                let Some((parent, name)) = pointer.rsplit_once('/') else { continue };
                if let Some(Value::Object(parent)) = body.pointer_mut(parent) {
                    parent.insert(name.to_owned(), value);
                }
            }
        }
    }
    Response::from_parts(parts, Body::from(body.to_string()))
}
