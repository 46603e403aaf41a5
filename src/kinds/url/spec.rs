//! The spec of function URLs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cors::Cors;
use crate::model::KindId;

/// The name of the kind, for the kinds of the same function.
pub const KIND: KindId = KindId::Url;

/// An HTTPS address of a function or of an alias. It stays the same as long as the URL is not deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Url {
    /// The authentication: `AWS_IAM` for callers that sign their requests, `NONE` for everybody.
    #[schemars(extend("enum" = ["AWS_IAM", "NONE"]))]
    pub auth_type: String,
    /// The web pages of other origins that may use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cors: Option<Cors>,
    /// `BUFFERED` answers when the function has ended, with up to 6 MB; `RESPONSE_STREAM` while it runs.
    #[serde(default = "buffered")]
    #[schemars(extend("enum" = ["BUFFERED", "RESPONSE_STREAM"]))]
    pub invoke_mode: String,
    /// True if `auth_type: NONE` adds the two statements that open the URL, and `AWS_IAM` removes them.
    #[serde(default = "yes")]
    #[schemars(extend("x-source" = true))]
    pub public_statements: bool,
}

pub(super) fn buffered() -> String {
    "BUFFERED".to_owned()
}

pub(super) fn yes() -> bool {
    true
}

impl Url {
    /// The `auth_type` that the policy of the same place should match, unless the policy is to be left alone.
    pub(crate) fn policy_wish(&self) -> Option<&str> {
        self.public_statements.then_some(self.auth_type.as_str())
    }
}
