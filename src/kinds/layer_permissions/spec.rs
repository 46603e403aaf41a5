//! The spec of layers' policies.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Statements by their ids. Live statements that are not named here are left alone unless pruned.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-open" = true))]
pub struct LayerPermissions {
    /// The number of the layer's version that the statements are for.
    #[serde(rename = "$version", default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub version: Option<String>,
    /// The statements.
    #[serde(flatten)]
    pub statements: BTreeMap<String, LayerStatement>,
}

/// Allows a principal to use the layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerStatement {
    /// The principal: the number of an account, the ARN of its root, or `*` for everybody or a whole organization.
    #[schemars(length(max = 10000), regex(pattern = r"^(\d{12}|\*|arn:(aws[a-zA-Z-]*):iam::\d{12}:root)$"))]
    pub principal: String,
    /// Only accounts of this organization; with the principal `*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 34), regex(pattern = r"^o-[a-z0-9]{10,32}$"))]
    pub organization_id: Option<String>,
    /// The allowed action; Lambda knows only `lambda:GetLayerVersion`.
    #[serde(default = "get_layer_version")]
    #[schemars(extend("enum" = ["lambda:GetLayerVersion"]))]
    pub action: String,
}

pub(super) fn get_layer_version() -> String {
    "lambda:GetLayerVersion".to_owned()
}
