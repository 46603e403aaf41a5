//! The spec of published versions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kinds::function::Function;
use crate::resource::ResourceRef;

/// The one version of a function on managed instances that is published again and again.
pub const LATEST_PUBLISHED: &str = "$LATEST.PUBLISHED";

/// Publishing of a function. An alias that asks for `published` creates it with these defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// True if the function publishes.
    #[serde(default = "yes")]
    #[schemars(extend("x-source" = true))]
    pub enabled: bool,
    /// The description of the versions to come; at most 256 characters. By itself it is no reason to publish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256), extend("x-source" = true))]
    pub description: Option<String>,
    /// The number of newest versions to keep. Versions that an alias, a mapping or provisioned concurrency uses are kept as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("x-source" = true))]
    pub retain_versions: Option<u32>,
    /// `LATEST_PUBLISHED` publishes to the one version `$LATEST.PUBLISHED` again and again, instead of to a new number each time; for functions on managed instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["LATEST_PUBLISHED"], "x-source" = true))]
    pub publish_to: Option<String>,
    /// True if the call that creates the function publishes the version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub at_creation: Option<bool>,
    /// The content that the version freezes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub content: Option<Box<Function>>,
}

pub(super) fn yes() -> bool {
    true
}

/// Returns true if the word is the number of a version.
pub fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn arn(at: &ResourceRef, version: &str) -> String {
    at.scope.arn(&format!("function:{}:{version}", at.outer()))
}
