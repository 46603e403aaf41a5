//! The spec of aliases.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::resource::ResourceRef;

/// The word that stands for the version that this spec publishes.
pub const PUBLISHED: &str = "published";

/// A name for a version of a function. Everything attached to the name follows when it moves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// The version that the alias points to: `published` for the version that this spec publishes, a number, or `$LATEST`.
    #[schemars(length(min = 1, max = 1024), regex(pattern = r"^(published|\$LATEST(\.PUBLISHED)?|[0-9]+)$"))]
    pub function_version: String,
    /// A description; at most 256 characters.
    #[serde(default)]
    #[schemars(length(max = 256))]
    pub description: String,
    /// A second version that takes a share of the traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_config: Option<RoutingConfig>,
}

impl Alias {
    /// Returns true if the alias sends traffic to this version.
    pub fn sends_to(&self, version: &str) -> bool {
        let routing = self.routing_config.as_ref();
        self.function_version == version
            || routing.is_some_and(|routing| routing.additional_version_weights.contains_key(version))
    }
}

/// The ARN of an alias.
pub(super) fn arn(at: &ResourceRef) -> String {
    at.scope.arn(&format!("function:{}:{}", at.outer(), at.own()))
}

/// The traffic split of an alias.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoutingConfig {
    /// The number of the second version and its share, from 0.0 to 1.0; the alias's own version takes the rest.
    #[schemars(extend("maxProperties" = 1, "additionalProperties" = {"type": "number", "format": "double", "minimum": 0.0, "maximum": 1.0}))]
    pub additional_version_weights: BTreeMap<String, f64>,
}
