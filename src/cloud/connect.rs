//! Makes a [`Cloud`] from options, environment and profile.
//!
//! The sources and their order are those of the AWS CLI, with two differences. The instance metadata service is never asked
//! for the region, because on a laptop that takes seconds to fail. An endpoint on this machine needs no credentials: those
//! of the environment are used if there are any, otherwise placeholders.
//!
//! # Guarantees
//! Without region, credentials or server the error comes within seconds and names what was tried (`tests/it/startup.rs`).

use std::env;
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::{Builder, Credentials, ProvideCredentials, Region, SharedCredentialsProvider};
use tokio::time::timeout;

use super::classify::{chain, classify};
use super::{Cloud, Patience, RequestQuotas, Timeouts, http};
use crate::wire::Failure;

/// The timeout for sources that the user configured: a login service or a program may be slow.
const CREDENTIALS_WAIT: Duration = Duration::from_secs(30);
/// The timeout for the instance metadata service, which is tried by default and answers in milliseconds if it exists.
const METADATA_WAIT: Duration = Duration::from_millis(1500);
/// The timeout for the identity service of a custom endpoint.
const OVERRIDE_WAIT: Duration = Duration::from_millis(1800);
/// The timeout for the identity service of AWS, over all attempts.
const IDENTITY_WAIT: Duration = Duration::from_secs(10);

/// The server to connect to, and the manner of connecting.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ConnectOptions {
    /// The region; otherwise `AWS_REGION`, `AWS_DEFAULT_REGION`, or the profile's.
    pub region: Option<String>,
    /// The profile, whose credentials then take precedence over the environment; otherwise the default chain.
    pub profile: Option<String>,
    /// The endpoint URL; otherwise `AWS_ENDPOINT_URL_LAMBDA`, `AWS_ENDPOINT_URL`, or AWS's own.
    pub endpoint_url: Option<String>,
    /// The account to assume for a custom endpoint that does not return its own.
    pub account: Option<String>,
    /// The request quotas to respect at AWS; custom endpoints have none.
    pub quotas: RequestQuotas,
    /// The timeouts of one call; by default [`Timeouts::AWS`] or [`Timeouts::OVERRIDE`].
    pub timeouts: Option<Timeouts>,
    /// The duration of retries; by default shorter for a custom endpoint that cannot be reached.
    pub patience: Option<Patience>,
    /// The seed of the retries' jitter, so that two runs that failed together do not retry together.
    pub seed: u64,
}

/// The reason why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No region is set anywhere; holds the profile that was read.
    #[error("no region is set, neither in the options, the environment nor the profile `{0}`")]
    NoRegion(String),
    /// The region cannot be part of a host name.
    #[error("`{0}` is not a region")]
    BadRegion(String),
    /// The endpoint is not a URL.
    #[error("`{0}` is not an endpoint URL")]
    BadEndpoint(String),
    /// No source has credentials, or the configured one failed.
    #[error("no AWS credentials were found{reason}; tried {tried}")]
    NoCredentials {
        /// The sources that were tried, in words.
        tried: String,
        /// The error of the configured source, after a colon; empty if no source is configured.
        reason: String,
    },
    /// The server does not answer.
    #[error("{endpoint} cannot be reached: {reason}")]
    Unreachable {
        /// The URL, or the name of AWS's service.
        endpoint: String,
        /// The error of the network.
        reason: String,
    },
    /// AWS rejected the credentials.
    #[error(transparent)]
    Rejected(Failure),
    /// The endpoint does not give its account, and the options name none.
    #[error("the endpoint {endpoint} does not return its account: {reason}")]
    NoAccount {
        /// The URL.
        endpoint: String,
        /// The answer to sts:GetCallerIdentity.
        reason: String,
    },
}

impl ConnectError {
    /// Returns the way out, as a sentence without a full stop.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            ConnectError::NoRegion(_) => {
                "set the region with --region, AWS_REGION, the profile, or `target: {region: eu-west-1}` in the spec"
                    .into()
            }
            ConnectError::BadRegion(_) => "regions are named like eu-west-1".into(),
            ConnectError::BadEndpoint(_) => "endpoint URLs look like http://127.0.0.1:4566".into(),
            ConnectError::NoCredentials { .. } => "sign in, or set AWS_PROFILE".into(),
            ConnectError::Unreachable { .. } => "check the network, the region and --endpoint-url".into(),
            ConnectError::Rejected(failure) => return super::hint(failure),
            ConnectError::NoAccount { .. } => {
                "name the account in the spec: `target: {account: \"123456789012\"}`".into()
            }
        })
    }
}

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
        (told, _) => told?,
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
    Ok((Cloud::new(config, quotas, timeouts, patience, options.seed), account, region))
}

/// Returns an environment variable, unless it is unset or empty.
#[expect(clippy::disallowed_methods, reason = "AWS's tools read regions and endpoints from the environment")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

async fn region(options: &ConnectOptions) -> Result<String, ConnectError> {
    let named = options.region.clone().filter(|region| !region.is_empty());
    let set = named.or_else(|| variable("AWS_REGION")).or_else(|| variable("AWS_DEFAULT_REGION"));
    let region = match set {
        Some(region) => region,
        None => {
            let mut provider = ProfileFileRegionProvider::builder().configure(&ProviderConfig::without_region());
            if let Some(profile) = &options.profile {
                provider = provider.profile_name(profile);
            }
            let found = provider.build().region().await;
            found.ok_or_else(|| ConnectError::NoRegion(profile(options)))?.to_string()
        }
    };
    let fits = region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if fits && region.len() <= 63 { Ok(region) } else { Err(ConnectError::BadRegion(region)) }
}

/// Returns the name of the profile in use.
fn profile(options: &ConnectOptions) -> String {
    options.profile.clone().or_else(|| variable("AWS_PROFILE")).unwrap_or_else(|| "default".into())
}

/// The server that calls are sent to.
struct Server {
    /// The override; `None` for AWS's own address in the region.
    url: Option<String>,
    host: String,
}

impl Server {
    fn of(options: &ConnectOptions) -> Result<Server, ConnectError> {
        let ignored =
            variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let configured = || variable("AWS_ENDPOINT_URL_LAMBDA").or_else(|| variable("AWS_ENDPOINT_URL"));
        let url = options.endpoint_url.clone().or_else(|| if ignored { None } else { configured() });
        let Some(url) = url else { return Ok(Server { url: None, host: String::new() }) };
        let host = match url.parse::<::http::Uri>() {
            Ok(uri) if matches!(uri.scheme_str(), Some("http" | "https")) => uri.host().map(str::to_owned),
            _ => None,
        };
        match host.filter(|host| !host.is_empty()) {
            Some(host) => Ok(Server { url: Some(url), host }),
            None => Err(ConnectError::BadEndpoint(url)),
        }
    }

    /// Returns true for AWS, also through a private endpoint in the user's own network.
    fn is_aws(&self) -> bool {
        const DOMAINS: [&str; 3] = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"];
        self.url.is_none() || DOMAINS.iter().any(|domain| self.host.ends_with(domain))
    }

    /// Returns true for a server on this machine.
    fn is_loopback(&self) -> bool {
        let bare = self.host.trim_matches(['[', ']']);
        bare == "localhost"
            || bare.ends_with(".localhost")
            || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    fn is_plain(&self) -> bool {
        self.url.as_ref().is_some_and(|url| url.starts_with("http://"))
    }
}

async fn credentials(
    options: &ConnectOptions,
    region: &str,
    server: &Server,
) -> Result<SharedCredentialsProvider, ConnectError> {
    let region = Region::new(region.to_owned());
    let base = ProviderConfig::without_region().with_region(Some(region.clone()));
    let reaching_out = base.clone().with_http_client(http::network(false));
    let (tried, provider) = match &options.profile {
        Some(name) => {
            let provider =
                ProfileFileCredentialsProvider::builder().configure(&reaching_out).profile_name(name).build();
            (format!("the profile `{name}`"), SharedCredentialsProvider::new(provider))
        }
        None if server.is_loopback() => {
            let provider = EnvironmentVariableCredentialsProvider::new();
            let Ok(credentials) = provider.provide_credentials().await else {
                return Ok(SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "loopback")));
            };
            return Ok(SharedCredentialsProvider::new(credentials));
        }
        None => {
            // The metadata service is never behind a proxy.
            let metadata = imds::Client::builder()
                .configure(&base.with_http_client(http::network(true)))
                .max_attempts(1)
                .connect_timeout(Duration::from_secs(1))
                .operation_timeout(METADATA_WAIT)
                .build();
            let chain = DefaultCredentialsChain::builder()
                .configure(reaching_out)
                .region(region)
                .imds_client(metadata)
                .build()
                .await;
            let tried = format!(
                "the environment, the profile `{}`, web identity, the container's and the instance's role",
                profile(options)
            );
            (tried, SharedCredentialsProvider::new(chain))
        }
    };
    match timeout(CREDENTIALS_WAIT, provider.provide_credentials()).await {
        Ok(Ok(credentials)) if credentials.expiry().is_none() => Ok(SharedCredentialsProvider::new(credentials)),
        Ok(Ok(_)) => Ok(provider),
        Ok(Err(error)) => {
            let said = chain(&error);
            // The SDK's text for a source that is not configured; the rest of it lists all sources.
            let reason = if said.starts_with("the credential provider was not enabled") {
                String::new()
            } else {
                format!(": {said}")
            };
            Err(ConnectError::NoCredentials { tried, reason })
        }
        Err(_) => {
            let reason = format!(": no response within {} seconds", CREDENTIALS_WAIT.as_secs());
            Err(ConnectError::NoCredentials { tried, reason })
        }
    }
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
        Err(error) => classify("GetCallerIdentity", false, error),
    };
    Err(match failure.status {
        None => ConnectError::Unreachable { endpoint: asked, reason: failure.message },
        Some(_) if server.is_aws() => ConnectError::Rejected(failure),
        Some(_) => ConnectError::NoAccount { endpoint: asked, reason: failure.message },
    })
}
