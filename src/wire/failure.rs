//! A call that did not succeed, and its effect.

use std::fmt;
use std::time::Duration;

use super::{Cause, FailureClass, Request};

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
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.request, self.response())
    }
}
