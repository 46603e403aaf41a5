//! The service on a port.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request as HttpRequest, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::dispatcher::{Account, Lambda};
use crate::sim::context::api_error::ApiError;
use crate::sim::faults::injector::{Ending, Manner};
use crate::sim::http::broken_responses;
use crate::sim::http::protocol;
use crate::sim::http::protocol::{ApiRequest, RawRequest};
use crate::sim::http::response;
use crate::sim::http::sts;
use crate::sim::store::packages::CODE_PATH;

/// The largest request that the real service takes: a package of 50 MB in base64 and a little more.
const LARGEST: usize = 70_167_211;

/// A request with a larger body is worked on beside the event loop, because hashing and unzipping take their time.
const HEAVY: usize = 256 * 1024;

/// How long requests that are open get to end when the server stops.
const GRACE: Duration = Duration::from_secs(2);

/// Serves `lambda` on `listener` until `shutdown` is over and what was open then has ended, or a grace of two seconds has: a client
/// that has sent half of a request would keep the server forever. What is open still ends with the runtime.
pub async fn serve(
    lambda: Lambda,
    listener: tokio::net::TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let (begin, begun) = tokio::sync::oneshot::channel();
    let shutdown = async {
        shutdown.await;
        let _ = begin.send(());
    };
    let over = async {
        // Without a word the server has failed by itself, and its error ends the wait.
        if begun.await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = axum::serve(listener, lambda.router()).with_graceful_shutdown(shutdown).into_future() => {
            served.context("serving the embedded Lambda")
        }
        () = over => Ok(()),
    }
}

impl Lambda {
    /// The service as a router, for tests in process and for servers of one's own.
    pub fn router(&self) -> Router {
        Router::new().fallback(receive).with_state(Arc::clone(&self.inner))
    }
}

async fn receive(State(account): State<Arc<Account>>, request: HttpRequest<Body>) -> Response {
    let (parts, body) = request.into_parts();
    if let Some(hash) = parts.uri.path().strip_prefix(CODE_PATH) {
        return package(&account, hash);
    }
    let body = match Limited::new(body, LARGEST).collect().await {
        Ok(body) => body.to_bytes().to_vec(),
        Err(error) if error.is::<LengthLimitError>() => {
            let name = protocol::read(empty(&parts)).map_or("requested", |request| request.name);
            let text = format!("Request must be smaller than {LARGEST} bytes for the {name} operation");
            return refuse(&account, ApiError::new("RequestEntityTooLargeException", text).untyped());
        }
        Err(_) => return StatusCode::BAD_REQUEST.into_response(),
    };
    if sts::concerns(parts.method.as_str(), parts.uri.path(), &parts.headers) {
        return sts::answer(account.id(), &body, &account.request_id());
    }
    let heavy = body.len() > HEAVY || account.writes();
    match protocol::read(RawRequest { body, ..empty(&parts) }) {
        Ok(request) => attend(account, request, heavy).await,
        Err(error) => refuse(&account, error),
    }
}

/// Answers one request that was understood.
///
/// Every call of the control plane passes here and nothing else does, so this is where the service misbehaves if it was told to.
async fn attend(account: Arc<Account>, request: ApiRequest, heavy: bool) -> Response {
    let trouble = account.trouble(&request);
    if !trouble.latency.is_zero() {
        tokio::time::sleep(trouble.latency).await;
    }
    match trouble.before {
        Some((_, Ending::Error(error))) => return refuse(&account, error),
        Some(_) => return broken_responses::severed(),
        None => {}
    }
    for (rule, rival) in trouble.rivals {
        if carry_out(&account, rival, Manner::default(), heavy).await.status().is_success() {
            account.note(rule);
        }
    }
    let response = carry_out(&account, request, trouble.manner, heavy).await;
    let Some((rule, ending)) = trouble.after else { return response };
    account.note(rule);
    match ending {
        Ending::Error(error) => refuse(&account, error),
        Ending::Severed => broken_responses::severed(),
        Ending::Cut => broken_responses::cut(response).await,
        Ending::Slow(wait) => broken_responses::slow(response, wait).await,
    }
}

async fn carry_out(account: &Arc<Account>, request: ApiRequest, manner: Manner, heavy: bool) -> Response {
    let status = request.status;
    let (answer, id) = if heavy {
        let worker = Arc::clone(account);
        let work = tokio::task::spawn_blocking(move || worker.answer(request, &manner));
        // Only a panic ends the work without an answer, and its text is for the one who reads the log.
        let failed = |_| {
            (Err(ApiError::internal("An error occurred and the request cannot be processed.")), account.request_id())
        };
        work.await.unwrap_or_else(failed)
    } else {
        account.answer(request, &manner)
    };
    response::response(answer, status, &id)
}

fn refuse(account: &Account, error: ApiError) -> Response {
    response::response(Err(error), 400, &account.request_id())
}

fn empty(parts: &axum::http::request::Parts) -> RawRequest {
    RawRequest {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers.clone(),
        body: Vec::new(),
    }
}

fn package(account: &Account, hash: &str) -> Response {
    match account.package(hash) {
        Ok(Some(bytes)) => ([(header::CONTENT_TYPE, "application/zip")], bytes.to_vec()).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => refuse(account, error),
    }
}
