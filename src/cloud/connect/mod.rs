//! Makes a [`Cloud`] from options, environment and profile.
//!
//! The sources and their order are those of the AWS CLI, with two differences. The instance metadata service is never asked
//! for the region, because on a laptop that takes seconds to fail. An endpoint on this machine needs no credentials and no
//! profile: the credentials of the environment are used if there are any, otherwise placeholders.
//!
//! # Guarantees
//! Without region, credentials or server the error comes within seconds and names what was tried (`tests/it/startup.rs`).

mod credentials;
mod error;
mod identity_service;
mod options;
mod profiles;
mod remembered;
mod server;

use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::profile::ProfileSet;
use aws_sdk_lambda::config::{Builder, Region};

use super::classify::classify;
use super::pacing::QuotaOwner;
use super::trust::Trust;
use super::{Cloud, Patience, Timeouts, http};
use crate::model::visible;
use crate::wire::Request;
use credentials::credentials;
pub use error::ConnectError;
use identity_service::IdentityService;
pub use options::ConnectOptions;
use options::{region, variable};
use profiles::ChosenProfile;
use server::Server;

/// A connection to a server.
#[derive(Debug)]
pub struct Connected {
    /// The server.
    pub cloud: Cloud,
    /// The account of the credentials.
    pub account: String,
    /// The region.
    pub region: String,
    /// What users should know of the connection, each a sentence without a full stop.
    pub warnings: Vec<String>,
}

/// Connects, and finds out the account.
///
/// # Errors
/// See [`ConnectError`]; every error comes within seconds.
pub async fn connect(options: &ConnectOptions) -> Result<Connected, ConnectError> {
    let server = Server::of(options)?;
    let profile = ChosenProfile::of(options);
    let profiles = match server.is_loopback() && options.profile.is_none() {
        true => profile.read().await.ok(),
        false => Some(profile.read().await?),
    };
    let region = region(options, &profile.name).await?;
    let trust = trust(profiles.as_ref())?;
    let found = credentials(options, &profile, profiles.as_ref(), &region, &server, &trust).await?;
    let mut warnings = Vec::new();
    if found.has_token && server.is_plain() && !server.is_loopback() {
        let url = server.url.clone().unwrap_or_default();
        warnings.push(format!("the session token of the credentials is sent to {url} without encryption; use https"));
    }
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(region.clone()))
        .credentials_provider(found.provider)
        .http_client(http::network(server.is_plain(), &trust));
    if profiles.is_some() {
        loader = loader.profile_name(&profile.name);
    }
    let mut shared = loader.load().await;
    if let Some(role) = &options.role_arn {
        let assumed = credentials::of_role(role, &IdentityService::of(&shared, &server)).await?;
        shared = shared.into_builder().credentials_provider(assumed).build();
    }
    let account = match (account(&IdentityService::of(&shared, &server), &server).await, &options.account) {
        (Err(ConnectError::NoAccount { .. }), Some(assumed)) => assumed.clone(),
        (account, _) => account?,
    };
    let mut config = Builder::from(&shared);
    if let Some(url) = &server.url {
        config = config.endpoint_url(url);
    }
    let aws = server.is_aws();
    let owner = QuotaOwner {
        server: server.url.clone(),
        account: account.clone(),
        region: region.clone(),
        policy: options.quotas,
    };
    let paces = options.paces(aws, owner);
    let timeouts = options.timeouts.unwrap_or(if aws { Timeouts::AWS } else { Timeouts::OVERRIDE });
    let timeouts = timeouts.within(options.deadline.unwrap_or(Duration::MAX));
    let patience = options.patience.unwrap_or_else(|| {
        let default = Patience::default();
        if aws { default } else { Patience { unreached: Duration::from_secs(1), ..default } }
    });
    let patience = patience.within(options.deadline.unwrap_or(Duration::MAX));
    let cloud = Cloud::new(config, paces, timeouts, patience, options.seed);
    let cloud = cloud.with_downloads(http::Downloads::trusting(trust));
    Ok(Connected { cloud, account, region, warnings })
}

/// Returns the certificates of the bundle that `AWS_CA_BUNDLE` or the profile's `ca_bundle` names, or those of the machine.
#[expect(clippy::disallowed_methods, reason = "the bundle is a file")]
fn trust(profiles: Option<&ProfileSet>) -> Result<Trust, ConnectError> {
    let configured = || profiles.and_then(|profiles| profiles.get("ca_bundle")).map(str::to_owned);
    let Some(path) = variable("AWS_CA_BUNDLE").or_else(configured) else { return Ok(Trust::default()) };
    let home = || variable("HOME").or_else(|| variable("USERPROFILE"));
    let file = match (path.strip_prefix("~/"), home()) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(&path),
    };
    let failed = |reason: String| ConnectError::BadBundle { path: path.clone(), reason };
    let bytes = std::fs::read(file).map_err(|error| failed(error.to_string()))?;
    Trust::of_bundle(&bytes).ok_or_else(|| failed("it holds no certificate".to_owned()))
}

/// Asks STS for the account of the credentials, which needs no permission.
async fn account(sts: &IdentityService, server: &Server) -> Result<String, ConnectError> {
    let config = aws_sdk_sts::config::Builder::from(&sts.config).build();
    let answer = aws_sdk_sts::Client::from_conf(config).get_caller_identity().send().await;
    let endpoint = sts.name.clone();
    let failure = match answer {
        Ok(identity) => match identity.account() {
            Some(account) if !account.is_empty() => {
                // The first use of the credentials: whose they are.
                let role = identity.arn().unwrap_or_default();
                tracing::info!(account = %visible(account), role = %visible(role), "using the credentials");
                return Ok(account.to_owned());
            }
            _ => return Err(ConnectError::NoAccount { endpoint, reason: "the response has none".into() }),
        },
        Err(error) => classify(Request::GetCallerIdentity, error),
    };
    Err(match failure.status {
        None => ConnectError::Unreachable { endpoint, reason: failure.message },
        Some(_) if server.is_aws() => ConnectError::Rejected(failure),
        Some(_) => ConnectError::NoAccount { endpoint, reason: failure.message },
    })
}
