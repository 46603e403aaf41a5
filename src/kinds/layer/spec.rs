//! The spec of layers, and their names in the account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kinds::shared::package_source::S3;
use crate::kinds::shared::runtimes;
use crate::model::AttributeName;
use crate::resource::{Observed, ResourceRef};

/// A package of libraries or data that functions share. Every change publishes a new version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// The layer's name in the account, if it is not the spec's key; at most 140 letters, digits, `-` and `_`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[a-zA-Z0-9-_]{1,140}$"), extend("x-source" = true))]
    pub layer_name: Option<String>,
    /// A description; at most 256 characters.
    #[serde(default)]
    #[schemars(length(max = 256))]
    pub description: String,
    /// The licence: an SPDX identifier, the URL of its text, or the text; at most 512 characters.
    #[serde(default)]
    #[schemars(length(max = 512))]
    pub license_info: String,
    /// The runtimes that the layer is for, at most 15. Lambda does not enforce it.
    #[serde(default)]
    #[schemars(
        length(max = 15),
        extend("x-set" = true, "items" = {
            "type": "string",
            "enum": runtimes::all(),
            "x-open-enum": "AWS adds and deprecates runtimes; this one is not known to trueup",
        })
    )]
    pub compatible_runtimes: Vec<String>,
    /// The instruction sets that the layer is for: `x86_64`, `arm64` or both.
    #[serde(default)]
    #[schemars(length(max = 2), extend("x-set" = true), inner(regex(pattern = r"^(x86_64|arm64)$")))]
    pub compatible_architectures: Vec<String>,
    /// The source of the package.
    pub code: LayerCode,
    /// The number of newest versions to keep. Versions that functions of this spec use are kept as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("x-source" = true))]
    pub retain_versions: Option<u32>,
    /// The newest version that functions of the spec use, which may have been deleted under them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true, "x-source" = true))]
    pub used: Option<u64>,
}

/// The source of a layer's package: exactly one of `dir`, `zip` and `s3`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerCode {
    /// A directory, zipped the same way every time. What its `.lambdaignore` names is left out, in the syntax of
    /// `.gitignore`, and `.git`, `.env`, `.venv`, `.trueup`, `__pycache__` and `node_modules/.cache` unless it takes them in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-source" = true))]
    pub dir: Option<String>,
    /// The symbolic links in `dir`: `follow` packs what a link within the directory leads to and refuses others, `keep`
    /// packs links as links. Default `follow`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["follow", "keep"], "x-source" = true))]
    pub links: Option<String>,
    /// A zip file, deployed unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-source" = true))]
    pub zip: Option<String>,
    /// A zip file in S3. Give its `sha256`, because Lambda does not always report where a layer came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-optional" = true))]
    pub s3: Option<S3>,
    /// Lambda's CodeSha256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub sha256: Option<String>,
}

/// The layer's name, be it for the layer or for one of its old versions.
pub fn name(at: &ResourceRef) -> &str {
    at.outer()
}

/// The number of the version that was observed.
pub(super) fn version(live: &Observed<Layer>) -> Option<u64> {
    live.text(&AttributeName::VERSION)?.parse().ok()
}

pub(super) fn layer_arn(at: &ResourceRef) -> String {
    at.scope.arn(&format!("layer:{}", name(at)))
}

/// The ARN of a version.
pub fn arn(at: &ResourceRef, version: &str) -> String {
    format!("{}:{version}", layer_arn(at))
}
