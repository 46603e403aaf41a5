//! Injected errors, with the service's own texts where those are known.

use serde_json::json;

use crate::sim::context::api_error::ApiError;

/// Returns the error for a call beyond its quota.
pub(crate) fn throttled() -> ApiError {
    injected_error("TooManyRequestsException", None, "")
}

/// Returns the error `code` of `operation`, with `text` or with the service's usual message.
pub(crate) fn injected_error(code: &str, text: Option<&str>, operation: &str) -> ApiError {
    let text = text.unwrap_or_else(|| usual_message(code, operation));
    let error = ApiError::injected(code, text);
    if code == "TooManyRequestsException" { error.with("Reason", json!("CallerRateLimitExceeded")) } else { error }
}

fn usual_message(code: &str, operation: &str) -> &'static str {
    match code {
        "TooManyRequestsException" => "Rate exceeded",
        // What is being made, or is no function, is not a function that could not be updated.
        "ResourceConflictException" if operation.starts_with("Create") || operation.contains("Layer") => {
            "The operation cannot be performed at this time."
        }
        "ResourceConflictException" => "The function could not be updated due to a concurrent update operation.",
        "ServiceUnavailable" => "Service Unavailable",
        "ServiceException" => "An error occurred and the request cannot be processed.",
        "ResourceNotFoundException" => "The resource you requested does not exist.",
        "CodeStorageExceededException" => "Code storage limit exceeded.",
        "PreconditionFailedException" => {
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest \
             Revision Id"
        }
        // The others have no one text: it depends on the mistake, and here is none.
        _ => "This call was chosen to fail.",
    }
}
