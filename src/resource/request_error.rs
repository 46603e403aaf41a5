//! The errors of a planned write that cannot be phrased as a call.

use aws_sdk_lambda::error::BuildError;

use crate::wire::Operation;

/// The reason why a planned write cannot be phrased as a call. Nothing was sent then.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The resource has no declared value.
    #[error("{0} needs a declared value, and the plan has none")]
    NotDeclared(Operation),
    /// No live resource is known.
    #[error("{0} needs a live resource, and none is known")]
    NotLive(Operation),
    /// The step names no part of the resource, such as one statement of a policy.
    #[error("{0} needs the part of the resource that it changes, and the step names none")]
    NoPart(Operation),
    /// The resource type is never written by this operation.
    #[error("{0} does not write this type of resource")]
    ForeignOperation(Operation),
    /// A value that an earlier step or an earlier reply gives is missing.
    #[error("{0} is not known")]
    Unknown(&'static str),
    /// A value is not of the form that the call takes.
    #[error("`{text}` is not {expected}")]
    Malformed {
        /// The value.
        text: String,
        /// The form, with its article: `a version number`.
        expected: &'static str,
    },
    /// The deployment package was not built.
    #[error("the deployment package was not built")]
    NoPackage,
    /// A function cannot be created without code.
    #[error("the function does not exist, and its code is `external`: create it with the tool that deploys the code")]
    ExternalCode,
    /// The SDK demands a member that has no value.
    #[error(transparent)]
    Incomplete(#[from] BuildError),
}
