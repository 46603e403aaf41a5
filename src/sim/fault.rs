//! A refusal, as the real service words it.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::model;

/// An error answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    code: &'static str,
    message: Option<String>,
    typed: bool,
    more: Map<String, Value>,
}

impl Fault {
    /// The error `code` of the model.
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Fault { code, message: Some(message.into()), typed: true, more: Map::new() }
    }

    /// The same without the `Type` member, which the real service leaves out of some errors.
    pub(super) fn untyped(mut self) -> Self {
        self.typed = false;
        self
    }

    /// The same with a further member.
    pub(super) fn with(mut self, member: &str, value: Value) -> Self {
        self.more.insert(member.to_owned(), value);
        self
    }

    /// `InvalidParameterValueException`.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Fault::new("InvalidParameterValueException", message)
    }

    /// `ResourceConflictException`.
    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Fault::new("ResourceConflictException", message)
    }

    /// `ResourceNotFoundException`.
    pub(super) fn missing(message: impl Into<String>) -> Self {
        Fault::new("ResourceNotFoundException", message)
    }

    /// `ValidationException`, which the framework raises before the service sees the request.
    pub(super) fn validation(message: impl Into<String>) -> Self {
        Fault::new("ValidationException", message).untyped()
    }

    /// `SerializationException`: the request could not be read at all.
    pub(super) fn unreadable(message: impl Into<String>) -> Self {
        Fault::new("SerializationException", message).untyped()
    }

    /// `ServiceException`: our own failure.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        Fault { typed: true, ..Fault::new("ServiceException", message) }
    }

    /// `ServiceException` for what could not be kept. Where it was to be kept is nobody's business but the machine's, so of the
    /// chain of causes only the last is told, which names no file.
    pub(super) fn unkept(error: &anyhow::Error) -> Self {
        Fault::internal(format!("The account could not be kept: {}", error.root_cause()))
    }

    /// `AccessDeniedException` without a message, as a call for another account is answered.
    pub(super) fn denied() -> Self {
        Fault { message: None, ..Fault::new("AccessDeniedException", "").untyped() }
    }

    /// `UnknownOperationException`: no operation has this method and path.
    pub(super) fn unknown_operation() -> Self {
        Fault { message: None, ..Fault::new("UnknownOperationException", "").untyped() }
    }

    /// The error code, for the `x-amzn-ErrorType` header.
    pub(super) fn code(&self) -> &'static str {
        self.code
    }

    /// The message, if there is one.
    #[cfg(test)]
    pub(super) fn message(&self) -> &str {
        self.message.as_deref().unwrap_or_default()
    }

    /// The HTTP status, from the model where it has the error.
    pub(super) fn status(&self) -> StatusCode {
        let status = match self.code {
            "ValidationException" | "SerializationException" => 400,
            "AccessDeniedException" => 403,
            "UnknownOperationException" => 404,
            "RequestEntityTooLargeException" => 413,
            "ServiceUnavailable" => 503,
            modelled => model::table().error(modelled).map_or(400, |error| error.status),
        };
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The JSON body.
    pub(super) fn body(&self) -> Value {
        let mut body = self.more.clone();
        if self.typed {
            let blame = if self.status().is_server_error() { "Service" } else { "User" };
            body.insert("Type".to_owned(), json!(blame));
        }
        let member = match self.code {
            "AccessDeniedException" | "UnknownOperationException" => "Message",
            modelled => model::table().error(modelled).map_or("message", |error| error.message),
        };
        body.insert(member.to_owned(), json!(self.message));
        Value::Object(body)
    }
}
