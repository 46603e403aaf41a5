//! Finds the credentials, in the sources and the order of the AWS CLI.

use std::error::Error;
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::config::{Credentials, ProvideCredentials, Region, SharedCredentialsProvider};
use aws_sdk_sts::error::SdkError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use tokio::time::timeout;

use super::identity_service::IdentityService;
use super::profiles::{ChosenProfile, sign_in};
use super::remembered::Remembered;
use super::server::Server;
use super::{ConnectError, ConnectOptions};
use crate::cloud::classify::chain;
use crate::cloud::http;
use crate::cloud::trust::Trust;

/// The timeout for sources that the user configured: a login service or a program may be slow.
const CREDENTIALS_WAIT: Duration = Duration::from_secs(30);
/// The timeout for the instance metadata service, which is tried by default and answers in milliseconds if it exists.
const METADATA_WAIT: Duration = Duration::from_millis(1500);

/// The name under which CloudTrail shows the calls of an assumed role.
const SESSION_NAME: &str = "trueup";

/// The credentials of a connection.
pub(super) struct FoundCredentials {
    /// The credentials, and how to get new ones when they expire.
    pub provider: SharedCredentialsProvider,
    /// True if they hold a session token, which is sent with each request.
    pub has_token: bool,
}

impl FoundCredentials {
    fn of(provider: SharedCredentialsProvider, first: &Credentials) -> FoundCredentials {
        FoundCredentials { provider, has_token: first.session_token().is_some() }
    }
}

/// Returns the credentials to use; placeholders for a server on this machine if the environment has none.
pub(super) async fn credentials(
    options: &ConnectOptions,
    profile: &ChosenProfile,
    profiles: Option<&ProfileSet>,
    region: &str,
    server: &Server,
    trust: &Trust,
) -> Result<FoundCredentials, ConnectError> {
    let region = Region::new(region.to_owned());
    let base = ProviderConfig::without_region().with_region(Some(region.clone()));
    let reaching_out = base.clone().with_http_client(http::network(false, trust));
    let (tried, provider) = match &options.profile {
        Some(name) => {
            let provider =
                ProfileFileCredentialsProvider::builder().configure(&reaching_out).profile_name(name).build();
            (format!("the profile `{name}`"), SharedCredentialsProvider::new(provider))
        }
        None if server.is_loopback() => {
            let provider = EnvironmentVariableCredentialsProvider::new();
            let Ok(credentials) = provider.provide_credentials().await else {
                let placeholders = Credentials::new("test", "test", None, None, "loopback");
                return Ok(FoundCredentials::of(SharedCredentialsProvider::new(placeholders.clone()), &placeholders));
            };
            return Ok(FoundCredentials::of(SharedCredentialsProvider::new(credentials.clone()), &credentials));
        }
        None => {
            // The metadata service is never behind a proxy.
            let metadata = imds::Client::builder()
                .configure(&base.with_http_client(http::network(true, trust)))
                .max_attempts(1)
                .connect_timeout(Duration::from_secs(1))
                .operation_timeout(METADATA_WAIT)
                .build();
            let chain = DefaultCredentialsChain::builder()
                .configure(reaching_out)
                .region(region)
                .imds_client(metadata)
                .profile_name(&profile.name)
                .build()
                .await;
            let tried = format!(
                "the environment, the profile `{}`, web identity, the container's and the instance's role",
                profile.name
            );
            (tried, SharedCredentialsProvider::new(chain))
        }
    };
    let provider = SharedCredentialsProvider::new(Remembered::new(provider));
    let sign_in = profiles.and_then(|profiles| sign_in(profiles, &profile.name));
    match timeout(CREDENTIALS_WAIT, provider.provide_credentials()).await {
        Ok(Ok(credentials)) => Ok(FoundCredentials::of(provider, &credentials)),
        Ok(Err(error)) => {
            let said = chain(&error);
            // The SDK's text for a source that is not configured; the rest of it lists all sources.
            let reason = if said.starts_with("the credential provider was not enabled") {
                String::new()
            } else {
                format!(": {said}")
            };
            Err(ConnectError::NoCredentials { tried, reason, sign_in })
        }
        Err(_) => {
            let reason = format!(": {}", no_response());
            Err(ConnectError::NoCredentials { tried, reason, sign_in })
        }
    }
}

/// Returns the credentials of a role, which the identity service lends to those that its configuration holds.
pub(super) async fn of_role(role: &str, sts: &IdentityService) -> Result<SharedCredentialsProvider, ConnectError> {
    let provider = AssumeRoleProvider::builder(role).session_name(SESSION_NAME).configure(&sts.config).build().await;
    let provider = SharedCredentialsProvider::new(Remembered::new(SharedCredentialsProvider::new(provider)));
    match timeout(CREDENTIALS_WAIT, provider.provide_credentials()).await {
        Ok(Ok(_)) => Ok(provider),
        Ok(Err(error)) if is_unanswered(&error) => {
            Err(ConnectError::Unreachable { endpoint: sts.name.clone(), reason: chain(&error) })
        }
        Ok(Err(error)) => Err(ConnectError::Role { role: role.to_owned(), reason: chain(&error) }),
        Err(_) => Err(ConnectError::Unreachable { endpoint: sts.name.clone(), reason: no_response() }),
    }
}

/// Tests for a call to the identity service that has no response.
fn is_unanswered(error: &(dyn Error + 'static)) -> bool {
    let call = error.downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>();
    match call {
        Some(call) => matches!(call, SdkError::DispatchFailure(_) | SdkError::TimeoutError(_)),
        None => error.source().is_some_and(is_unanswered),
    }
}

fn no_response() -> String {
    format!("no response within {} seconds", CREDENTIALS_WAIT.as_secs())
}
