//! A tracing span for each call: operation, resource, attempt, status, request id, and the duration in the event at its end.
//!
//! # Guarantees
//! No body, header or message is traced, because those may hold secrets: the resource is the path and query of the URL.

use std::cell::RefCell;
use std::future::Future;

use aws_sdk_lambda::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_lambda::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use tokio::time::Instant;
use tracing::field::{Empty, display};
use tracing::{Instrument, Span, debug, debug_span};

use crate::model::visible;
use crate::wire::{Failure, Reply};

/// The header of the request id.
const REQUEST_ID: &str = "x-amzn-requestid";

tokio::task_local! {
    /// The exchange of the call that this task sends.
    static EXCHANGE: RefCell<Exchange>;
}

/// One request and its response, as far as they are traced.
#[derive(Debug, Default)]
struct Exchange {
    resource: Option<String>,
    status: Option<u16>,
    request_id: Option<String>,
}

/// Notes each request and response of the SDK in the exchange of the current task.
#[derive(Debug)]
pub(super) struct NoteExchange;

#[dyn_dispatch_hint]
impl Intercept for NoteExchange {
    fn name(&self) -> &'static str {
        "NoteExchange"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let resource = resource(context.request().uri());
        // A call outside a traced exchange, such as a test's, is not an error.
        let _ = EXCHANGE.try_with(|exchange| exchange.borrow_mut().resource = Some(resource));
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let _ = EXCHANGE.try_with(|exchange| {
            let mut exchange = exchange.borrow_mut();
            exchange.status = Some(response.status().as_u16());
            exchange.request_id = response.headers().get(REQUEST_ID).map(|id| visible(id).into_owned());
        });
        Ok(())
    }
}

/// Returns the path and query of a URL without the API version: `/functions/orders/aliases/live`.
fn resource(url: &str) -> String {
    let path = url.parse::<::http::Uri>().ok().and_then(|url| url.path_and_query().map(ToString::to_string));
    let path = path.unwrap_or_default();
    match path.match_indices('/').nth(1) {
        Some((at, _)) => path[at..].to_owned(),
        None => path,
    }
}

/// Runs one attempt of a call within its span.
pub(super) async fn traced(
    operation: &'static str,
    attempt: u32,
    call: impl Future<Output = Result<Reply, Failure>>,
) -> Result<Reply, Failure> {
    let span = debug_span!("call", operation, attempt, resource = Empty, status = Empty, request_id = Empty);
    let began = Instant::now();
    let traced = async {
        let result = call.await;
        EXCHANGE.with(|exchange| record(&exchange.borrow()));
        let duration = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &result {
            Ok(_) => debug!(duration_ms = duration, "succeeded"),
            Err(failure) => debug!(duration_ms = duration, class = ?failure.class, code = failure.code, "failed"),
        }
        result
    };
    EXCHANGE.scope(RefCell::default(), traced).instrument(span).await
}

/// Records the exchange in the current span.
fn record(exchange: &Exchange) {
    let span = Span::current();
    let fields = [("resource", &exchange.resource), ("request_id", &exchange.request_id)];
    for (name, value) in fields {
        if let Some(value) = value {
            span.record(name, display(value));
        }
    }
    if let Some(status) = exchange.status {
        span.record("status", status);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_the_path_after_the_api_version() {
        let url = "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/orders/versions?MaxItems=50";
        assert_eq!(resource(url), "/functions/orders/versions?MaxItems=50");
        assert_eq!(resource("http://127.0.0.1:9001/"), "/");
        assert_eq!(resource("not a url"), "");
    }
}
