//! The meaning of a failed call, apart from its cause.

/// The meaning of a failed call for its sender; the executor decides on the class and the [`Cause`](super::Cause) only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureClass {
    /// The precondition failed (412): another client wrote. Never retried.
    PreconditionFailed,
    /// Credentials or permissions are missing or wrong (401, 403).
    AccessDenied,
    /// A request quota is exceeded (429). Retried after a pause.
    Throttled,
    /// Another operation is in progress, or the name is taken (409, ResourceInUse).
    Conflict,
    /// The resource does not exist (404).
    NotFound,
    /// The request is invalid (400): retrying it cannot help.
    Invalid,
    /// The call had no effect: it never reached a server, or it is a read that the server failed to answer.
    Unavailable,
    /// The write may have taken effect, because no readable answer came. The resource is read before anything else.
    EffectUnknown,
}
