//! A refusal, as the real service words it.

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
pub(crate) struct Fault {
    /// Empty where there is nothing but a status.
    code: &'static str,
    /// Another status than the code's.
    bare: Option<u16>,
    message: Option<String>,
    typed: bool,
    more: Map<String, Value>,
}

impl Fault {
    /// The error `code` of the model.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Fault { code, bare: None, message: Some(message.into()), typed: true, more: Map::new() }
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

    /// The code or the status that a rule means by `word`: an error of the model or one that is common to all services, a status
    /// that stands for one, or the status of an answer without a code, as a proxy on the way gives it.
    pub(crate) fn code_of(word: &str) -> Option<&str> {
        if let Some((_, code)) = BY_STATUS.iter().find(|(status, _)| *status == word) {
            return Some(code);
        }
        let is_status = word.len() == 3 && word.parse().is_ok_and(|status: u16| (400..600).contains(&status));
        let is_code = common(word).is_some() || service_model::table().error_code(word).is_some();
        (is_status || is_code).then_some(word)
    }

    /// All codes that a rule can name.
    pub(crate) fn codes() -> impl Iterator<Item = &'static str> {
        COMMON.iter().map(|(code, _)| *code).chain(service_model::table().error_codes())
    }

    /// What a rule chose, in the words of [`Fault::code_of`].
    pub(crate) fn chosen(code: &str, message: impl Into<String>) -> Self {
        match (service_model::table().error_code(code), common(code)) {
            (Some(code), _) => Fault::new(code, message),
            (None, Some((code, _))) => Fault::new(code, message).untyped(),
            (None, None) => Fault { bare: code.parse().ok(), ..Fault::new("", message).untyped() },
        }
    }

    /// `InvalidParameterValueException`.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Fault::new("InvalidParameterValueException", message)
    }

    /// `ResourceConflictException`.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Fault::new("ResourceConflictException", message)
    }

    /// `ResourceNotFoundException`.
    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Fault::new("ResourceNotFoundException", message)
    }

    /// `ValidationException`, which the framework raises before the service sees the request.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Fault::new("ValidationException", message).untyped()
    }

    /// `SerializationException`: the request could not be read at all.
    pub(crate) fn unreadable(message: impl Into<String>) -> Self {
        Fault::new("SerializationException", message).untyped()
    }

    /// `ServiceException`: our own failure.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Fault { typed: true, ..Fault::new("ServiceException", message) }
    }

    /// `ServiceException` for what could not be kept. Where it was to be kept is nobody's business but the machine's, so of the
    /// chain of causes only the last is told, which names no file.
    pub(crate) fn unkept(error: &anyhow::Error) -> Self {
        Fault::internal(format!("The account could not be kept: {}", error.root_cause()))
    }

    /// `AccessDeniedException` without a message, as a call for another account is answered.
    pub(crate) fn denied() -> Self {
        Fault { message: None, ..Fault::new("AccessDeniedException", "").untyped() }
    }

    /// `UnknownOperationException`: no operation has this method and path.
    pub(crate) fn unknown_operation() -> Self {
        Fault { message: None, ..Fault::new("UnknownOperationException", "").untyped() }
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
        let modelled = || service_model::table().error(self.code).map_or(400, |error| error.status);
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
            modelled => service_model::table().error(modelled).map_or("message", |error| error.message),
        };
        body.insert(member.to_owned(), json!(self.message));
        Value::Object(body)
    }
}
