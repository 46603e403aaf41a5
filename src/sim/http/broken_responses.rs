//! Responses that do not arrive, or not whole.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use http_body::Frame;
use http_body_util::{BodyExt as _, Full};

/// The time for the first half of a response to leave before the connection is closed.
const FLUSH: Duration = Duration::from_millis(20);

/// A body of `bytes` that breaks off after `wait`.
fn broken_body(bytes: Bytes, wait: Option<Duration>) -> Body {
    let end = async move {
        if let Some(wait) = wait {
            tokio::time::sleep(wait).await;
        }
        Some(Err::<HeaderMap, io::Error>(io::ErrorKind::ConnectionReset.into()))
    };
    let body = Full::new(bytes).map_err(|never: Infallible| match never {}).with_trailers(end);
    // Mapping the frames makes the server forget how long the body is, so that it believes the header.
    Body::new(body.map_frame(|frame| frame))
}

fn promising(length: usize, body: Body) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response
}

/// Returns a response of which not a byte arrives: its body fails before the server has sent the head.
pub(crate) fn severed() -> Response {
    promising(1, broken_body(Bytes::new(), None))
}

/// Returns the first half of `response`. One without a body does not arrive.
pub(crate) async fn cut(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    if bytes.is_empty() {
        return severed();
    }
    let mut response = promising(bytes.len(), broken_body(bytes.slice(..bytes.len() / 2), Some(FLUSH)));
    *response.status_mut() = parts.status;
    for (name, value) in &parts.headers {
        response.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    response
}

/// Returns `response` with a pause before the second half of its body, or before all of it if it has no body.
pub(crate) async fn slow(response: Response, wait: Duration) -> Response {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    if bytes.is_empty() {
        tokio::time::sleep(wait).await;
        return Response::from_parts(parts, Body::empty());
    }
    let half = bytes.len() / 2;
    let halves = Halves { first: Some(bytes.slice(..half)), second: Some(bytes.slice(half..)), wait, pause: None };
    Response::from_parts(parts, Body::new(halves))
}

/// A body in two halves with a pause between them.
struct Halves {
    first: Option<Bytes>,
    second: Option<Bytes>,
    wait: Duration,
    pause: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl http_body::Body for Halves {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        let wait = self.wait;
        let pause = self.pause.get_or_insert_with(|| Box::pin(tokio::time::sleep(wait)));
        match pause.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => Poll::Ready(self.second.take().map(|second| Ok(Frame::data(second)))),
        }
    }
}
