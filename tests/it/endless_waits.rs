//! Promise: no server makes a run panic or wait beyond its deadline, whatever pause it asks for.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use trueup::apply::{EventSender, Verdict};
use trueup::observe::Depth;
use trueup::plan::{Limits, PlanOptions};

use crate::harness::{Fixture, block_on, undone, zip};

const SPEC: &str = "version: 1\nstack: shop\nfunctions:\n  orders:\n    runtime: python3.13\n    handler: app.handler\n    \
                    role: arn:aws:iam::123456789012:role/r\n    code: {zip: package.zip}\n";

/// The account behind a server that throttles every update of a configuration with this pause.
fn throttling(pause: &'static str) -> Fixture {
    Fixture::settled(move |router| {
        router.layer(from_fn(move |request: Request, next: Next| async move {
            if request.method() == Method::PUT && request.uri().path().ends_with("/configuration") {
                let headers = [(header::RETRY_AFTER, pause), (header::CONTENT_TYPE, "application/json")];
                return (StatusCode::TOO_MANY_REQUESTS, headers, "{\"message\":\"Rate exceeded\"}").into_response();
            }
            next.run(request).await
        }))
    })
}

#[test]
fn no_pause_that_a_server_asks_for_outlasts_the_deadline() {
    for pause in ["1e19", "1000000000", "inf", "NaN", "-1", "0", "3"] {
        block_on(async {
            let fixture = throttling(pause);
            fixture.fixpoint(SPEC).await;
            let changed = SPEC.replace("app.handler", "app.other");
            let reconciler = fixture.reconciler(&changed);
            let plan = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
            let approved = plan.approve(&Limits::default()).unwrap();
            let begun = Instant::now();
            let report = reconciler.apply(approved, CancellationToken::new(), EventSender::default()).await;
            assert_eq!(report.verdict(), Verdict::Failed, "{pause}: {:#?}", undone(&report));
            let limit = reconciler.options.deadline + Duration::from_secs(5);
            assert!(begun.elapsed() <= limit, "{pause}: {:?}", begun.elapsed());
        });
    }
}

#[test]
fn a_resource_that_is_gone_right_after_its_creation_ends_the_step_long_before_the_deadline() {
    block_on(async {
        let fixture = Fixture::settled(|router| {
            router.layer(from_fn(|request: Request, next: Next| async move {
                if request.method() == Method::GET && request.uri().path().ends_with("/functions/orders") {
                    let headers =
                        [("x-amzn-errortype", "ResourceNotFoundException"), ("content-type", "application/json")];
                    return (StatusCode::NOT_FOUND, headers, "{\"Message\":\"Function not found: orders\"}")
                        .into_response();
                }
                next.run(request).await
            }))
        });
        let mut reconciler = fixture.reconciler(SPEC);
        reconciler.options.deadline = Duration::from_secs(900);
        let plan = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
        let begun = Instant::now();
        let approved = plan.approve(&Limits::default()).unwrap();
        let report = reconciler.apply(approved, CancellationToken::new(), EventSender::default()).await;
        assert!(undone(&report)[0].contains("not found after the write"), "{:?}", undone(&report));
        assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    });
}

/// A body that never ends: a byte comes every four seconds.
struct Trickle(std::pin::Pin<Box<tokio::time::Sleep>>);

const BETWEEN_BYTES: Duration = Duration::from_secs(4);

impl http_body::Body for Trickle {
    type Data = axum::body::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        std::task::ready!(self.0.as_mut().poll(cx));
        self.0 = Box::pin(tokio::time::sleep(BETWEEN_BYTES));
        std::task::Poll::Ready(Some(Ok(http_body::Frame::data(axum::body::Bytes::from_static(b"x")))))
    }
}

/// Live code only makes the plan say more, so no plan waits for it longer than some seconds.
#[test]
fn a_plan_does_not_wait_for_code_that_cannot_be_downloaded() {
    for answers in [false, true] {
        block_on(async {
            let fixture = Fixture::settled(move |router| {
                router.layer(from_fn(move |request: Request, next: Next| async move {
                    if !request.uri().path().starts_with("/_sim/code/") {
                        return next.run(request).await;
                    }
                    if !answers {
                        std::future::pending::<()>().await;
                    }
                    Body::new(Trickle(Box::pin(tokio::time::sleep(BETWEEN_BYTES)))).into_response()
                }))
            });
            let functions: String = (0..30).map(|n| {
                format!("  f{n}: {{runtime: python3.13, handler: app.handler, role: 'arn:aws:iam::123456789012:role/r', code: {{zip: package.zip}}}}\n")
            }).collect();
            let spec = format!("version: 1\nstack: shop\nfunctions:\n{functions}");
            fixture.fixpoint(&spec).await;
            fixture.write("other.zip", zip(&[("app.py", "def handler(event, context): return 1\n")]));
            let reconciler = fixture.reconciler(&spec.replace("package.zip", "other.zip"));
            let begun = Instant::now();
            let plan = reconciler.plan(&PlanOptions::default(), Depth::Declared).await.unwrap();
            assert_eq!(plan.plan.steps.len(), 30);
            let notes = plan.plan.resources.iter().flat_map(|resource| &resource.notes);
            assert_eq!(notes.filter(|note| note.starts_with("could not compare the files of the code: ")).count(), 30);
            assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        });
    }
}

#[test]
fn every_deadline_can_be_given() {
    for deadline in [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(u64::MAX), Duration::MAX] {
        block_on(async {
            let fixture = Fixture::new();
            let mut reconciler = fixture.reconciler(SPEC);
            reconciler.options.deadline = deadline;
            let options = PlanOptions::default();
            let plan = reconciler.plan_settled(&options, Depth::Declared, &EventSender::default()).await.unwrap();
            let approved = plan.approve(&Limits::default()).unwrap();
            let report = reconciler.apply(approved, CancellationToken::new(), EventSender::default()).await;
            let expected = if deadline.is_zero() { Verdict::Partial } else { Verdict::Applied };
            assert!([expected, Verdict::Applied].contains(&report.verdict()), "{deadline:?}: {:#?}", undone(&report));
        });
    }
}
