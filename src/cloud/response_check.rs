//! Checks that a successful response is whole, because a read that was answered with nothing is no answer.
//!
//! # Guarantees
//! - A read whose response is not a JSON object, or lacks the member that AWS always sends, fails
//!   ([`Operation::expected_member`]).
//! - No response is longer than [`LONGEST`], so that no server can fill the memory.

use std::collections::HashMap;
use std::error::Error;

use aws_sdk_lambda::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeDeserializationInterceptorContextMut,
};
use aws_sdk_lambda::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_types::body::SdkBody;
use http_body_util::Limited;
use serde::de::IgnoredAny;

use crate::wire::Operation;

/// The largest size of a response. A page of 50 functions with full environments takes less than a megabyte.
const LONGEST: usize = 32 << 20;

/// A successful response that is not whole; the sentence says what is wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct IncompleteResponse(String);

impl IncompleteResponse {
    /// Returns the incomplete response that an error of the SDK wraps, if it does.
    pub(super) fn within<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a IncompleteResponse> {
        std::iter::successors(Some(error), |error| (*error).source()).find_map(|error| error.downcast_ref())
    }
}

/// Fails responses that are not whole.
#[derive(Debug)]
pub(super) struct CheckResponse;

#[dyn_dispatch_hint]
impl Intercept for CheckResponse {
    fn name(&self) -> &'static str {
        "CheckResponse"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response_mut();
        let body = response.take_body();
        *response.body_mut() = SdkBody::from_body_1_x(Limited::new(body, LONGEST));
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = config.load::<Metadata>().and_then(|metadata| named(metadata.name()));
        let Some(read) = operation.filter(|operation| !operation.is_write()) else { return Ok(()) };
        if context.output_or_error().is_err() {
            return Ok(());
        }
        let body = context.response().body().bytes().unwrap_or_default();
        lacking(read, body).map_or(Ok(()), |lacking| Err(IncompleteResponse(lacking).into()))
    }
}

/// Returns the operation of this name.
fn named(name: &str) -> Option<Operation> {
    Operation::ALL.iter().copied().find(|operation| operation.name() == name)
}

/// Returns a sentence about the missing part of a response, without a full stop.
fn lacking(read: Operation, body: &[u8]) -> Option<String> {
    let Ok(members) = serde_json::from_slice::<HashMap<String, Option<IgnoredAny>>>(body) else {
        return Some("it is not a JSON object".to_owned());
    };
    let member = read.expected_member()?;
    let is_there = members.get(member).is_some_and(Option::is_some);
    (!is_there).then(|| format!("it lacks `{member}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_without_its_member_is_not_whole() {
        let list = |body: &str| lacking(Operation::ListFunctions, body.as_bytes());
        assert_eq!(list(r#"{"Functions": []}"#), None);
        assert_eq!(list(r#"{"Functions": [{"FunctionName": "orders"}], "NextMarker": null}"#), None);
        for body in ["{}", r#"{"Functions": null}"#, r#"{"functions": []}"#] {
            assert_eq!(list(body).as_deref(), Some("it lacks `Functions`"), "{body}");
        }
        for body in ["", "null", "[]", "<html>", r#"{"Functions": ["#] {
            assert_eq!(list(body).as_deref(), Some("it is not a JSON object"), "{body}");
        }
    }

    #[test]
    fn two_reads_may_be_answered_with_an_empty_object_and_not_with_nothing() {
        for read in [Operation::GetFunctionConcurrency, Operation::GetFunctionCodeSigningConfig] {
            assert_eq!(lacking(read, b"{}"), None);
            assert!(lacking(read, b"").is_some());
        }
    }
}
