//! The spec of provisioned concurrency.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::Address;
use crate::resource::{Context, Declare as _, ResourceRef};

/// The number of execution environments that Lambda keeps ready for an alias or a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvisionedConcurrency {
    /// Execution environments; at least 1, and all of a function's aliases together at most its reserved concurrency.
    #[schemars(range(min = 1))]
    pub provisioned_concurrent_executions: i32,
    /// True if Lambda gave up allocating them, which putting the same number again repairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub failed: Option<bool>,
}

/// Returns the allocations declared for the other aliases and versions of the same function.
pub(super) fn other_allocations(at: &ResourceRef, cx: &dyn Context) -> Vec<(Address, i64)> {
    let all = cx.below(ProvisionedConcurrency::KIND, &at.address.keys[..1]).into_iter();
    let others = all.filter(|other| **other != at.address);
    let executions =
        |other: &Address| Some(i64::from(cx.get::<ProvisionedConcurrency>(other)?.provisioned_concurrent_executions));
    others.filter_map(|other| Some((other.clone(), executions(other)?))).collect()
}
