//! The spec of scaling configurations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kinds::version;
use crate::resource::ResourceRef;

/// The number of execution environments of a version on managed instances.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scaling {
    /// The least number of execution environments: 0 to 15000. Absent, it is Lambda's default of 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 15000))]
    pub min_execution_environments: Option<i32>,
    /// The largest number of execution environments: 0 to 15000. Absent, it is left to Lambda.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 15000))]
    pub max_execution_environments: Option<i32>,
}

/// The version that it is for.
pub(super) fn qualifier(at: &ResourceRef) -> &str {
    at.names.get(1).map_or(version::LATEST_PUBLISHED, String::as_str)
}
