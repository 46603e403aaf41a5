//! The reasons why there is no connection, each with a way out.

use crate::model::suggest::{listed, nearest};
use crate::wire::Failure;

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
    /// The profile does not exist.
    #[error("there is no profile `{name}` in ~/.aws/config or ~/.aws/credentials")]
    NoProfile {
        /// The profile.
        name: String,
        /// Those that exist.
        others: Vec<String>,
    },
    /// The AWS configuration files cannot be read.
    #[error("the AWS configuration files cannot be read: {0}")]
    BadProfiles(String),
    /// The bundle of certificates cannot be used.
    #[error("the certificates in {path} cannot be used: {reason}")]
    BadBundle {
        /// The file.
        path: String,
        /// The reason.
        reason: String,
    },
    /// No source has credentials, or the configured one failed.
    #[error("no AWS credentials were found{reason}; tried {tried}")]
    NoCredentials {
        /// The sources that were tried, in words.
        tried: String,
        /// The error of the configured source, after a colon; empty if no source is configured.
        reason: String,
        /// The command that signs in to the profile, if one does.
        sign_in: Option<String>,
    },
    /// A role cannot be assumed.
    #[error("the role {role} cannot be assumed: {reason}")]
    Role {
        /// Its ARN.
        role: String,
        /// The answer to sts:AssumeRole.
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
            ConnectError::NoProfile { name, others } => match nearest(name, others.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None if others.is_empty() => {
                    "there are no profiles: run `aws configure`, or name none with --profile or AWS_PROFILE".into()
                }
                None => format!("the profiles are {}", listed(others.iter().map(String::as_str))),
            },
            ConnectError::BadProfiles(_) => "correct the file, or name others with AWS_CONFIG_FILE and \
                                             AWS_SHARED_CREDENTIALS_FILE"
                .into(),
            ConnectError::BadBundle { .. } => {
                "AWS_CA_BUNDLE or `ca_bundle` of the profile names a file of certificates in PEM form".into()
            }
            ConnectError::NoCredentials { sign_in: Some(command), .. } => format!("sign in with `{command}`"),
            ConnectError::NoCredentials { .. } => "sign in, or set AWS_PROFILE".into(),
            ConnectError::Role { .. } => {
                "allow sts:AssumeRole on the role, and let its trust policy name the caller".into()
            }
            ConnectError::Unreachable { .. } => "check the network, the region and --endpoint-url".into(),
            ConnectError::Rejected(failure) => return crate::cloud::hint(failure),
            ConnectError::NoAccount { .. } => {
                "name the account in the spec: `target: {account: \"123456789012\"}`".into()
            }
        })
    }
}
