//! The spec of runtime management configurations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::resource::ResourceRef;

/// Lambda's qualifier for the unpublished function.
pub(super) const LATEST: &str = "$LATEST";

/// AWS's default.
pub(super) const AUTO: &str = "Auto";

/// The updates of the runtime of a function or of a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuntimeManagement {
    /// `Auto` as AWS rolls builds out, `FunctionUpdate` whenever the function is updated, `Manual` never.
    #[serde(default = "auto")]
    #[schemars(extend("enum" = ["Auto", "Manual", "FunctionUpdate"]))]
    pub update_runtime_on: String,
    /// The ARN of the build to stay at; with `Manual`, and only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 26, max = 2048),
        regex(
            pattern = r"^((arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}::runtime:.+)|(arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:runtime/[A-Za-z0-9_.-]{1,128}/version/[A-Za-z0-9_.-]{1,128}))$"
        )
    )]
    pub runtime_version_arn: Option<String>,
}

pub(super) fn auto() -> String {
    AUTO.to_owned()
}

/// The version that it is for.
pub(super) fn qualifier(at: &ResourceRef) -> &str {
    at.names.get(1).map_or(LATEST, String::as_str)
}
