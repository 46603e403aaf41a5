//! The HTTP server of the simulator.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request as HttpRequest, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::dispatcher::Simulator;
use crate::sim::context::api_error::ApiError;
#[cfg(doc)]
use crate::sim::context::options::Options;
use crate::sim::faults::injector::{Overrides, Termination};
use crate::sim::http::broken_responses;
use crate::sim::http::clients::{self, Hosts};
use crate::sim::http::connections::{self, Limits};
use crate::sim::http::protocol;
use crate::sim::http::protocol::{ApiRequest, RawRequest};
use crate::sim::http::response;
use crate::sim::http::sts;
use crate::sim::store::packages::CODE_PATH;

/// The largest request that the real service takes: a package of 50 MB in base64 and a little more.
const MAX_REQUEST_BYTES: usize = 70_167_211;

/// A request with a larger body runs outside the event loop, because hashing and unzipping take their time.
const HEAVY: usize = 256 * 1024;

/// The time for open requests to finish when the server stops.
const GRACE: Duration = Duration::from_secs(2);

/// Serves `simulator` on `listener` until `shutdown` ends and open requests have finished, for two seconds at most.
///
/// A client that has sent half of a request would keep the server forever. Requests that are open after that are dropped.
/// Requests of web pages and to unknown host names are refused ([`Options::allowed_hosts`]); a client that does not send
/// its request within [`Options::request_timeout`] is disconnected.
pub async fn serve(
    simulator: Simulator,
    listener: tokio::net::TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let options = simulator.options();
    let limits = Limits { open: options.connections, head: options.request_timeout };
    let hosts = Hosts { bound: listener.local_addr()?.ip(), allowed: options.allowed_hosts.clone() };
    let guarded = simulator.router().layer(from_fn_with_state((simulator, Arc::new(hosts)), guard));
    let mut connections = connections::accept(listener, &guarded, limits, shutdown).await;
    let _ = tokio::time::timeout(GRACE, connections.finish()).await;
    Ok(())
}

/// Passes a request on, unless a web page sent it or it is to an unknown host.
async fn guard(
    State((simulator, hosts)): State<(Simulator, Arc<Hosts>)>,
    request: HttpRequest<Body>,
    next: Next,
) -> Response {
    match clients::check(request.uri(), request.headers(), &hosts) {
        Ok(()) => next.run(request).await,
        Err(error) => refuse(&simulator, error),
    }
}

impl Simulator {
    /// Returns the service as a router, for tests in process and for other servers.
    ///
    /// A router answers whoever asks it; [`serve`] also checks who does.
    pub fn router(&self) -> Router {
        Router::new().fallback(receive).with_state(self.clone())
    }
}

async fn receive(State(simulator): State<Simulator>, request: HttpRequest<Body>) -> Response {
    let (parts, body) = request.into_parts();
    if let Some(hash) = parts.uri.path().strip_prefix(CODE_PATH) {
        return package(&simulator, hash);
    }
    let whole = Limited::new(body, MAX_REQUEST_BYTES).collect();
    let Ok(whole) = tokio::time::timeout(simulator.options().request_timeout, whole).await else {
        return (StatusCode::REQUEST_TIMEOUT, [(header::CONNECTION, "close")]).into_response();
    };
    let body = match whole {
        Ok(body) => body.to_bytes().to_vec(),
        Err(error) if error.is::<LengthLimitError>() => {
            let name = protocol::read(empty(&parts)).map_or("requested", |request| request.name);
            let text = format!("Request must be smaller than {MAX_REQUEST_BYTES} bytes for the {name} operation");
            return refuse(&simulator, ApiError::new("RequestEntityTooLargeException", text).untyped());
        }
        Err(_) => return StatusCode::BAD_REQUEST.into_response(),
    };
    if sts::concerns(parts.method.as_str(), parts.uri.path(), &parts.headers) {
        return match protocol::signed_region(&parts.headers) {
            Ok(region) => {
                let region = region.as_deref().unwrap_or(&simulator.options().region);
                sts::answer(&simulator.options().account, region, &body, &simulator.request_id())
            }
            Err(error) => refuse(&simulator, error),
        };
    }
    let heavy = body.len() > HEAVY || simulator.writes_to_disk();
    match protocol::read(RawRequest { body, ..empty(&parts) }) {
        Ok(request) => attend(simulator, request, heavy).await,
        Err(error) => refuse(&simulator, error),
    }
}

/// Answers one request, with the faults that the plan injects into it.
///
/// Every call of the control plane passes here, and nothing else does.
async fn attend(simulator: Simulator, request: ApiRequest, heavy: bool) -> Response {
    let injection = simulator.injection(&request);
    if !injection.latency.is_zero() {
        tokio::time::sleep(injection.latency).await;
    }
    match injection.before {
        Some((_, Termination::Error(error))) => return refuse(&simulator, error),
        Some(_) => return broken_responses::severed(),
        None => {}
    }
    for (rule, conflicting_call) in injection.concurrent_calls {
        if run_operation(&simulator, conflicting_call, Overrides::default(), heavy).await.status().is_success() {
            simulator.record(rule);
        }
    }
    let response = run_operation(&simulator, request, injection.overrides, heavy).await;
    let Some((rule, termination)) = injection.after else { return response };
    simulator.record(rule);
    match termination {
        Termination::Error(error) => refuse(&simulator, error),
        Termination::Severed => broken_responses::severed(),
        Termination::Cut => broken_responses::cut(response).await,
        Termination::Slow(wait) => broken_responses::slow(response, wait).await,
    }
}

async fn run_operation(simulator: &Simulator, request: ApiRequest, overrides: Overrides, heavy: bool) -> Response {
    let status = request.status;
    let (answer, id) = if heavy {
        let worker = simulator.clone();
        let work = tokio::task::spawn_blocking(move || worker.run(request, &overrides));
        // Only a panic ends the task without an answer, and its text is in the log.
        let failed = |_| {
            (Err(ApiError::internal("An error occurred and the request cannot be processed.")), simulator.request_id())
        };
        work.await.unwrap_or_else(failed)
    } else {
        simulator.run(request, &overrides)
    };
    response::response(answer, status, &id)
}

fn refuse(simulator: &Simulator, error: ApiError) -> Response {
    response::response(Err(error), 400, &simulator.request_id())
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

fn package(simulator: &Simulator, hash: &str) -> Response {
    match simulator.package(hash) {
        Ok(Some(bytes)) => ([(header::CONTENT_TYPE, "application/zip")], bytes.to_vec()).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => refuse(simulator, error),
    }
}
