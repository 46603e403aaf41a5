//! The spec of reserved concurrency.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The number of simultaneous executions that are reserved for a function, and that it may not exceed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReservedConcurrency {
    /// Simultaneous executions; 0 stops the function.
    #[schemars(range(min = 0))]
    pub reserved_concurrent_executions: i32,
}
