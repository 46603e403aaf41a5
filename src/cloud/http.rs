//! How requests travel: over the network, or to a service in this process.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use aws_sdk_lambda::config::http::{HttpRequest, HttpResponse};
use aws_sdk_lambda::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use tower::{Service, ServiceExt};

type BoxError = Box<dyn Error + Send + Sync>;

/// A client for the network.
///
/// `plain` is for `http://` endpoints: it loads no certificates. Otherwise TLS, through the proxy that
/// `HTTPS_PROXY` and `NO_PROXY` name, as with the AWS CLI.
pub(super) fn network(plain: bool) -> SharedHttpClient {
    let builder = Builder::new().pool_max_idle_per_host(16).pool_idle_timeout(Duration::from_secs(30));
    if plain {
        return builder.build_http();
    }
    builder.build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
    })
}

/// A client that hands each request to a service in this process: no socket, no thread, and tokio's clock may be paused.
///
/// An error of the service, or of the body it answers with, is to the SDK what a broken connection is.
pub(super) fn in_process<S, B>(service: S) -> SharedHttpClient
where
    S: Service<http::Request<Body>, Response = http::Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    SharedHttpClient::new(InProcess(service))
}

#[derive(Clone)]
struct InProcess<S>(S);

impl<S> fmt::Debug for InProcess<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl<S, B> HttpClient for InProcess<S>
where
    S: Service<http::Request<Body>, Response = http::Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl<S, B> HttpConnector for InProcess<S>
where
    S: Service<http::Request<Body>, Response = http::Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let service = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let answer = service.oneshot(request.map(Body::new)).await;
            let (parts, body) = answer.map_err(|error| ConnectorError::io(error.into()))?.into_parts();
            let bytes = body.collect().await.map_err(|error| ConnectorError::io(error.into()))?.to_bytes();
            let response = http::Response::from_parts(parts, SdkBody::from(bytes));
            HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}
