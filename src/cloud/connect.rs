//! Finds the region, the credentials and the account, and says within two seconds what is missing.

use std::time::Duration;

use anyhow::{Context, bail};
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::region::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_sdk_lambda::config::{
    BehaviorVersion, Credentials, ProvideCredentials, Region, SharedCredentialsProvider, StalledStreamProtectionConfig,
    retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tokio::time::timeout;

use super::{Cloud, Options, PATIENCE, Quotas};

/// Connects to Lambda: the endpoint, the account and the region.
///
/// With an endpoint of your own, quotas are not paced, and on loopback made-up credentials serve where none are found.
pub async fn connect(options: &Options) -> anyhow::Result<(Cloud, String, String)> {
    let endpoint = options.endpoint_url.clone().or_else(endpoint_from_environment);
    let http = http_client(endpoint.as_deref());
    let region = region(options, &http).await?;
    let credentials = credentials(options, &region, endpoint.as_deref(), &http).await?;
    let account = account(options, &region, endpoint.as_deref(), &credentials, &http).await?;
    let mut config = aws_sdk_lambda::config::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.clone()))
        .credentials_provider(credentials)
        .http_client(http)
        // Repeating is decided by us: a repeated write could overwrite what came in between.
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .timeout_config(timeouts(Duration::from_secs(60)));
    let mut quotas = options.quotas;
    if let Some(endpoint) = endpoint {
        quotas = Quotas::unlimited();
        config = config.endpoint_url(endpoint);
    }
    Ok((Cloud::new(aws_sdk_lambda::Client::from_conf(config.build()), quotas), account, region))
}

#[expect(clippy::disallowed_methods, reason = "the environment is where AWS's tools look for an endpoint")]
fn endpoint_from_environment() -> Option<String> {
    let named = ["AWS_ENDPOINT_URL_LAMBDA", "AWS_ENDPOINT_URL"].into_iter().find_map(|name| std::env::var(name).ok());
    named.filter(|url| !url.is_empty())
}

/// The region, by the same chain as other tools but without asking EC2, which elsewhere is a wait in vain.
async fn region(options: &Options, http: &SharedHttpClient) -> anyhow::Result<String> {
    if let Some(region) = &options.region {
        return Ok(region.clone());
    }
    let mut profile = ProfileFileRegionProvider::builder().configure(&provider_config(http, None));
    if let Some(name) = &options.profile {
        profile = profile.profile_name(name);
    }
    let environment = EnvironmentVariableRegionProvider::new();
    let region = match environment.region().await {
        Some(region) => Some(region),
        None => profile.build().region().await,
    };
    region.map(|region| region.to_string()).context(
        "no region is set\n  name one with --region, AWS_REGION, the profile, or `target: {region: …}` in the spec",
    )
}

fn provider_config(http: &SharedHttpClient, region: Option<&str>) -> ProviderConfig {
    let config = ProviderConfig::without_region().with_http_client(http.clone());
    config.with_region(region.map(|region| Region::new(region.to_owned())))
}

fn http_client(endpoint: Option<&str>) -> SharedHttpClient {
    let builder = Builder::new().pool_max_idle_per_host(16).pool_idle_timeout(Duration::from_secs(30));
    if endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) {
        // Without TLS the system's certificates need not be read.
        return builder.build_http();
    }
    builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}

fn timeouts(operation: Duration) -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(PATIENCE).read_timeout(operation).operation_timeout(operation).build()
}

/// Whether the endpoint is on this machine, so that it cannot be AWS.
fn is_loopback(endpoint: &str) -> bool {
    let host = endpoint.split("://").nth(1).unwrap_or(endpoint);
    let host = host.split('/').next().unwrap_or(host);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    host == "localhost" || host.starts_with("127.") || host == "[::1]"
}

async fn credentials(
    options: &Options,
    region: &str,
    endpoint: Option<&str>,
    http: &SharedHttpClient,
) -> anyhow::Result<SharedCredentialsProvider> {
    let mut chain = DefaultCredentialsChain::builder().configure(provider_config(http, Some(region)));
    if let Some(profile) = &options.profile {
        chain = chain.profile_name(profile);
    }
    let local = endpoint.is_some_and(is_loopback);
    // On loopback nobody checks them, so it is not worth asking a service that only EC2 has.
    let patience = if local { Duration::from_millis(300) } else { PATIENCE };
    let chain = chain.build().await;
    match timeout(patience, chain.provide_credentials()).await {
        Ok(Ok(_)) => Ok(SharedCredentialsProvider::new(chain)),
        _ if local => Ok(SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "loopback"))),
        _ => bail!(
            "no AWS credentials were found\n  looked at the environment, the profile{}, SSO, web identity, ECS and EC2; \
             sign in, or set AWS_PROFILE",
            options.profile.as_ref().map_or(String::new(), |profile| format!(" `{profile}`"))
        ),
    }
}

/// The account that the credentials are for: AWS tells everybody, without a permission.
async fn account(
    options: &Options,
    region: &str,
    endpoint: Option<&str>,
    credentials: &SharedCredentialsProvider,
    http: &SharedHttpClient,
) -> anyhow::Result<String> {
    let mut config = aws_sdk_sts::config::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(credentials.clone())
        .http_client(http.clone())
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts(PATIENCE));
    if let Some(endpoint) = endpoint {
        config = config.endpoint_url(endpoint);
    }
    let sts = aws_sdk_sts::Client::from_conf(config.build());
    match sts.get_caller_identity().send().await {
        Ok(identity) => {
            identity.account().map(str::to_owned).context("AWS did not say which account the credentials are for")
        }
        Err(error) => {
            let failure = super::classify::classify("GetCallerIdentity", false, error);
            match (&options.account, failure.status) {
                // The endpoint is there and does not know accounts.
                (Some(account), Some(_)) if endpoint.is_some() => Ok(account.clone()),
                (None, Some(_)) if endpoint.is_some() => bail!(
                    "the endpoint does not say which account it is\n  name it in the spec: `target: {{account: \"123456789012\"}}`"
                ),
                (_, None) => bail!("{} cannot be reached: {}", endpoint.unwrap_or("AWS"), failure.message),
                _ => bail!("the account is not known: {failure}"),
            }
        }
    }
}
