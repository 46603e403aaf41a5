//! Why a call did not succeed, and what that says about its effect.

use std::fmt;
use std::time::Duration;

/// How a failed call is to be understood; the executor decides on this and on nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureClass {
    /// The precondition did not hold (412): somebody else wrote. Never repeated.
    PreconditionFailed,
    /// Credentials or permissions (401, 403).
    AccessDenied,
    /// Over a request quota (429): repeated after a pause.
    Throttled,
    /// Another operation is under way, or the name is taken (409, ResourceInUse).
    Conflict,
    /// The resource is not there (404).
    NotFound,
    /// The request is wrong as it stands (400): repeating it cannot help.
    Invalid,
    /// Lambda failed before doing anything that we know of (5xx with an answer).
    Unavailable,
    /// No answer came, so the call may have taken effect: observe again before anything else.
    EffectUnknown,
}

/// A call that did not succeed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub struct Failure {
    /// The operation, as AWS writes it.
    pub operation: &'static str,
    /// How to understand it.
    pub class: FailureClass,
    /// AWS's error code, such as `ResourceConflictException`; empty when no answer came.
    pub code: String,
    /// AWS's text, or what went wrong on the way.
    pub message: String,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The id to quote to AWS support.
    pub request_id: Option<String>,
    /// How long AWS asked us to wait.
    pub retry_after: Option<Duration>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.operation)?;
        if !self.code.is_empty() {
            write!(f, "{}: ", self.code)?;
        }
        write!(f, "{}", self.message)?;
        match &self.request_id {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
        }
    }
}
