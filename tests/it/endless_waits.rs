//! Promise: no server makes a run panic or wait beyond its deadline, whatever pause it asks for.

use std::time::Duration;

use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use trueup::apply::{EventSender, Verdict};
use trueup::observe::Depth;
use trueup::plan::{Limits, PlanOptions};

use crate::harness::{Fixture, block_on, undone};

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
