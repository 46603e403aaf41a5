//! Errors, as the real service words them.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::sim::http::service_model;

/// Errors that no operation of the model names: those of what stands before every service of AWS, and of the framework.
/// Their statuses are those of AWS's list of errors that are common to all operations.
const COMMON: &[(&str, u16)] = &[
    ("AccessDeniedException", 403),
    ("ExpiredTokenException", 403),
    ("InvalidSignatureException", 403),
    ("RequestEntityTooLargeException", 413),
    ("SerializationException", 400),
    ("ServiceUnavailable", 503),
    ("ThrottlingException", 400),
    ("UnknownOperationException", 404),
    ("UnrecognizedClientException", 403),
    ("ValidationException", 400),
];

/// The errors that statuses stand for where a rule names a status alone.
const BY_STATUS: &[(&str, &str)] = &[
    ("400", "InvalidParameterValueException"),
    ("403", "AccessDeniedException"),
    ("404", "ResourceNotFoundException"),
    ("409", "ResourceConflictException"),
    ("412", "PreconditionFailedException"),
    ("413", "RequestTooLargeException"),
    ("429", "TooManyRequestsException"),
    ("500", "ServiceException"),
    ("503", "ServiceUnavailable"),
];

fn common(code: &str) -> Option<(&'static str, u16)> {
    COMMON.iter().find(|(common, _)| *common == code).copied()
}

/// An error answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ApiError {
    /// Empty where there is nothing but a status.
    code: &'static str,
    /// Another status than the code's.
    bare: Option<u16>,
    message: Option<String>,
    typed: bool,
    more: Map<String, Value>,
}

impl ApiError {
    /// The error `code` of the model.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        ApiError { code, bare: None, message: Some(message.into()), typed: true, more: Map::new() }
    }

    /// The same without the `Type` member, which the real service leaves out of some errors.
    pub(crate) fn untyped(mut self) -> Self {
        self.typed = false;
        self
    }

    /// The same with a further member.
    pub(crate) fn with(mut self, member: &str, value: Value) -> Self {
        self.more.insert(member.to_owned(), value);
        self
    }

    /// Returns the code or the status that a rule names by `word`: an error of the model or one that is common to all services, a status
    /// that stands for one, or the status of an answer without a code, as a proxy on the way gives it.
    pub(crate) fn code_named(word: &str) -> Option<&str> {
        if let Some((_, code)) = BY_STATUS.iter().find(|(status, _)| *status == word) {
            return Some(code);
        }
        let is_status = word.len() == 3 && word.parse().is_ok_and(|status: u16| (400..600).contains(&status));
        let is_code = common(word).is_some() || service_model::model().error_code(word).is_some();
        (is_status || is_code).then_some(word)
    }

    /// All codes that a rule can name.
    pub(crate) fn codes() -> impl Iterator<Item = &'static str> {
        COMMON.iter().map(|(code, _)| *code).chain(service_model::model().error_codes())
    }

    /// Returns an injected error; `code` is one of [`ApiError::code_named`].
    pub(crate) fn injected(code: &str, message: impl Into<String>) -> Self {
        match (service_model::model().error_code(code), common(code)) {
            (Some(code), _) => ApiError::new(code, message),
            (None, Some((code, _))) => ApiError::new(code, message).untyped(),
            (None, None) => ApiError { bare: code.parse().ok(), ..ApiError::new("", message).untyped() },
        }
    }

    /// `InvalidParameterValueException`.
    pub(crate) fn invalid_parameter(message: impl Into<String>) -> Self {
        ApiError::new("InvalidParameterValueException", message)
    }

    /// `ResourceConflictException`.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        ApiError::new("ResourceConflictException", message)
    }

    /// `ResourceNotFoundException`.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        ApiError::new("ResourceNotFoundException", message)
    }

    /// `ValidationException`, which the framework raises before the service sees the request.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        ApiError::new("ValidationException", message).untyped()
    }

    /// `SerializationException`: the request could not be read at all.
    pub(crate) fn serialization(message: impl Into<String>) -> Self {
        ApiError::new("SerializationException", message).untyped()
    }

    /// `ServiceException`: our own failure.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        ApiError { typed: true, ..ApiError::new("ServiceException", message) }
    }

    /// `ServiceException` for a change that could not be stored. Its message names no file,
    /// because the folder of the simulator is not for its clients.
    pub(crate) fn not_persisted(cause: &str) -> Self {
        ApiError::internal(format!("The account could not be kept: {cause}"))
    }

    /// `AccessDeniedException` without a message, as a call for another account is answered.
    pub(crate) fn access_denied() -> Self {
        ApiError { message: None, ..ApiError::new("AccessDeniedException", "").untyped() }
    }

    /// `UnknownOperationException`: no operation has this method and path.
    pub(crate) fn unknown_operation() -> Self {
        ApiError { message: None, ..ApiError::new("UnknownOperationException", "").untyped() }
    }

    /// The error code, for the `x-amzn-ErrorType` header; empty if there is none.
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// The message, if there is one.
    pub(crate) fn message(&self) -> &str {
        self.message.as_deref().unwrap_or_default()
    }

    /// The HTTP status, from the model where it has the error.
    pub(crate) fn status(&self) -> StatusCode {
        let modelled = || service_model::model().error(self.code).map_or(400, |error| error.status);
        let status = self.bare.unwrap_or_else(|| common(self.code).map_or_else(modelled, |(_, status)| status));
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The JSON body.
    pub(crate) fn body(&self) -> Value {
        let mut body = self.more.clone();
        if self.typed {
            let blame = if self.status().is_server_error() { "Service" } else { "User" };
            body.insert("Type".to_owned(), json!(blame));
        }
        let member = match self.code {
            "AccessDeniedException" | "UnknownOperationException" => "Message",
            modelled => service_model::model().error(modelled).map_or("message", |error| error.message),
        };
        body.insert(member.to_owned(), json!(self.message));
        Value::Object(body)
    }
}
