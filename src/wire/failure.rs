//! A call that did not succeed, and its effect.

use std::fmt;
use std::time::Duration;

use super::known_errors::denied_resource;
use super::{AuthorizedOn, Cause, FailureClass, Operation, Request, denied_action};

/// A call that did not succeed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub struct Failure {
    /// The request that failed.
    pub request: Request,
    /// The meaning of the failure.
    pub class: FailureClass,
    /// AWS's error code, such as `ResourceConflictException`; empty when no answer came.
    pub code: String,
    /// AWS's message, or a description of what failed on the way.
    pub message: String,
    /// The HTTP status, if an answer came.
    pub status: Option<u16>,
    /// The request id, which AWS support asks for.
    pub request_id: Option<String>,
    /// The pause that AWS asks for before the next call.
    pub retry_after: Option<RetryAfter>,
}

/// The pause that a server asks for before the next call, between [`RetryAfter::SHORTEST`] and [`RetryAfter::LONGEST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RetryAfter(Duration);

impl RetryAfter {
    /// A server that asks for no pause must not be flooded.
    pub const SHORTEST: Duration = Duration::from_millis(100);
    /// A longer pause is no answer to a client that waits, and sums with it would overflow.
    pub const LONGEST: Duration = Duration::from_secs(60 * 60);

    /// Reads the header `Retry-After` in seconds; `None` if it is not a number from 0 on.
    ///
    /// A date instead of seconds is ignored, because AWS sends none.
    pub fn parse(header: &str) -> Option<RetryAfter> {
        let seconds = header.trim().parse::<f64>().ok().filter(|seconds| *seconds >= 0.0)?;
        Some(RetryAfter::from(Duration::try_from_secs_f64(seconds).unwrap_or(RetryAfter::LONGEST)))
    }

    /// Returns the pause.
    pub fn pause(self) -> Duration {
        self.0
    }
}

impl From<Duration> for RetryAfter {
    fn from(pause: Duration) -> Self {
        RetryAfter(pause.clamp(RetryAfter::SHORTEST, RetryAfter::LONGEST))
    }
}

impl Failure {
    /// Returns the cause that AWS's text names, if it is a known one.
    pub fn cause(&self) -> Option<Cause> {
        Cause::of(self.request.operation(), Some(self.class), &self.code, &self.message)
    }

    /// Returns AWS's code, message and request id, for a text that names the request already.
    pub fn response(&self) -> String {
        let code = if self.code.is_empty() { String::new() } else { format!("{}: ", self.code) };
        let id = self.request_id.iter().map(|id| format!(" (request id {id})"));
        format!("{code}{}{}", self.message, id.collect::<String>())
    }

    /// Returns the IAM action to allow: the one that AWS's text names, else the one of the operation. `None` if no
    /// permission would help, as when AWS rejects the credentials themselves.
    pub fn missing_permission(&self) -> Option<String> {
        if self.class != FailureClass::AccessDenied || self.cause() == Some(Cause::NotOffered) {
            return None;
        }
        let of_request = || self.request.iam_action().filter(|_| self.code.starts_with("AccessDenied"));
        denied_action(&self.message).map(str::to_owned).or_else(of_request)
    }

    /// Returns the resource on which a policy must allow what was denied, `*` for an operation that has none; `None` if it is
    /// not known, or if no policy can allow it.
    pub fn missing_resource(&self) -> Option<&str> {
        let action = self.missing_permission().filter(|_| self.cause() != Some(Cause::OutsideBoundary))?;
        let has_none = |it: Operation| it.authorized_on() == AuthorizedOn::Nothing && it.action() == action;
        denied_resource(&self.message).or_else(|| self.request.operation().is_some_and(has_none).then_some("*"))
    }

    /// Returns true if AWS rejected the credentials, so that every other call would fail as well.
    pub fn rejects_credentials(&self) -> bool {
        self.class == FailureClass::AccessDenied
            && self.missing_permission().is_none()
            && self.cause() != Some(Cause::NotOffered)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.request, self.response())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_can_ask_neither_for_an_endless_pause_nor_for_none() {
        for (header, pause) in [
            ("0", Some(RetryAfter::SHORTEST)),
            (" 7 ", Some(Duration::from_secs(7))),
            ("3601", Some(RetryAfter::LONGEST)),
            ("1000000000", Some(RetryAfter::LONGEST)),
            ("1e19", Some(RetryAfter::LONGEST)),
            ("1e300", Some(RetryAfter::LONGEST)),
            ("inf", Some(RetryAfter::LONGEST)),
            ("NaN", None),
            ("-1", None),
            ("", None),
            ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ] {
            assert_eq!(RetryAfter::parse(header).map(RetryAfter::pause), pause, "{header}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_header_gives_more_than_the_longest_pause(header in "[-+0-9.eE]{0,12}|inf|nan|.{0,8}") {
            proptest::prop_assert!(RetryAfter::parse(&header).is_none_or(|asked| asked.pause() <= RetryAfter::LONGEST));
        }
    }
}
