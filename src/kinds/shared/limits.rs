//! The limits that reserved and provisioned concurrency share, by the names that order their writes.

use crate::resource::ResourceRef;

/// The limit of what is left for functions that reserve nothing.
pub fn unreserved() -> String {
    "unreserved concurrency of the account".to_owned()
}

/// The limit of what the function has reserved, of which it may provision some.
pub fn reserved(at: &ResourceRef) -> String {
    format!("reserved concurrency of {}", at.outer())
}

/// The limit below which the function's reserved concurrency may not fall.
pub fn reserved_above_provisioned(at: &ResourceRef) -> String {
    format!("room below the provisioned concurrency of {}", at.outer())
}
