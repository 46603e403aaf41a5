//! The spec of functions' code signing configurations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The code signing configuration that the function's code is checked against. Only for zip packages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FunctionCodeSigning {
    /// The ARN of a code signing configuration: `${code_signing_configs.NAME.arn}`, or one of another stack.
    #[schemars(
        length(max = 200),
        regex(
            pattern = r"^arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:code-signing-config:csc-[a-z0-9]{17}$"
        )
    )]
    pub code_signing_config_arn: String,
    /// True if the call that creates the function sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub at_creation: Option<bool>,
}
