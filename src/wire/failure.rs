//! A call that did not succeed, and its effect.

use std::fmt;
use std::time::Duration;

use super::{Cause, FailureClass, Request, denied_action};

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
    pub retry_after: Option<Duration>,
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
