//! Turns the SDK's error into a [`Failure`], in one place for every operation.
//!
//! # Guarantees
//! A write is classified as without effect only if the server received nothing or rejected it; otherwise its effect is unknown
//! (`tests/it/lost_replies.rs`).
//!
//! # Assumptions
//! Only the status, the code and the text count, never an operation's own error type: other servers and proxies respond in
//! ways that AWS's model does not list, such as HTML pages, no code, or a 404 for an operation that they do not support.

use std::error::Error;

use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::RequestId;
use aws_smithy_runtime_api::client::result::ConnectorError;

use super::response_check::IncompleteResponse;
use crate::model::visible;
use crate::wire::{Cause, Failure, FailureClass, Request, RetryAfter};

/// The longest message that is kept of a failure, in characters. Far more than is shown: a message is cut only after its secrets
/// were masked ([`Secrets::shown`](crate::model::Secrets::shown)).
const LONGEST_MESSAGE: usize = 64_000;

/// Turns the SDK's error into a failure of the request.
pub(super) fn classify<E>(request: Request, error: SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let write = request.is_write();
    let mut failure = Failure {
        request,
        class: FailureClass::EffectUnknown,
        code: String::new(),
        message: String::new(),
        status: None,
        request_id: error.request_id().map(str::to_owned),
        retry_after: error.raw_response().and_then(retry_after),
    };
    if let Some(response) = error.raw_response() {
        failure.status = Some(response.status().as_u16());
    }
    match &error {
        SdkError::ConstructionFailure(_) => {
            failure.class = FailureClass::Invalid;
            failure.message = format!("the request cannot be built: {}", chain(&error));
        }
        SdkError::TimeoutError(_) => failure.message = format!("no response in time: {}", chain(&error)),
        SdkError::DispatchFailure(dispatch) => match dispatch.as_connector_error() {
            Some(error) => (failure.class, failure.message) = undelivered(error),
            None => failure.message = chain(&error),
        },
        // The response was interrupted or is not Lambda's, so even its status may come from another server.
        SdkError::ResponseError(_) => {
            failure.class = unanswered(write);
            let status = failure.status.unwrap_or_default();
            failure.message = match IncompleteResponse::within(&error) {
                Some(incomplete) => format!("the response (status {status}) is not whole: {incomplete}"),
                None => format!("the response (status {status}) cannot be read: {}", chain(&error)),
            };
        }
        _ => {
            let status = failure.status.unwrap_or_default();
            failure.code = error.code().unwrap_or_default().to_owned();
            let text = error.message().map(str::to_owned).filter(|text| !text.is_empty());
            failure.class = class(write, status, &failure.code, text.as_deref().unwrap_or_default());
            failure.message = text.unwrap_or_else(|| without_text(status, &error));
            if let Some(note) = remark(request, status, &failure.code, &failure.message) {
                failure.message = format!("{} ({note})", failure.message);
            }
        }
    }
    // Everything that the server wrote ends in texts that people read.
    failure.message = shortened(visible(&failure.message).into_owned());
    failure.code = visible(&failure.code).into_owned();
    failure.request_id = failure.request_id.map(|id| visible(&id).into_owned());
    failure
}

/// Returns the failure of a read that was answered with success, and without a member that AWS always sends.
pub(super) fn incomplete(request: Request, member: &str) -> Failure {
    Failure {
        request,
        class: unanswered(request.is_write()),
        code: String::new(),
        message: format!("the response is not whole: it lacks `{member}`"),
        status: Some(200),
        request_id: None,
        retry_after: None,
    }
}

/// Returns the class of a call that the server failed to answer: a write may have taken effect before, a read cannot.
fn unanswered(write: bool) -> FailureClass {
    if write { FailureClass::EffectUnknown } else { FailureClass::Unavailable }
}

/// Returns the class of a response.
fn class(write: bool, status: u16, code: &str, message: &str) -> FailureClass {
    let class = unanswered(write);
    match (status, code) {
        // A success that cannot be read; 408 is a proxy's status for no response.
        (200..=299 | 408, _) => class,
        (412, _) | (_, "PreconditionFailedException") => FailureClass::PreconditionFailed,
        _ if is_throttled(status, code, Cause::of(None, None, code, message)) => FailureClass::Throttled,
        (401 | 403 | 407, _) => FailureClass::AccessDenied,
        _ if is_denied(code) => FailureClass::AccessDenied,
        (409, _) | (_, "ResourceConflictException" | "ResourceInUseException") => FailureClass::Conflict,
        (404, _) if is_absence(code, message) => FailureClass::NotFound,
        (501, _) => FailureClass::Invalid,
        (500.., _) => class,
        _ => FailureClass::Invalid,
    }
}

fn is_throttled(status: u16, code: &str, cause: Option<Cause>) -> bool {
    const CODES: [&str; 6] = [
        "TooManyRequestsException",
        "ThrottlingException",
        "ThrottledException",
        "Throttling",
        "RequestLimitExceeded",
        "RequestThrottled",
    ];
    status == 429
        || CODES.contains(&code)
        || cause == Some(Cause::RateExceeded)
        // Lambda's 400 while it sets up a VPC; it has created nothing then.
        || (status == 400 && cause == Some(Cause::ThrottledByEc2))
}

/// Returns true for the codes of bad credentials, which come with 400 as well as with 403.
/// [AWS: Common errors](https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html).
fn is_denied(code: &str) -> bool {
    const CODES: [&str; 13] = [
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "OptInRequired",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ];
    CODES.contains(&code)
}

/// Returns true if a 404 means that the resource does not exist, and not that the address or the operation is wrong.
///
/// A mistake here would plan the creation of an existing resource.
fn is_absence(code: &str, message: &str) -> bool {
    code.ends_with("NotFoundException") && !names_a_path(message) && !is_elsewhere(message)
}

/// Returns true for an emulator's response to operations that it does not support: `Function not found: /2025-11-30/…`.
fn names_a_path(message: &str) -> bool {
    message.split_whitespace().any(|word| {
        let mut parts = word.trim_matches(['"', '\'', '`']).split('/');
        parts.next() == Some("") && parts.next().is_some_and(is_api_version)
    })
}

/// Returns true for the date that Lambda's paths begin with, such as `2015-03-31`.
fn is_api_version(part: &str) -> bool {
    part.len() == 10
        && part.chars().enumerate().all(|(i, c)| if i == 4 || i == 7 { c == '-' } else { c.is_ascii_digit() })
}

/// Returns true for Lambda's 404 for an ARN of another region, where the function may exist.
fn is_elsewhere(message: &str) -> bool {
    Cause::of(None, None, "", message) == Some(Cause::OtherRegion)
}

/// Returns a message for a response without one.
fn without_text<E>(status: u16, error: &SdkError<E, HttpResponse>) -> String
where
    E: Error + Send + Sync + 'static,
{
    let body = error.raw_response().and_then(|response| response.body().bytes()).map(plain).unwrap_or_default();
    match status {
        200..=299 => format!("the response (status {status}) cannot be read: {}", chain(error)),
        _ if !body.is_empty() => format!("status {status}: {body}"),
        _ => format!("status {status}"),
    }
}

/// Returns what the user should know besides the server's text.
fn remark(request: Request, status: u16, code: &str, message: &str) -> Option<String> {
    let lacking = match status {
        404 => !is_elsewhere(message) && !is_absence(code, message),
        405 | 501 => true,
        _ => false,
    };
    lacking.then(|| format!("the endpoint does not seem to support {request}"))
}

/// Returns the class and the message of a call that reached no server, or whose connection broke.
fn undelivered(error: &ConnectorError) -> (FailureClass, String) {
    // The error itself names its sort only: "io error", "other".
    let text = error.source().map(chain).unwrap_or_default();
    if error.is_user() {
        (FailureClass::Invalid, text)
    } else if never_connected(error, &text) {
        (FailureClass::Unavailable, format!("cannot connect: {text}"))
    } else if error.is_other() && text.contains("credential") {
        // The credentials expired during the run and could not be refreshed: nothing was sent.
        (FailureClass::AccessDenied, format!("the credentials expired and could not be refreshed: {text}"))
    } else {
        (FailureClass::EffectUnknown, format!("the connection broke before a response came: {text}"))
    }
}

/// Returns true if the failure came before a connection was established, so that the server received nothing.
fn never_connected(error: &ConnectorError, text: &str) -> bool {
    use std::io::ErrorKind::{AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkUnreachable};
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<std::io::Error>()
            && matches!(error.kind(), ConnectionRefused | HostUnreachable | NetworkUnreachable | AddrNotAvailable)
        {
            return true;
        }
        next = error.source();
    }
    // The texts of hyper and smithy, whose types are private.
    text.contains("(Connect)") || text.contains("HTTP connect timeout") || text.contains("dns error")
}

/// Returns the error and its causes on one line, each once.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !text.is_empty() && !said.iter().any(|earlier| earlier.contains(&text)) {
            said.push(text);
        }
        next = error.source();
    }
    said.join(": ")
}

/// Returns the beginning of a body as one line of plain text, without tags and repeated spaces.
fn plain(body: &[u8]) -> String {
    let mut text = String::new();
    let mut within_tag = false;
    for c in String::from_utf8_lossy(&body[..body.len().min(4096)]).chars() {
        match c {
            '<' => within_tag = true,
            '>' if within_tag => {
                within_tag = false;
                text.push(' ');
            }
            c if !within_tag => text.push(if c.is_control() { ' ' } else { c }),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect()
}

/// Returns the pause that the server asks for.
fn retry_after(response: &HttpResponse) -> Option<RetryAfter> {
    RetryAfter::parse(response.headers().get("retry-after")?)
}

/// Returns the text up to [`LONGEST_MESSAGE`] characters.
fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests;
