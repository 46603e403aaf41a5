//! The transport of requests: over the network, or to a service in this process.

use std::error::Error;
use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use aws_sdk_lambda::config::http::{HttpRequest, HttpResponse};
use aws_sdk_lambda::config::{RuntimeComponents, SharedHttpClient};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;
use tower::{Service, ServiceExt};

use super::trust::Trust;
use crate::wire::{Failure, FailureClass, Request};

/// The timeout of a download as a whole.
const DOWNLOAD_WAIT: Duration = Duration::from_secs(60);

/// The timeout of the response to a download, and of each part of its body: enough for a distant region, and bearable where
/// a network lets nothing through.
const SILENCE: Duration = Duration::from_secs(5);

type BoxError = Box<dyn Error + Send + Sync>;

/// The bytes of a body, as hyper and the SDK have them.
pub(super) type Bytes = <SdkBody as http_body::Body>::Data;

/// Returns a client for the network.
///
/// `plain` is for `http://` endpoints and loads no certificates. Otherwise the client uses TLS, through the proxy of
/// `HTTPS_PROXY` and `NO_PROXY`, as the AWS CLI does, and trusts servers by `trust`.
pub(super) fn network(plain: bool, trust: &Trust) -> SharedHttpClient {
    let builder = Builder::new().pool_max_idle_per_host(16).pool_idle_timeout(Duration::from_secs(30));
    if plain {
        return builder.build_http();
    }
    let trust = trust.context();
    builder.build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(trust.clone()).build()
    })
}

/// Downloads from the URLs in Lambda's responses, which are signed already.
#[derive(Debug, Default)]
pub(super) struct Downloads {
    /// The service in this process, if Lambda runs there.
    inside: Option<SharedHttpConnector>,
    trust: Trust,
    plain: OnceLock<SharedHttpConnector>,
    secure: OnceLock<SharedHttpConnector>,
}

impl Downloads {
    /// Returns downloads through this connector only.
    pub(super) fn through(inside: SharedHttpConnector) -> Downloads {
        Downloads { inside: Some(inside), ..Downloads::default() }
    }

    /// Returns downloads from servers that are trusted so.
    pub(super) fn trusting(trust: Trust) -> Downloads {
        Downloads { trust, ..Downloads::default() }
    }

    /// Returns the connector for a URL. Certificates are loaded for the first URL that needs TLS.
    pub(super) fn connector(&self, url: &str) -> SharedHttpConnector {
        let build = || Connector::builder().proxy_config(ProxyConfig::from_env());
        let (cell, secure) = if url.starts_with("https:") { (&self.secure, true) } else { (&self.plain, false) };
        self.inside.clone().unwrap_or_else(|| {
            let made = cell.get_or_init(|| match secure {
                true => {
                    let secure = build().tls_provider(Provider::Rustls(CryptoMode::Ring));
                    SharedHttpConnector::new(secure.tls_context(self.trust.context()).build())
                }
                false => SharedHttpConnector::new(build().build_http()),
            });
            made.clone()
        })
    }

    /// Downloads at most `limit` bytes from a URL, within [`DOWNLOAD_WAIT`] and without a pause of [`SILENCE`].
    pub(super) async fn fetch(&self, url: &str, limit: usize) -> Result<Vec<u8>, Failure> {
        let failed = |message: String, status: Option<u16>| Failure {
            request: Request::Download,
            class: FailureClass::Unavailable,
            code: String::new(),
            message,
            status,
            request_id: None,
            retry_after: None,
        };
        let request = HttpRequest::get(url).map_err(|error| failed(error.to_string(), None))?;
        let receive = async {
            let silent = |_| failed(format!("no response within {} s", SILENCE.as_secs()), None);
            let answer = timeout(SILENCE, self.connector(url).call(request)).await.map_err(silent)?;
            let answer = answer.map_err(|error| failed(super::classify::chain(&error), None))?;
            let status = answer.status().as_u16();
            if status != 200 {
                return Err(failed(format!("the download failed with status {status}"), Some(status)));
            }
            let mut body = Limited::new(answer.into_body(), limit);
            let mut bytes = Vec::new();
            let silent = |_| failed(format!("the download stopped for {} s", SILENCE.as_secs()), None);
            while let Some(frame) = timeout(SILENCE, body.frame()).await.map_err(silent)? {
                let frame = frame.map_err(|error| match error.downcast::<LengthLimitError>() {
                    Ok(_) => failed(format!("it is larger than {limit} bytes"), Some(status)),
                    Err(error) => failed(format!("the download was interrupted: {error}"), None),
                })?;
                if let Ok(data) = frame.into_data() {
                    bytes.extend_from_slice(&data);
                }
            }
            Ok(bytes)
        };
        timeout(DOWNLOAD_WAIT, receive).await.unwrap_or_else(|_| {
            Err(failed(format!("the download took longer than {} s", DOWNLOAD_WAIT.as_secs()), None))
        })
    }
}

/// Passes each request to a service in this process: no socket, no thread, and tokio's clock can be paused.
///
/// An error of the service or of its response body is a broken connection for the SDK.
#[derive(Clone)]
pub(super) struct InProcess<S>(pub S);

impl<S> fmt::Debug for InProcess<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl<S, B> HttpConnector for InProcess<S>
where
    S: Service<http::Request<SdkBody>, Response = http::Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let service = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let answer = service.oneshot(request).await;
            let (parts, body) = answer.map_err(|error| ConnectorError::io(error.into()))?.into_parts();
            let bytes = body.collect().await.map_err(|error| ConnectorError::io(error.into()))?.to_bytes();
            let response = http::Response::from_parts(parts, SdkBody::from(bytes));
            HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}
