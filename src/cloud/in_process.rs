//! A server in this process: requests go to it as values, without a socket.

use std::convert::Infallible;
use std::fmt;

use aws_sdk_lambda::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::{Cloud, Quotas};

impl Cloud {
    /// A cloud that is a service in this process; it has no quotas and takes any credentials.
    pub fn in_process<S, B>(service: S, region: &str) -> Cloud
    where
        S: tower::Service<http::Request<axum::body::Body>, Response = http::Response<B>, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
        B: http_body::Body<Data = axum::body::Bytes> + Send + 'static,
        B::Error: std::error::Error + Send + Sync + 'static,
    {
        let config = aws_sdk_lambda::config::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .endpoint_url("http://lambda.in-process")
            .credentials_provider(Credentials::new("in-process", "in-process", None, None, "in process"))
            .http_client(InProcess(service))
            .retry_config(aws_sdk_lambda::config::retry::RetryConfig::disabled())
            .stalled_stream_protection(aws_sdk_lambda::config::StalledStreamProtectionConfig::disabled())
            .build();
        Cloud::new(aws_sdk_lambda::Client::from_conf(config), Quotas::unlimited())
    }
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
    S: tower::Service<http::Request<axum::body::Body>, Response = http::Response<B>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send + 'static,
    B: http_body::Body<Data = axum::body::Bytes> + Send + 'static,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl<S, B> HttpConnector for InProcess<S>
where
    S: tower::Service<http::Request<axum::body::Body>, Response = http::Response<B>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send + 'static,
    B: http_body::Body<Data = axum::body::Bytes> + Send + 'static,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let service = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map_err(ConnectorError::user)?.to_bytes();
            let request = http::Request::from_parts(parts, axum::body::Body::from(body));
            let response = service.oneshot(request).await.unwrap_or_else(|never| match never {});
            let (parts, body) = response.into_parts();
            // A body that breaks off is what a broken connection looks like.
            let body = body.collect().await.map_err(|error| ConnectorError::io(error.into()))?.to_bytes();
            HttpResponse::try_from(http::Response::from_parts(parts, SdkBody::from(body)))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}
