//! The spec of asynchronous invocation configurations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::destinations::InvokeDestinations;
use crate::resource::ResourceRef;

/// Lambda's qualifier for the unpublished function.
pub(super) const LATEST: &str = "$LATEST";

/// The asynchronous invocation of a function, a version or an alias.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventInvokeConfig {
    /// The number of retries when the function returns an error: 0 to 2.
    #[serde(default = "two")]
    #[schemars(range(min = 0, max = 2))]
    pub maximum_retry_attempts: i32,
    /// The longest time that an event may wait to be processed, in seconds: 60 to 21600, which is 6 hours.
    #[serde(default = "six_hours")]
    #[schemars(range(min = 60, max = 21600), extend("x-unit" = "seconds"))]
    pub maximum_event_age_in_seconds: i32,
    /// The destinations of invocation records. The function's role must be allowed to send it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination_config: Option<InvokeDestinations>,
}

pub(super) fn two() -> i32 {
    2
}

pub(super) fn six_hours() -> i32 {
    21600
}

/// The version or alias that it is for.
pub(super) fn qualifier(at: &ResourceRef) -> &str {
    at.names.get(1).map_or(LATEST, String::as_str)
}
