//! The options of a connection, and the environment and profile that stand in for them.

use std::env;
use std::sync::Arc;
use std::time::Duration;

use aws_config::meta::region::ProvideRegion;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;

use super::ConnectError;
use crate::cloud::pacing::{Pacer, QuotaOwner, QuotaPolicy};
use crate::cloud::{Patience, RequestQuotas, Timeouts};

/// The server to connect to, and the manner of connecting.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ConnectOptions {
    /// The region; otherwise `AWS_REGION`, `AWS_DEFAULT_REGION`, or the profile's.
    pub region: Option<String>,
    /// The profile, whose credentials then take precedence over the environment; otherwise the default chain, with the profile
    /// that `AWS_DEFAULT_PROFILE` or `AWS_PROFILE` names.
    pub profile: Option<String>,
    /// The endpoint URL; otherwise `AWS_ENDPOINT_URL_LAMBDA`, `AWS_ENDPOINT_URL`, or AWS's own.
    pub endpoint_url: Option<String>,
    /// The role to assume with the credentials that are found; none if absent.
    pub role_arn: Option<String>,
    /// The account to assume for a custom endpoint that does not return its own.
    pub account: Option<String>,
    /// The request quotas to keep to.
    pub quotas: QuotaPolicy,
    /// The requests per second of the quota that most operations share, wherever they are sent; otherwise AWS's. Up to AWS's
    /// quota it is the share of this connection, and what others of this process send to the same account counts too.
    pub rate: Option<f64>,
    /// The timeouts of one call; by default [`Timeouts::AWS`] or [`Timeouts::OVERRIDE`].
    pub timeouts: Option<Timeouts>,
    /// The duration of retries; by default shorter for a custom endpoint that cannot be reached.
    pub patience: Option<Patience>,
    /// The longest time for which a call is retried, whatever the server asks.
    pub deadline: Option<Duration>,
    /// The seed of the retries' jitter, so that two runs that failed together do not retry together.
    pub seed: u64,
}

impl ConnectOptions {
    /// Returns the pace that all connections of this process to the account share, and the slower one of this connection.
    pub(super) fn paces(&self, is_aws: bool, owner: QuotaOwner) -> Vec<Arc<Pacer>> {
        let [first, refused] = self.request_quotas(is_aws, None);
        let shared = || Pacer::shared(owner, first, refused);
        let Some(rate) = self.rate else { return vec![shared()] };
        let [first, refused] = self.request_quotas(is_aws, Some(rate));
        let own = Arc::new(Pacer::new(first, refused));
        // A higher rate is the user's word against the quota.
        match rate <= RequestQuotas::default().control {
            true => vec![own, shared()],
            false => vec![own],
        }
    }

    /// Returns the quotas that the connection keeps to at AWS.
    pub fn quotas_at_aws(&self) -> RequestQuotas {
        let [first, _] = self.request_quotas(true, self.rate);
        first
    }

    /// Returns the quotas from the start on, and from the first refused call on.
    fn request_quotas(&self, is_aws: bool, rate: Option<f64>) -> [RequestQuotas; 2] {
        let rated = |quotas: RequestQuotas| RequestQuotas { control: rate.unwrap_or(quotas.control), ..quotas };
        let [none, aws] = [RequestQuotas::unlimited(), RequestQuotas::default()].map(rated);
        match self.quotas {
            QuotaPolicy::None => [none, none],
            QuotaPolicy::Auto if !is_aws => [none, aws],
            QuotaPolicy::Auto | QuotaPolicy::Aws => [aws, aws],
        }
    }
}

/// Returns an environment variable, unless it is unset or empty.
#[expect(clippy::disallowed_methods, reason = "AWS's tools read regions and endpoints from the environment")]
pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

pub(super) async fn region(options: &ConnectOptions, profile: &str) -> Result<String, ConnectError> {
    let named = options.region.clone().filter(|region| !region.is_empty());
    let set = named.or_else(|| variable("AWS_REGION")).or_else(|| variable("AWS_DEFAULT_REGION"));
    let region = match set {
        Some(region) => region,
        None => {
            let provider = ProfileFileRegionProvider::builder().configure(&ProviderConfig::without_region());
            let found = provider.profile_name(profile).build().region().await;
            found.ok_or_else(|| ConnectError::NoRegion(profile.to_owned()))?.to_string()
        }
    };
    let fits = region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if fits && region.len() <= 63 { Ok(region) } else { Err(ConnectError::BadRegion(region)) }
}
