//! The spec of reserved concurrency.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// The number of simultaneous executions that are reserved for a function, and that it may not exceed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-null" = true))]
pub struct ReservedConcurrency {
    /// Simultaneous executions; 0 stops the function. `unreserved`, or -1, reserves none, which is AWS's default.
    #[serde(default, deserialize_with = "reservation")]
    #[schemars(range(min = -1), extend("x-words" = {"unreserved": null}))]
    pub reserved_concurrent_executions: Option<i32>,
}

/// Reads a reservation, of which -1 is none, as in other tools.
fn reservation<'de, D: Deserializer<'de>>(value: D) -> Result<Option<i32>, D::Error> {
    Ok(Option::<i32>::deserialize(value)?.filter(|reserved| *reserved >= 0))
}
