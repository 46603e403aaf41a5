//! The spec of provisioned concurrency.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::model::Address;
use crate::resource::{Context, Declare as _, ResourceRef};

/// The number of execution environments that Lambda keeps ready for an alias or a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-null" = true))]
pub struct ProvisionedConcurrency {
    /// Execution environments; all of a function's aliases together at most its reserved concurrency. `none`, or 0, keeps
    /// none ready, which is AWS's default.
    #[serde(default, deserialize_with = "allocation")]
    #[schemars(range(min = 0), extend("x-words" = {"none": null}))]
    pub provisioned_concurrent_executions: Option<i32>,
    /// True if Lambda gave up allocating them, which putting the same number again repairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-derived" = true))]
    pub failed: Option<bool>,
}

/// Reads an allocation, of which 0 is none: Lambda takes at least 1.
fn allocation<'de, D: Deserializer<'de>>(value: D) -> Result<Option<i32>, D::Error> {
    Ok(Option::<i32>::deserialize(value)?.filter(|executions| *executions > 0))
}

/// Returns the allocations declared for the other aliases and versions of the same function.
pub(super) fn other_allocations(at: &ResourceRef, cx: &dyn Context) -> Vec<(Address, i64)> {
    let all = cx.below(ProvisionedConcurrency::KIND, &at.address.keys[..1]).into_iter();
    let others = all.filter(|other| **other != at.address);
    let executions =
        |other: &Address| cx.get::<ProvisionedConcurrency>(other)?.provisioned_concurrent_executions.map(i64::from);
    others.filter_map(|other| Some((other.clone(), executions(other)?))).collect()
}
