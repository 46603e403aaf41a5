//! Downloads from servers that answer slowly, for ever, or not at all, on tokio's paused clock.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use aws_sdk_lambda::config::http::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use http_body::Frame;
use tokio::time::{Instant, Sleep, sleep};

use super::*;
use crate::cloud::http::{Bytes, Downloads};

/// A body of so many parts, with a pause before each; without a number it never ends.
struct Trickle {
    pause: Duration,
    left: Option<usize>,
    wait: Option<Pin<Box<Sleep>>>,
}

const PART: &[u8] = b"0123456789";

impl http_body::Body for Trickle {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::convert::Infallible>>> {
        if self.left == Some(0) {
            return Poll::Ready(None);
        }
        let pause = self.pause;
        let wait = self.wait.get_or_insert_with(|| Box::pin(sleep(pause)));
        if wait.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.wait = None;
        self.left = self.left.map(|left| left - 1);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(PART)))))
    }
}

/// A server that waits, and then answers with a body.
#[derive(Clone, Copy, Debug)]
struct Server {
    wait: Duration,
    pause: Duration,
    parts: Option<usize>,
}

impl HttpConnector for Server {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        let Server { wait, pause, parts } = *self;
        HttpConnectorFuture::new(async move {
            sleep(wait).await;
            let body = SdkBody::from_body_1_x(Trickle { pause, left: parts, wait: None });
            Ok(HttpResponse::new(200.try_into().expect("a status"), body))
        })
    }
}

/// Returns the bytes or the message of a download of at most 1 MB, and its time in seconds.
async fn fetched(wait: u64, pause: u64, parts: Option<usize>) -> (Result<Vec<u8>, String>, u64) {
    let server = Server { wait: Duration::from_secs(wait), pause: Duration::from_secs(pause), parts };
    let downloads = Downloads::through(SharedHttpConnector::new(server));
    let begun = Instant::now();
    let result = downloads.fetch("https://code.example/package", 1 << 20).await;
    (result.map_err(|failure| failure.message), begun.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn a_download_ends_whatever_the_server_does() {
    assert_eq!(fetched(4, 4, Some(3)).await, (Ok(PART.repeat(3)), 16));
    let message = |text: &str| Err(text.to_owned());
    assert_eq!(fetched(1_000_000, 0, None).await, (message("no response within 5 s"), 5));
    assert_eq!(fetched(1, 1_000_000, None).await, (message("the download stopped for 5 s"), 6));
    assert_eq!(fetched(1, 4, None).await, (message("the download took longer than 60 s"), 60));
    let (result, seconds) = fetched(0, 0, None).await;
    assert_eq!((result, seconds), (message("it is larger than 1048576 bytes"), 0));
}
