use super::*;

#[test]
fn every_response_has_a_class() {
    let arn = "Function not found: arn:aws:lambda:us-east-1:123456789012:function:orders";
    let rows = [
        // status, code, message, class of a read, class of a write
        (
            412,
            "PreconditionFailedException",
            "The Revision Id provided…",
            FailureClass::PreconditionFailed,
            FailureClass::PreconditionFailed,
        ),
        (429, "TooManyRequestsException", "Rate exceeded", FailureClass::Throttled, FailureClass::Throttled),
        (429, "", "", FailureClass::Throttled, FailureClass::Throttled),
        (400, "ThrottlingException", "Rate exceeded", FailureClass::Throttled, FailureClass::Throttled),
        (
            400,
            "InvalidParameterValueException",
            "Your request has been throttled by EC2",
            FailureClass::Throttled,
            FailureClass::Throttled,
        ),
        (
            403,
            "AccessDeniedException",
            "User … is not authorized",
            FailureClass::AccessDenied,
            FailureClass::AccessDenied,
        ),
        (400, "ExpiredTokenException", "expired", FailureClass::AccessDenied, FailureClass::AccessDenied),
        (401, "", "", FailureClass::AccessDenied, FailureClass::AccessDenied),
        (409, "ResourceConflictException", "An update is in progress", FailureClass::Conflict, FailureClass::Conflict),
        (400, "ResourceInUseException", "in use", FailureClass::Conflict, FailureClass::Conflict),
        (404, "ResourceNotFoundException", arn, FailureClass::NotFound, FailureClass::NotFound),
        (404, "ResourceNotFoundException", "Function does not exist", FailureClass::NotFound, FailureClass::NotFound),
        (
            404,
            "ProvisionedConcurrencyConfigNotFoundException",
            "No Provisioned…",
            FailureClass::NotFound,
            FailureClass::NotFound,
        ),
        (
            404,
            "ResourceNotFoundException",
            "Function not found: /2025-11-30/functions/a/x",
            FailureClass::Invalid,
            FailureClass::Invalid,
        ),
        (
            404,
            "ResourceNotFoundException",
            "Functions from 'a' are not reachable in this region ('b')",
            FailureClass::Invalid,
            FailureClass::Invalid,
        ),
        (404, "UnknownOperationException", "", FailureClass::Invalid, FailureClass::Invalid),
        (404, "", "", FailureClass::Invalid, FailureClass::Invalid),
        (400, "InvalidParameterValueException", "no", FailureClass::Invalid, FailureClass::Invalid),
        (413, "RequestEntityTooLargeException", "no", FailureClass::Invalid, FailureClass::Invalid),
        (501, "", "", FailureClass::Invalid, FailureClass::Invalid),
        (301, "", "", FailureClass::Invalid, FailureClass::Invalid),
        (500, "ServiceException", "An error occurred", FailureClass::Unavailable, FailureClass::EffectUnknown),
        (503, "", "", FailureClass::Unavailable, FailureClass::EffectUnknown),
        (408, "", "", FailureClass::Unavailable, FailureClass::EffectUnknown),
        (200, "", "", FailureClass::Unavailable, FailureClass::EffectUnknown),
    ];
    for (status, code, message, read, write) in rows {
        assert_eq!(class(false, status, code, message), read, "read: {status} {code} {message}");
        assert_eq!(class(true, status, code, message), write, "write: {status} {code} {message}");
    }
}

#[test]
fn a_slash_in_a_message_is_not_a_path() {
    assert!(names_a_path("Function not found: /2025-11-30/functions/a/resource-policy"));
    assert!(!names_a_path("The log group /aws/lambda/orders was not found"));
    assert!(!names_a_path("Function not found: 2015-03-31/x"));
}

#[test]
fn html_becomes_one_line_of_text() {
    let page = b"<!doctype html>\n<title>404 Not Found</title><h1>Not Found</h1>\n<p>The URL was not found.</p>";
    assert_eq!(plain(page), "404 Not Found Not Found The URL was not found.");
    assert_eq!(plain(b""), "");
    assert_eq!(plain(&[b'a'; 9000]).len(), 200);
}

#[test]
fn a_broken_connection_differs_from_one_that_was_never_established() {
    let io = |kind| ConnectorError::io(Box::new(std::io::Error::from(kind)));
    assert_eq!(undelivered(&io(std::io::ErrorKind::ConnectionRefused)).0, FailureClass::Unavailable);
    assert_eq!(undelivered(&io(std::io::ErrorKind::ConnectionReset)).0, FailureClass::EffectUnknown);
    let timeout = |text: &str| ConnectorError::timeout(text.to_owned().into());
    assert_eq!(undelivered(&timeout("HTTP connect timeout occurred after 1.5s")).0, FailureClass::Unavailable);
    assert_eq!(undelivered(&timeout("HTTP read timeout occurred after 60s")).0, FailureClass::EffectUnknown);
    assert_eq!(undelivered(&ConnectorError::user("bad header".into())).0, FailureClass::Invalid);
}
