//! The rules for tags.

use std::collections::BTreeMap;

use crate::sim::context::api_error::ApiError;

const LIMIT: usize = 50;

/// Refuses tags that one thing cannot have together, or that only AWS itself writes.
pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if tags.len() > LIMIT {
        return Err(ApiError::invalid_parameter("Number of tags exceeds resource tag limit."));
    }
    let reserved = |key: &String| key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
    if tags.keys().any(reserved) {
        return Err(ApiError::invalid_parameter("Tag keys starting with 'aws:' are reserved for internal use."));
    }
    Ok(())
}
