//! REST-JSON on the way out: a reply or an error becomes a response.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::Value;

use crate::sim::context::api_error::ApiError;

/// The result of an operation.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: Option<u16>,
    pub(crate) body: Option<Value>,
    header: Option<(&'static str, String)>,
}

impl Reply {
    /// A body with the operation's own status.
    pub(crate) fn json(body: Value) -> Self {
        Reply { status: None, body: Some(body), header: None }
    }

    /// No body, with the operation's own status.
    pub(crate) fn empty() -> Self {
        Reply { status: None, body: None, header: None }
    }

    /// The same with another status.
    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The same with a member of the answer that travels in a header, of which the name is in small letters.
    pub(crate) fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.header = Some((name, value));
        self
    }
}

/// The response to send.
pub(crate) fn response(answer: Result<Reply, ApiError>, status: u16, request_id: &str) -> Response {
    let (status, body, header, code) = match answer {
        Ok(reply) => {
            let status = StatusCode::from_u16(reply.status.unwrap_or(status)).unwrap_or(StatusCode::OK);
            (status, reply.body, reply.header, None)
        }
        Err(error) => (error.status(), Some(error.body()), None, Some(error.code())),
    };
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    if let Some(body) = body.filter(|_| status != StatusCode::NO_CONTENT) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *response.body_mut() = Body::from(body.to_string());
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    if let Some((name, value)) = header.and_then(|(name, value)| Some((name, HeaderValue::from_str(&value).ok()?))) {
        headers.insert(name, value);
    }
    if let Some(code) = code.filter(|code| !code.is_empty()) {
        headers.insert("x-amzn-errortype", HeaderValue::from_static(code));
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    *response.status_mut() = status;
    response
}
