//! The server that calls are sent to: AWS, or a custom endpoint.

use super::options::variable;
use super::{ConnectError, ConnectOptions};
use crate::model::{MASK, without_users};

/// The domains of AWS's endpoints in all partitions, for IPv4 and for both protocols, as AWS's SDKs list them.
const DOMAINS: [&str; 14] = [
    ".amazonaws.com",
    ".api.aws",
    ".amazonaws.com.cn",
    ".api.amazonwebservices.com.cn",
    ".amazonaws.eu",
    ".api.amazonwebservices.eu",
    ".c2s.ic.gov",
    ".api.aws.ic.gov",
    ".sc2s.sgov.gov",
    ".api.aws.scloud",
    ".cloud.adc-e.uk",
    ".api.cloud-aws.adc-e.uk",
    ".csp.hci.ic.gov",
    ".api.aws.hci.ic.gov",
];

/// The server that calls are sent to.
pub(super) struct Server {
    /// The override; `None` for AWS's own address in the region.
    pub url: Option<String>,
    host: String,
}

/// Returns what is not a URL without what may be a user and a password in it.
fn without_user(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, host)) if !text.contains("://") => format!("{MASK}@{host}"),
        _ => without_users(text),
    }
}

impl Server {
    pub fn of(options: &ConnectOptions) -> Result<Server, ConnectError> {
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
            None => Err(ConnectError::BadEndpoint(without_user(&url))),
        }
    }

    /// Returns true for AWS, also through a private endpoint in the user's own network.
    pub fn is_aws(&self) -> bool {
        self.url.is_none() || DOMAINS.iter().any(|domain| self.host.ends_with(domain))
    }

    /// Returns true for a server on this machine.
    pub fn is_loopback(&self) -> bool {
        let bare = self.host.trim_matches(['[', ']']);
        bare == "localhost"
            || bare.ends_with(".localhost")
            || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    pub fn is_plain(&self) -> bool {
        self.url.as_ref().is_some_and(|url| url.starts_with("http://"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_of_aws_are_known_in_every_partition() {
        let is_aws = |host: &str| Server { url: Some(format!("https://{host}")), host: host.to_owned() }.is_aws();
        for host in [
            "lambda.eu-west-1.amazonaws.com",
            "lambda.eu-west-1.api.aws",
            "vpce-1.lambda.us-gov-west-1.vpce.amazonaws.com",
            "lambda.cn-north-1.amazonaws.com.cn",
            "lambda.cn-north-1.api.amazonwebservices.com.cn",
            "lambda.eusc-de-east-1.amazonaws.eu",
            "lambda.us-iso-east-1.c2s.ic.gov",
            "lambda.us-isob-east-1.sc2s.sgov.gov",
            "lambda.eu-isoe-west-1.cloud.adc-e.uk",
            "lambda.us-isof-south-1.csp.hci.ic.gov",
        ] {
            assert!(is_aws(host), "{host}");
        }
        for host in ["localhost", "amazonaws.com.evil.example", "evilamazonaws.com", "lambda.example"] {
            assert!(!is_aws(host), "{host}");
        }
    }
}
