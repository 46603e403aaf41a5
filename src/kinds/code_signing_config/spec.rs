//! The spec of code signing configurations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kinds::shared::tags::{TAG_VALUE, Tags};

/// The tag on live configurations that names the address of their declaration.
pub const CONFIG_TAG: &str = "trueup:code-signing-config";

/// The signatures that Lambda trusts. Functions refer to it as `code_signing_config_arn: ${code_signing_configs.NAME.arn}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeSigningConfig {
    /// A description; at most 256 characters.
    #[serde(default)]
    #[schemars(length(max = 256))]
    pub description: String,
    /// The signers that are trusted.
    pub allowed_publishers: AllowedPublishers,
    /// The response to code without a trusted signature.
    #[serde(default)]
    pub code_signing_policies: CodeSigningPolicies,
    /// Up to 48 tags, since AWS takes 50 and two are ours; live tags that are not named here are left alone unless pruned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-open" = true, "x-optional" = true, "maxProperties" = 48, "additionalProperties" = {"type": "string", "maxLength": 256, "pattern": TAG_VALUE}))]
    pub tags: Option<Tags>,
}

/// The signers that are trusted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AllowedPublishers {
    /// The ARNs of 1 to 20 versions of signing profiles.
    #[schemars(
        length(min = 1, max = 20),
        inner(
            length(max = 10000),
            regex(
            pattern = r"^arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)$"
        )),
        extend("x-set" = true)
    )]
    pub signing_profile_version_arns: Vec<String>,
}

/// The response to code without a trusted signature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeSigningPolicies {
    /// `Warn` lets it in and writes to CloudWatch, `Enforce` rejects it.
    #[serde(default = "warn")]
    #[schemars(extend("enum" = ["Warn", "Enforce"]))]
    pub untrusted_artifact_on_deployment: String,
}

impl Default for CodeSigningPolicies {
    fn default() -> Self {
        CodeSigningPolicies { untrusted_artifact_on_deployment: warn() }
    }
}

pub(super) fn warn() -> String {
    "Warn".to_owned()
}
