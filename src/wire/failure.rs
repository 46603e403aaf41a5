//! A call that did not succeed, and its effect.

use std::fmt;
use std::time::Duration;

use super::{Cause, FailureClass};

/// A call that did not succeed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub struct Failure {
    /// The operation, as AWS writes it.
    pub operation: &'static str,
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
        Cause::of(self.operation, Some(self.class), &self.code, &self.message)
    }
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
