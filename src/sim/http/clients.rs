//! Distinguishes the clients on this machine from web pages that a browser on this machine shows.
//!
//! The server has no access control, and a browser lets any page send it requests. A page in another site is known by the
//! headers that every browser adds; one whose own name was made to lead to this machine (DNS rebinding) by that name.

use std::net::IpAddr;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, header};

use crate::sim::context::api_error::ApiError;

/// The hosts that the server answers to.
pub(crate) struct Hosts {
    /// The address that it listens on.
    pub(crate) bound: IpAddr,
    /// Names besides those of this machine.
    pub(crate) allowed: Vec<String>,
}

impl Hosts {
    /// Returns whether a request may name `host`, which has no port.
    fn admit(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&host);
        let is_allowed = self.allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(&host));
        if let Ok(address) = bare.parse::<IpAddr>() {
            return is_allowed || address.is_loopback() || address == self.bound || self.bound.is_unspecified();
        }
        is_allowed || host == "localhost" || host.ends_with(".localhost")
    }
}

/// Refuses a request that a web page sent, or that names a host which is not ours.
pub(crate) fn check(uri: &Uri, headers: &HeaderMap, hosts: &Hosts) -> Result<(), ApiError> {
    // A user who opens an address sends `none`.
    let site = headers.get("sec-fetch-site").is_some_and(|site| site.as_bytes() != b"none");
    if site || headers.contains_key(header::ORIGIN) {
        return Err(refusal(
            "The simulator refuses requests of web pages, which have the header Origin or Sec-Fetch-Site.",
        ));
    }
    let named = headers.get_all(header::HOST).iter().map(|host| Authority::try_from(host.as_bytes()).ok());
    let mut named = named.chain(uri.authority().map(|authority| Some(authority.clone()))).peekable();
    if named.peek().is_none() {
        return Err(refusal("The request has no header Host."));
    }
    match named.find(|host| !host.as_ref().is_some_and(|host| hosts.admit(host.host()))) {
        None => Ok(()),
        Some(None) => Err(refusal("The header Host is malformed.")),
        Some(Some(host)) => Err(refusal(format!(
            "The simulator answers to localhost only, and the request is for the host {0}. To allow it, start the simulator \
             with --allowed-host {0}.",
            host.host()
        ))),
    }
}

/// A 403 without an error code: the code of a missing permission would send its reader to IAM.
fn refusal(message: impl Into<String>) -> ApiError {
    ApiError::injected("403", message)
}
