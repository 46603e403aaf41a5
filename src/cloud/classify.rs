//! What a failed call means.

use std::error::Error;
use std::time::Duration;

use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::wire::{Class, Failure};

/// Understands any operation's error.
pub fn classify<E>(operation: &'static str, is_write: bool, error: SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let response = error.raw_response();
    let status = response.map(|response| response.status().as_u16());
    let retry_after = response
        .and_then(|response| response.headers().get("retry-after"))
        .and_then(|seconds| seconds.trim().parse::<f64>().ok())
        .filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
        .map(|seconds| Duration::from_secs_f64(seconds.min(300.0)));
    let code = error.code().unwrap_or_default().to_owned();
    let message = error.message().map(str::to_owned);
    let class = match &error {
        SdkError::ConstructionFailure(_) => Class::Invalid,
        SdkError::DispatchFailure(failure) => {
            let connected = failure.as_connector_error().is_none_or(|error| !is_refused(error));
            if connected && is_write { Class::Unknown } else { Class::Failed }
        }
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => {
            if is_write {
                Class::Unknown
            } else {
                Class::Failed
            }
        }
        _ => class_of(status.unwrap_or(0), &code, message.as_deref().unwrap_or_default(), is_write),
    };
    let message = message.unwrap_or_else(|| match status {
        Some(404) => "the endpoint does not know the operation".to_owned(),
        Some(status) => format!("the endpoint answered {status}, and not as Lambda does"),
        None => root(&error),
    });
    Failure { operation, class, message, status, request_id: error.request_id().map(str::to_owned), retry_after, code }
}

/// The class of an answer.
fn class_of(status: u16, code: &str, message: &str, is_write: bool) -> Class {
    let answered_oddly = code.is_empty();
    match (status, code) {
        (412, _) | (_, "PreconditionFailedException") => Class::Refused,
        (429, _) | (_, "ThrottlingException" | "TooManyRequestsException") => Class::Throttled,
        (401 | 403, _) | (_, "UnrecognizedClientException" | "ExpiredTokenException" | "ExpiredToken") => Class::Denied,
        (409, _) | (_, "ResourceInUseException") => Class::Conflict,
        // Some servers answer an operation that they lack with 404: that says nothing about the resource.
        (404, _) if answered_oddly || lacks_operation(code, message) => Class::Invalid,
        (404, _) => Class::Gone,
        (400..=499, _) => Class::Invalid,
        // An answer of 5xx may come after the write took effect, and so may one that cannot be read.
        _ if is_write => Class::Unknown,
        _ => Class::Failed,
    }
}

fn lacks_operation(code: &str, message: &str) -> bool {
    let names_a_path = message.split_whitespace().any(|word| word.starts_with("/20"));
    matches!(code, "UnknownOperationException" | "404" | "NotFound") || names_a_path
}

/// Whether the connection was never made, so that nothing can have been sent.
fn is_refused(error: &(dyn Error + 'static)) -> bool {
    let mut source: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = source {
        if let Some(io) = error.downcast_ref::<std::io::Error>()
            && matches!(io.kind(), std::io::ErrorKind::ConnectionRefused | std::io::ErrorKind::NotFound)
        {
            return true;
        }
        let text = error.to_string();
        if text.contains("dns error") || text.contains("Connection refused") || text.contains("tcp connect error") {
            return true;
        }
        source = error.source();
    }
    false
}

/// The innermost reason, which is the one that says something.
fn root(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_understood_by_status_and_code() {
        let class = |status, code, message| class_of(status, code, message, true);
        assert_eq!(class(412, "PreconditionFailedException", ""), Class::Refused);
        assert_eq!(class(429, "TooManyRequestsException", "Rate exceeded"), Class::Throttled);
        assert_eq!(class(400, "ThrottlingException", "Rate exceeded"), Class::Throttled);
        assert_eq!(class(403, "AccessDeniedException", ""), Class::Denied);
        assert_eq!(class(400, "ResourceInUseException", ""), Class::Conflict);
        assert_eq!(class(404, "ResourceNotFoundException", "Function not found: arn"), Class::Gone);
        assert_eq!(class(404, "ResourceNotFoundException", "Function not found: /2025-11-30/x"), Class::Invalid);
        assert_eq!(class(404, "", ""), Class::Invalid);
        assert_eq!(class(400, "InvalidParameterValueException", ""), Class::Invalid);
        assert_eq!(class(500, "ServiceException", ""), Class::Unknown);
        assert_eq!(class_of(500, "ServiceException", "", false), Class::Failed);
    }
}
