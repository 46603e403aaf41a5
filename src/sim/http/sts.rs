//! The one call of another service that answers here: who the caller is.
//!
//! Clients and reconcilers ask STS for their account before they touch anything. With this they can ask the same endpoint that
//! they are about to change. The protocol is STS's own: a form goes in, XML comes out.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::protocol::read_query;
use crate::sim::context::identifiers::partition_of;

/// Returns whether a request is one to STS: a form posted to the root.
pub(crate) fn concerns(method: &str, path: &str, headers: &HeaderMap) -> bool {
    let form = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    method == "POST" && path == "/" && form.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

/// Answers the form in `body`. The caller is one of the partition of `region`.
pub(crate) fn answer(account: &str, region: &str, body: &[u8], request_id: &str) -> Response {
    let form = read_query(&String::from_utf8_lossy(body));
    let action = form.iter().find(|(key, _)| key == "Action").map_or("", |(_, value)| value.as_str());
    let (status, text) = match action {
        "GetCallerIdentity" => (StatusCode::OK, identity(account, partition_of(region), request_id)),
        _ => (StatusCode::BAD_REQUEST, refusal(request_id)),
    };
    let mut response = (status, [(header::CONTENT_TYPE, "text/xml")], text).into_response();
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}

fn identity(account: &str, partition: &str, request_id: &str) -> String {
    format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <GetCallerIdentityResult>\n    \
         <Arn>arn:{partition}:iam::{account}:root</Arn>\n    <UserId>{account}</UserId>\n    <Account>{account}</Account>\n  \
         </GetCallerIdentityResult>\n  <ResponseMetadata>\n    <RequestId>{request_id}</RequestId>\n  </ResponseMetadata>\n\
         </GetCallerIdentityResponse>\n"
    )
}

/// The action is not repeated in the text: it is the caller's, and it would have to be escaped.
fn refusal(request_id: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>\n    <Type>Sender</Type>\n    \
         <Code>InvalidAction</Code>\n    <Message>Could not find the requested operation for version 2011-06-15</Message>\n  \
         </Error>\n  <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n"
    )
}
