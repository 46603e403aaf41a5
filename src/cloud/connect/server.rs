//! The server that calls are sent to: AWS, or a custom endpoint.

use super::options::variable;
use super::{ConnectError, ConnectOptions};

/// The server that calls are sent to.
pub(super) struct Server {
    /// The override; `None` for AWS's own address in the region.
    pub url: Option<String>,
    host: String,
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
            None => Err(ConnectError::BadEndpoint(url)),
        }
    }

    /// Returns true for AWS, also through a private endpoint in the user's own network.
    pub fn is_aws(&self) -> bool {
        const DOMAINS: [&str; 3] = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"];
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
