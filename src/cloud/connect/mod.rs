//! Makes a [`Cloud`] from options, environment and profile.
//!
//! The sources and their order are those of the AWS CLI, with two differences. The instance metadata service is never asked
//! for the region, because on a laptop that takes seconds to fail. An endpoint on this machine needs no credentials: those
//! of the environment are used if there are any, otherwise placeholders.
//!
//! # Guarantees
//! Without region, credentials or server the error comes within seconds and names what was tried (`tests/it/startup.rs`).

mod credentials;
mod error;
mod options;
mod server;

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::{Builder, Region};

use super::classify::classify;
use super::{Cloud, Patience, RequestQuotas, Timeouts, http};
use crate::wire::Request;
use credentials::credentials;
pub use error::ConnectError;
pub use options::ConnectOptions;
use options::{region, variable};
use server::Server;

/// The timeout for the identity service of a custom endpoint.
const OVERRIDE_WAIT: Duration = Duration::from_millis(1800);
/// The timeout for the identity service of AWS, over all attempts.
const IDENTITY_WAIT: Duration = Duration::from_secs(10);

/// Connects, and returns the account and the region too.
///
/// # Errors
/// See [`ConnectError`]; every error comes within seconds.
pub async fn connect(options: &ConnectOptions) -> Result<(Cloud, String, String), ConnectError> {
    let region = region(options).await?;
    let server = Server::of(options)?;
    let credentials = credentials(options, &region, &server).await?;
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(region.clone()))
        .credentials_provider(credentials)
        .http_client(http::network(server.is_plain()));
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    let shared = loader.load().await;
    let account = match (account(&shared, &server).await, &options.account) {
        (Err(ConnectError::NoAccount { .. }), Some(assumed)) => assumed.clone(),
        (account, _) => account?,
    };
    let mut config = Builder::from(&shared);
    if let Some(url) = &server.url {
        config = config.endpoint_url(url);
    }
    let aws = server.is_aws();
    let quotas = if aws { options.quotas } else { RequestQuotas::unlimited() };
    let timeouts = options.timeouts.unwrap_or(if aws { Timeouts::AWS } else { Timeouts::OVERRIDE });
    let patience = options.patience.unwrap_or_else(|| {
        let default = Patience::default();
        if aws { default } else { Patience { unreached: Duration::from_secs(1), ..default } }
    });
    let patience = patience.within(options.deadline.unwrap_or(Duration::MAX));
    Ok((Cloud::new(config, quotas, timeouts, patience, options.seed), account, region))
}

/// Asks STS for the account of the credentials, which needs no permission. A custom endpoint is asked itself, unless
/// `AWS_ENDPOINT_URL_STS` names another.
async fn account(shared: &SdkConfig, server: &Server) -> Result<String, ConnectError> {
    let wait = |connect, all| TimeoutConfig::builder().connect_timeout(connect).operation_timeout(all).build();
    let mut config = aws_sdk_sts::config::Builder::from(shared);
    let asked = if server.is_aws() {
        config = config
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(200)))
            .timeout_config(wait(Timeouts::AWS.connect, IDENTITY_WAIT));
        "AWS STS".to_owned()
    } else {
        let url = variable("AWS_ENDPOINT_URL_STS").or_else(|| server.url.clone()).unwrap_or_default();
        config = config
            .retry_config(RetryConfig::disabled())
            .timeout_config(wait(Timeouts::OVERRIDE.connect, OVERRIDE_WAIT))
            .endpoint_url(&url);
        url
    };
    let answer = aws_sdk_sts::Client::from_conf(config.build()).get_caller_identity().send().await;
    let failure = match answer {
        Ok(identity) => match identity.account() {
            Some(account) if !account.is_empty() => return Ok(account.to_owned()),
            _ => return Err(ConnectError::NoAccount { endpoint: asked, reason: "the response has none".into() }),
        },
        Err(error) => classify(Request::GetCallerIdentity, error),
    };
    Err(match failure.status {
        None => ConnectError::Unreachable { endpoint: asked, reason: failure.message },
        Some(_) if server.is_aws() => ConnectError::Rejected(failure),
        Some(_) => ConnectError::NoAccount { endpoint: asked, reason: failure.message },
    })
}
