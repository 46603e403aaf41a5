//! The identity service (STS), which names the account of credentials and lends roles. A custom endpoint is asked itself, unless
//! `AWS_ENDPOINT_URL_STS` names another.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;

use super::options::variable;
use super::server::Server;
use crate::cloud::Timeouts;

/// The timeout for the identity service of a custom endpoint.
const OVERRIDE_WAIT: Duration = Duration::from_millis(1800);
/// The timeout for the identity service of AWS, over all attempts.
const WAIT: Duration = Duration::from_secs(10);

/// The identity service, as credentials use it.
pub(super) struct IdentityService {
    /// The configuration of its clients.
    pub config: SdkConfig,
    /// Its URL, or the name of AWS's service.
    pub name: String,
}

impl IdentityService {
    pub fn of(shared: &SdkConfig, server: &Server) -> IdentityService {
        let wait = |connect, all| TimeoutConfig::builder().connect_timeout(connect).operation_timeout(all).build();
        let config = shared.clone().into_builder();
        if server.is_aws() {
            let config = config
                .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(200)))
                .timeout_config(wait(Timeouts::AWS.connect, WAIT));
            return IdentityService { config: config.build(), name: "AWS STS".to_owned() };
        }
        let url = variable("AWS_ENDPOINT_URL_STS").or_else(|| server.url.clone()).unwrap_or_default();
        let config = config
            .retry_config(RetryConfig::disabled())
            .timeout_config(wait(Timeouts::OVERRIDE.connect, OVERRIDE_WAIT))
            .endpoint_url(&url);
        IdentityService { config: config.build(), name: url }
    }
}
