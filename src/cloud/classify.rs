//! What went wrong, in one place for every operation: the SDK's error becomes a [`Failure`].
//!
//! Only the status, the code and the text are looked at, never an operation's own error type, because other servers
//! and proxies answer in ways that AWS's model does not list: HTML pages, absent codes, a 404 for an operation
//! that they lack.

use std::error::Error;
use std::time::Duration;

use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::RequestId;
use aws_smithy_runtime_api::client::result::ConnectorError;

use crate::wire::{Cause, Failure, FailureClass};

/// Turns the SDK's error into ours. `write` says that the call may have changed something.
pub(super) fn classify<E>(operation: &'static str, write: bool, error: SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let mut failure = Failure {
        operation,
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
        SdkError::TimeoutError(_) => failure.message = format!("no answer in time: {}", chain(&error)),
        SdkError::DispatchFailure(dispatch) => match dispatch.as_connector_error() {
            Some(error) => (failure.class, failure.message) = undelivered(error),
            None => failure.message = chain(&error),
        },
        // It broke off or is no answer of Lambda's, so even its status may not be Lambda's word.
        SdkError::ResponseError(_) => {
            failure.class = fate(write);
            failure.message =
                format!("the answer (status {}) cannot be read: {}", failure.status.unwrap_or_default(), chain(&error));
        }
        _ => {
            let status = failure.status.unwrap_or_default();
            failure.code = error.code().unwrap_or_default().to_owned();
            let text = error.message().map(str::to_owned).filter(|text| !text.is_empty());
            failure.class = class(write, status, &failure.code, text.as_deref().unwrap_or_default());
            failure.message = text.unwrap_or_else(|| without_text(status, &error));
            if let Some(note) = note(operation, status, &failure.code, &failure.message) {
                failure.message = format!("{} ({note})", failure.message);
            }
        }
    }
    failure
}

/// The class of a call that was not answered well. A write may have taken effect before the server failed; a read cannot.
fn fate(write: bool) -> FailureClass {
    if write { FailureClass::EffectUnknown } else { FailureClass::Unavailable }
}

/// The class of an answer.
fn class(write: bool, status: u16, code: &str, message: &str) -> FailureClass {
    let fate = fate(write);
    match (status, code) {
        // Answered well, but not in a way that can be read; 408 is the proxy's word for no answer.
        (200..=299 | 408, _) => fate,
        (412, _) | (_, "PreconditionFailedException") => FailureClass::PreconditionFailed,
        _ if is_throttled(status, code, Cause::of("", None, code, message)) => FailureClass::Throttled,
        (401 | 403 | 407, _) => FailureClass::AccessDenied,
        _ if is_denied(code) => FailureClass::AccessDenied,
        (409, _) | (_, "ResourceConflictException" | "ResourceInUseException") => FailureClass::Conflict,
        (404, _) if is_absence(code, message) => FailureClass::NotFound,
        (501, _) => FailureClass::Invalid,
        (500.., _) => fate,
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

/// Codes of bad credentials, which come with 400 as well as with 403.
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

/// Whether a 404 says that the resource is not there, and not that the address or the operation is wrong.
///
/// Taking the one for the other would plan the creation of what exists.
fn is_absence(code: &str, message: &str) -> bool {
    code.ends_with("NotFoundException") && !names_a_path(message) && !is_elsewhere(message)
}

/// One emulator's answer to operations that it lacks: `Function not found: /2025-11-30/…`.
fn names_a_path(message: &str) -> bool {
    message.split_whitespace().any(|word| {
        let mut parts = word.trim_matches(['"', '\'', '`']).split('/');
        parts.next() == Some("") && parts.next().is_some_and(is_api_version)
    })
}

/// Lambda's paths begin with a date, such as `2015-03-31`.
fn is_api_version(part: &str) -> bool {
    part.len() == 10
        && part.chars().enumerate().all(|(i, c)| if i == 4 || i == 7 { c == '-' } else { c.is_ascii_digit() })
}

/// Lambda's 404 for an ARN of another region, where the function may well exist.
fn is_elsewhere(message: &str) -> bool {
    Cause::of("", None, "", message) == Some(Cause::OtherRegion)
}

/// What to say where the server said nothing.
fn without_text<E>(status: u16, error: &SdkError<E, HttpResponse>) -> String
where
    E: Error + Send + Sync + 'static,
{
    let body = error.raw_response().and_then(|response| response.body().bytes()).map(plain).unwrap_or_default();
    match status {
        200..=299 => format!("the answer (status {status}) cannot be read: {}", chain(error)),
        _ if !body.is_empty() => format!("status {status}: {body}"),
        _ => format!("status {status}"),
    }
}

/// What the user should know besides the server's text.
fn note(operation: &str, status: u16, code: &str, message: &str) -> Option<String> {
    let lacking = match status {
        404 => !is_elsewhere(message) && !is_absence(code, message),
        405 | 501 => true,
        _ => false,
    };
    lacking.then(|| format!("the endpoint does not seem to offer {operation}"))
}

/// A call that found no server, or whose connection broke.
fn undelivered(error: &ConnectorError) -> (FailureClass, String) {
    // The error itself only says of which sort it is: "io error", "other".
    let text = error.source().map(chain).unwrap_or_default();
    if error.is_user() {
        (FailureClass::Invalid, text)
    } else if never_connected(error, &text) {
        (FailureClass::Unavailable, format!("cannot connect: {text}"))
    } else if error.is_other() && text.contains("credential") {
        // The credentials ran out in the middle of a run, and could not be had again: nothing was sent.
        (FailureClass::AccessDenied, format!("there are no credentials any more: {text}"))
    } else {
        (FailureClass::EffectUnknown, format!("the connection broke before an answer came: {text}"))
    }
}

/// Whether the failure came before a connection stood, so that the server surely saw nothing.
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
    // hyper's and smithy's words; their types are private.
    text.contains("(Connect)") || text.contains("HTTP connect timeout") || text.contains("dns error")
}

/// The error and its causes on one line, each said once.
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

/// The beginning of a body as one line of plain text: tags and doubled blanks removed.
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

/// How long the server asks us to wait. A date instead of seconds is not used by AWS and is passed over.
fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let seconds = response.headers().get("retry-after")?.trim().parse::<f64>().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests;
