//! The calls of another service that answer here: who the caller is, and the role of another account.
//!
//! Clients and reconcilers ask STS for their account before they touch anything. With this they can ask the same endpoint that
//! they are about to change. The protocol is STS's own: a form goes in, XML comes out.
//!
//! # Caveats
//! There is one account, so only its own roles can be assumed, and credentials are not looked at afterwards.

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
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let (status, text) = match field("Action") {
        "GetCallerIdentity" => (StatusCode::OK, identity(account, partition_of(region), request_id)),
        "AssumeRole" => match role_name(field("RoleArn"), account, region) {
            Some(role) => (StatusCode::OK, assumed(account, role, partition_of(region), request_id)),
            None => {
                let message = "User is not authorized to perform: sts:AssumeRole on this role";
                (StatusCode::FORBIDDEN, refusal("AccessDenied", message, request_id))
            }
        },
        _ => {
            let message = "Could not find the requested operation for version 2011-06-15";
            (StatusCode::BAD_REQUEST, refusal("InvalidAction", message, request_id))
        }
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

/// The name of a role of this account; none for any other.
fn role_name<'a>(arn: &'a str, account: &str, region: &str) -> Option<&'a str> {
    let role = arn.strip_prefix(&format!("arn:{}:iam::{account}:role/", partition_of(region)))?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-/".contains(&byte);
    Some(role).filter(|role| !role.is_empty() && role.bytes().all(is_name))
}

/// An hour of a role. The session has the name of the role.
fn assumed(account: &str, role: &str, partition: &str, request_id: &str) -> String {
    let name = role.rsplit('/').next().unwrap_or(role);
    format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <AssumeRoleResult>\n    \
         <AssumedRoleUser>\n      <Arn>arn:{partition}:sts::{account}:assumed-role/{name}/{name}</Arn>\n      \
         <AssumedRoleId>AROASIMULATED:{name}</AssumedRoleId>\n    </AssumedRoleUser>\n    <Credentials>\n      \
         <AccessKeyId>ASIASIMULATED</AccessKeyId>\n      <SecretAccessKey>simulated</SecretAccessKey>\n      \
         <SessionToken>simulated</SessionToken>\n      <Expiration>9999-12-31T23:59:59Z</Expiration>\n    \
         </Credentials>\n  </AssumeRoleResult>\n  <ResponseMetadata>\n    <RequestId>{request_id}</RequestId>\n  \
         </ResponseMetadata>\n</AssumeRoleResponse>\n"
    )
}

/// Nothing of the request is repeated in the text: it is the caller's, and it would have to be escaped.
fn refusal(code: &str, message: &str, request_id: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>\n    <Type>Sender</Type>\n    \
         <Code>{code}</Code>\n    <Message>{message}</Message>\n  </Error>\n  <RequestId>{request_id}</RequestId>\n\
         </ErrorResponse>\n"
    )
}
