//! The requests that trueup sends, as a failure names them.

use std::fmt;

use super::Operation;

/// A request of any sort: a call of the Lambda API, or one of the two requests around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Request {
    /// A call of the Lambda API.
    Lambda(Operation),
    /// The call of STS that returns the account of the credentials.
    GetCallerIdentity,
    /// A download from a URL of one of Lambda's responses.
    Download,
}

impl Request {
    /// Returns the operation of the Lambda API, if it is one.
    pub fn operation(self) -> Option<Operation> {
        match self {
            Request::Lambda(operation) => Some(operation),
            Request::GetCallerIdentity | Request::Download => None,
        }
    }

    /// Returns true if the request may change something.
    pub fn is_write(self) -> bool {
        self.operation().is_some_and(Operation::is_write)
    }

    /// Returns the IAM action that allows the request; `None` if IAM does not decide on it.
    pub fn iam_action(self) -> Option<String> {
        match self {
            Request::Lambda(operation) => Some(operation.action()),
            Request::GetCallerIdentity => Some(format!("sts:{self}")),
            Request::Download => None,
        }
    }
}

impl From<Operation> for Request {
    fn from(operation: Operation) -> Self {
        Request::Lambda(operation)
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Request::Lambda(operation) => operation.fmt(f),
            Request::GetCallerIdentity => f.write_str("GetCallerIdentity"),
            Request::Download => f.write_str("download"),
        }
    }
}
