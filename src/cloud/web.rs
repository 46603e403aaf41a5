//! Requests to a web service that is not AWS's, over the transport of downloads: through the proxy, and without a retry.

use std::fmt;
use std::time::Duration;

use aws_sdk_lambda::config::http::HttpRequest;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt, Limited};
use tokio::time::timeout;

use super::classify::chain;
use super::http::Downloads;

/// The timeout of a request with its response.
const WAIT: Duration = Duration::from_secs(30);

/// The largest response, in bytes.
const LARGEST: usize = 32 * 1024 * 1024;

/// A request. Its headers hold credentials, so that it cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct WebRequest {
    /// The method.
    pub method: &'static str,
    /// The URL.
    pub url: String,
    /// The headers, by lower-case name.
    pub headers: Vec<(&'static str, String)>,
    /// The body, as JSON.
    pub body: Option<String>,
}

impl fmt::Debug for WebRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

/// A response, whatever its status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebResponse {
    /// The status.
    pub status: u16,
    /// The value of `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
    /// True if the server says that no more requests are allowed for a while.
    pub is_exhausted: bool,
    /// The body.
    pub body: Vec<u8>,
}

/// A request without a response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoResponse(String);

/// Sends requests.
#[derive(Debug, Default)]
pub struct WebClient(Downloads);

impl WebClient {
    /// Sends a request once.
    ///
    /// # Errors
    /// There is no complete response.
    pub async fn send(&self, request: &WebRequest) -> Result<WebResponse, NoResponse> {
        let invalid = |error: &dyn fmt::Display| NoResponse(error.to_string());
        let body = request.body.clone().map_or_else(SdkBody::empty, SdkBody::from);
        let mut sent = HttpRequest::new(body);
        sent.set_method(request.method).map_err(|error| invalid(&error))?;
        sent.set_uri(request.url.as_str()).map_err(|error| invalid(&error))?;
        for (name, value) in &request.headers {
            sent.headers_mut().try_insert(*name, value.clone()).map_err(|error| invalid(&error))?;
        }
        let receive = async {
            let answer = self.0.connector(&request.url).call(sent).await.map_err(|error| NoResponse(chain(&error)))?;
            let header = |name: &str| answer.headers().get(name).map(str::to_owned);
            let mut response = WebResponse {
                status: answer.status().as_u16(),
                retry_after: header("retry-after").and_then(|seconds| seconds.parse().ok()),
                is_exhausted: header("x-ratelimit-remaining").as_deref() == Some("0"),
                body: Vec::new(),
            };
            let body = Limited::new(answer.into_body(), LARGEST).collect().await;
            response.body = body.map_err(|error| NoResponse(error.to_string()))?.to_bytes().to_vec();
            Ok(response)
        };
        let silent = |_| NoResponse(format!("no complete response within {} s", WAIT.as_secs()));
        timeout(WAIT, receive).await.map_err(silent)?
    }
}
