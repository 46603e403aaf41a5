//! The preconditions of changes to a function.

use super::api_error::ApiError;
use crate::sim::store::function::Snapshot;

/// Refuses to change a function that is being created or changed.
pub(crate) fn check_idle(latest: &Snapshot, arn: &str) -> Result<(), ApiError> {
    if latest.state == "Pending" {
        return Err(pending(arn));
    }
    if latest.update.as_deref() == Some("InProgress") {
        let text =
            format!("The operation cannot be performed at this time. An update is in progress for resource: {arn}");
        return Err(ApiError::conflict(text));
    }
    Ok(())
}

/// Refuses a RevisionId other than the current one: the precondition of functions, versions and aliases.
pub(crate) fn check_revision(given: Option<&str>, current: &str) -> Result<(), ApiError> {
    match given {
        Some(given) if given != current => Err(ApiError::new(
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the \
             latest Revision Id",
        )),
        _ => Ok(()),
    }
}

/// Returns the error for a change of a function that is still being created.
pub(crate) fn pending(arn: &str) -> ApiError {
    ApiError::conflict(format!(
        "The operation cannot be performed at this time. The resource {arn} is currently in the following state: 'Pending'. \
         StateReasonCode: 'Creating'"
    ))
}
